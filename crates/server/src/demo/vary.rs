//! Makes what is told again a thing of its own.
//!
//! A capture that comes again next morning holds the same tickets, nonces and challenges. On a real
//! network none of these ever comes twice: the same ticket a day later would be one that outlived its
//! end, the same challenge a replay. So each time a capture is told, these get values that no other
//! time has, the same ones wherever they stand within that time. Everything else, also the packets that
//! prove it, is as it was captured: who, where, with what stack, how it ended.

use realmward_event::kerberos::{
    RequestShape, ServiceTicketRequested, Ticket, TicketGrantRequested,
};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Event, Fact, SessionPrincipal, Source};
use realmward_vocab::{FileId, FlowId, PacketRef, TicketHash};

/// One time at which a capture is told: 1 is the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling(pub(super) u32);

impl Telling {
    /// Makes an event one of this telling.
    pub(super) fn event(self, event: &mut Event) {
        for packet in &mut event.evidence {
            self.packet(packet);
        }
        if let Source::Wire(flow) = &mut event.source {
            *flow = FlowId(u64::from(self.0) << FLOW_BITS | flow.0);
        }
        self.fact(&mut event.fact);
    }

    /// Each telling is a file of its own, in which packets keep their numbers.
    pub(super) fn packet(self, packet: &mut PacketRef) {
        packet.file = FileId(self.0);
    }

    fn fact(self, fact: &mut Fact) {
        match fact {
            Fact::TicketGrantRequested(it) => self.grant(it),
            Fact::TicketGranted(it) => {
                self.ticket(&mut it.ticket);
                it.request.iter_mut().for_each(|it| self.grant(it));
            }
            Fact::ServiceTicketRequested(it) => self.request(it),
            Fact::ServiceTicketIssued(it) => {
                self.ticket(&mut it.ticket);
                it.request.iter_mut().for_each(|it| self.request(it));
            }
            Fact::KerberosRefused(it) => it.presented.iter_mut().for_each(|it| self.ticket(it)),
            Fact::TicketPresented(it) => self.ticket(&mut it.ticket),
            Fact::NtlmAuthenticated(it) => self.ntlm(it),
            Fact::NetworkSessionReported(it) => it.session.push_str(&format!("-{}", self.0)),
            Fact::SmbSessionAnswered(it) => self.principal(&mut it.principal),
            Fact::SmbSessionEncrypted(it) => self.principal(&mut it.principal),
            Fact::ShareOpened(it) => self.principal(&mut it.principal),
            Fact::FileOpened(it) => self.principal(&mut it.principal),
            Fact::RpcBound(it) => self.principal(&mut it.principal),
            Fact::RpcCalled(it) => self.principal(&mut it.principal),
            Fact::DirectoryBound(it) => self.principal(&mut it.principal),
            Fact::DirectorySearched(it) => self.principal(&mut it.principal),
            _ => {}
        }
    }

    fn grant(self, it: &mut TicketGrantRequested) {
        self.shape(&mut it.shape);
    }

    fn request(self, it: &mut ServiceTicketRequested) {
        self.ticket(&mut it.presented);
        it.additional_tickets
            .iter_mut()
            .for_each(|it| self.ticket(it));
        self.shape(&mut it.shape);
    }

    /// Most clients fill 31 bits; how many a client fills shows its stack.
    fn shape(self, it: &mut RequestShape) {
        if it.nonce != 0 {
            it.nonce ^= u32::try_from(self.salt() >> 33).unwrap_or_default();
        }
    }

    fn ticket(self, it: &mut Ticket) {
        self.hash(&mut it.hash);
    }

    fn principal(self, it: &mut SessionPrincipal) {
        if let SessionPrincipal::Ticket(hash) = it {
            self.hash(hash);
        }
    }

    /// A hash that is not there stays so.
    fn hash(self, it: &mut TicketHash) {
        if *it != TicketHash::default() {
            let salt = self.salt();
            it.0 ^= u128::from(salt) << 64 | u128::from(mixed(salt));
        }
    }

    /// A client's challenge of letters and digits shows its stack, so that one stays.
    fn ntlm(self, it: &mut NtlmAuthenticated) {
        let is_text = |it: &u64| it.to_le_bytes().iter().all(u8::is_ascii_alphanumeric);
        for value in [&mut it.server_challenge, &mut it.proof] {
            value.iter_mut().for_each(|it| *it ^= self.salt());
        }
        let client = it.client_challenge.iter_mut();
        client
            .filter(|it| !is_text(it))
            .for_each(|it| *it ^= self.salt());
    }

    const fn salt(self) -> u64 {
        mixed(self.0 as u64)
    }
}

/// A number that looks like no other (the end of SplitMix64, which maps no two numbers to one).
pub(super) const fn mixed(number: u64) -> u64 {
    let it = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ it >> 31
}

/// A capture has far fewer conversations.
const FLOW_BITS: u32 = 20;
