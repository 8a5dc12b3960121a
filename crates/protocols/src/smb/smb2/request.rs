//! What the client asks. Requests wait under their `MessageId` until they are answered.

use super::super::asked::{Asked, Question};
use super::super::logon::Logon;
use super::super::opens::Owner;
use super::super::text;
use super::message::{Command, FILE_OPEN, FSCTL_PIPE_TRANSCEIVE};
use super::parse;
use super::session::{Chain, Turn};
use crate::Facts;
use crate::wire::ParseError;
use realmward_event::smb::SmbNegotiated;
use realmward_vocab::ShareName;

impl Turn<'_> {
    pub(super) fn request(mut self, facts: &mut Facts) -> Result<(), ParseError> {
        let header = self.header;
        if !header.is_related() {
            *self.chain = Chain {
                owner: Owner {
                    session: header.session_id,
                    tree: header.tree_id.unwrap_or_default(),
                },
                file: None,
            };
        }
        let question = match header.command {
            Command::NEGOTIATE => return self.negotiate(),
            Command::SESSION_SETUP => self.session_setup(facts)?,
            Command::LOGOFF => Question::Logoff,
            Command::TREE_CONNECT => {
                let path = parse::tree_connect_request(self.message)?;
                Question::TreeConnect(ShareName::new(text::decode(path, true)))
            }
            Command::TREE_DISCONNECT => Question::TreeDisconnect,
            Command::CREATE => self.create()?,
            Command::CLOSE => Question::Close(self.file(parse::close_request(self.message)?)),
            Command::READ => Question::Read(self.file(parse::read_request(self.message)?)),
            Command::WRITE => {
                let carried = parse::write_request(self.message)?;
                self.carry(carried, facts);
                return Ok(());
            }
            Command::IOCTL => {
                let carried = parse::ioctl_request(self.message)?;
                if carried.ctl_code != FSCTL_PIPE_TRANSCEIVE {
                    return Ok(());
                }
                Question::Transceive(self.carry(carried, facts))
            }
            _ => return Ok(()),
        };
        let asked = Asked {
            question,
            owner: self.chain.owner,
            scope: self.chain.owner.session,
            moment: self.moment,
        };
        self.connection.ask(header.message_id, asked, facts);
        Ok(())
    }

    fn negotiate(self) -> Result<(), ParseError> {
        let request = parse::negotiate_request(self.message)?;
        let fact = SmbNegotiated {
            dialects: request.dialects,
            client_guid: Some(request.client_guid),
            client_capabilities: request.capabilities,
            ..SmbNegotiated::default()
        };
        self.connection.negotiation.ask(fact, self.moment);
        Ok(())
    }

    fn session_setup(&mut self, facts: &mut Facts) -> Result<Question, ParseError> {
        let token = parse::session_setup_request(self.message)?;
        let session = self.header.session_id;
        let mut logon = self
            .connection
            .sessions
            .logon(session)
            .unwrap_or_else(|| Box::new(Logon::by_tokens()));
        logon.ask(token, self.moment, facts);
        self.connection.claim(&logon);
        Ok(Question::SessionSetup(logon))
    }

    fn create(&mut self) -> Result<Question, ParseError> {
        let request = parse::create_request(self.message)?;
        let owner = self.chain.owner;
        let name = text::decode(request.name, true);
        let mut opening = self.connection.opening(owner.session, owner, name);
        opening.access = request.desired_access;
        opening.may_create = request.create_disposition != FILE_OPEN;
        self.chain.file = None;
        Ok(Question::Create(Box::new(opening)))
    }
}
