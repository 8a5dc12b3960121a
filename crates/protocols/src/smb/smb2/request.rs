//! What the client asks. Requests wait under their `MessageId` until they are answered.

use super::super::asked::{Asked, Question};
use super::super::logon::Logon;
use super::super::opens::{Deed, Owner};
use super::super::text;
use super::message::{
    Change, Command, FILE_OPEN, FSCTL_PIPE_TRANSCEIVE, FSCTL_SRV_COPYCHUNK, SetInfo,
};
use super::negotiate;
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
                match carried.ctl_code {
                    FSCTL_PIPE_TRANSCEIVE => Question::Transceive(self.carry(carried, facts)),
                    code if FSCTL_SRV_COPYCHUNK.contains(&code) => {
                        Question::Copy(self.file(carried.file_id))
                    }
                    _ => return Ok(()),
                }
            }
            Command::SET_INFO => match self.set_info()? {
                Some(question) => question,
                None => return Ok(()),
            },
            Command::QUERY_DIRECTORY => match self.query_directory()? {
                Some(question) => question,
                None => return Ok(()),
            },
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
        let request = negotiate::request(self.message)?;
        let name = request.contexts.net_name.as_deref();
        let fact = SmbNegotiated {
            client_signing_required: request.signing_required(),
            server_name: name.map(|name| text::ending(&text::decode(name, true)).to_owned()),
            dialects: request.dialects,
            client_guid: Some(request.client_guid),
            client_capabilities: request.capabilities,
            contexts: request.contexts.kinds,
            ciphers: request.contexts.ciphers,
            signing_algorithms: request.contexts.signing_algorithms,
            compressions: request.contexts.compressions,
            ..SmbNegotiated::default()
        };
        self.connection.negotiation.ask(fact, self.moment);
        Ok(())
    }

    fn session_setup(&mut self, facts: &mut Facts) -> Result<Question, ParseError> {
        let request = parse::session_setup_request(self.message)?;
        let session = self.header.session_id;
        let mut logon = self
            .connection
            .sessions
            .logon(session)
            .unwrap_or_else(|| Box::new(Logon::by_tokens()));
        logon.binds |= request.binds();
        logon.resumes |= request.previous_session_id != 0;
        logon.ask(request.token, self.moment, facts);
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
        opening.disposition = u8::try_from(request.create_disposition).ok();
        opening.options = request.create_options;
        self.chain.file = None;
        Ok(Question::Create(Box::new(opening)))
    }

    fn set_info(&mut self) -> Result<Option<Question>, ParseError> {
        let SetInfo { file_id, change } = parse::set_info(self.message)?;
        let deed = match change {
            Change::Rename(name) => Deed::Renames(text::decode(name, true)),
            Change::Disposition(true) => Deed::Deletes,
            Change::Disposition(false) => Deed::Keeps,
            Change::Other => return Ok(None),
        };
        Ok(Some(Question::Deed(self.file(file_id), deed)))
    }

    /// A search; one that goes on where the last answer ended says nothing new.
    fn query_directory(&mut self) -> Result<Option<Question>, ParseError> {
        let (file_id, pattern) = parse::query_directory(self.message)?;
        let file = self.file(file_id);
        let owner = self.chain.owner;
        let pattern = text::decode(pattern, true);
        Ok(self
            .connection
            .is_searched(owner, &pattern)
            .then(|| Question::Deed(file, Deed::Searches(pattern))))
    }
}
