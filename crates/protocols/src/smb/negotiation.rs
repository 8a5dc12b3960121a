//! The agreement on a dialect. A client may begin with SMB1 and go on with SMB2
//! (MS-SMB2 section 3.3.5.3): that is one negotiation.

use super::asked::Moment;
use crate::Facts;
use realmward_event::Fact;
use realmward_event::smb::SmbNegotiated;
use realmward_vocab::{Guid, PacketRef};

/// What is known of the agreement.
#[derive(Debug, Default)]
pub(crate) struct Negotiation {
    asked: Option<Box<Asked>>,
    /// `Challenge` of the SMB1 answer, for clients that log on without extended security.
    pub(crate) challenge: Option<u64>,
    /// The SMB1 server takes passwords in clear.
    pub(crate) takes_plaintext: bool,
}

#[derive(Debug, Default)]
struct Asked {
    fact: SmbNegotiated,
    evidence: Vec<PacketRef>,
    /// The last request's place, for one that has no answer.
    moment: Moment,
}

/// What the server chose, and what it says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) dialect: Option<u16>,
    pub(crate) signing_required: bool,
    pub(crate) server_guid: Option<Guid>,
    pub(crate) capabilities: u32,
    pub(crate) cipher: Option<u16>,
}

impl Negotiation {
    /// The client asks, or asks again in SMB2 what it asked in SMB1.
    pub(crate) fn ask(&mut self, fact: SmbNegotiated, moment: Moment) {
        let before = self.asked.take().unwrap_or_default();
        let mut evidence = before.evidence;
        evidence.truncate(EVIDENCE_LEGS_MAX);
        evidence.extend(moment.packets());
        self.asked = Some(Box::new(Asked {
            fact: SmbNegotiated {
                offers_smb1: fact.offers_smb1 || before.fact.offers_smb1,
                ..fact
            },
            evidence,
            moment,
        }));
    }

    /// The server chose, or asked to go on in SMB2.
    pub(crate) fn answer(&mut self, answered: Answered, moment: Moment, facts: &mut Facts) {
        let mut asked = self.asked.take().unwrap_or_default();
        asked.evidence.extend(moment.packets());
        if answered.dialect == Some(DIALECT_ANY_SMB2) {
            self.asked = Some(asked);
            return;
        }
        let fact = SmbNegotiated {
            dialect: answered.dialect,
            signing_required: answered.signing_required,
            server_guid: answered.server_guid,
            server_capabilities: answered.capabilities,
            cipher: answered.cipher,
            ..asked.fact
        };
        facts.report(moment.at, &asked.evidence, Fact::SmbNegotiated(fact));
    }

    /// Whether the client asked and the server was not heard.
    pub(crate) const fn is_unanswered(&self) -> bool {
        self.asked.is_some()
    }

    /// No answer will come.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        if let Some(asked) = self.asked.take() {
            let fact = Fact::SmbNegotiated(asked.fact);
            facts.report(asked.moment.at, &asked.evidence, fact);
        }
    }
}

/// "SMB2 wildcard revision number" (MS-SMB2 section 2.2.4).
const DIALECT_ANY_SMB2: u16 = 0x02ff;

/// A negotiation has two legs of two messages; a client that asks without end proves no more.
const EVIDENCE_LEGS_MAX: usize = 8;
