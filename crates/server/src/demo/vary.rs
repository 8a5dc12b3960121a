//! Makes what is told again a thing of its own.
//!
//! A capture that comes again next morning holds the same tickets, nonces and challenges. On a real
//! network none of these ever comes twice: the same ticket a day later would be one that outlived its
//! end, the same challenge a replay. So each time a capture is told, these get values that no other
//! time has, the same ones wherever they stand within that time. Times move with the event, also those
//! that a fact tells; those of certificates, which are made once for years, do not. Everything else,
//! also the packets that prove it, is as it was captured: who, where, with what stack, how it ended.

use jiff::civil::DateTime;
use realmward_event::kerberos::{
    KerberosRefused, RequestShape, ServiceTicketRequested, Ticket, TicketGrantRequested,
};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Event, Fact, SessionPrincipal, Source};
use realmward_vocab::{EventTime, FileId, FlowId, PacketRef, TicketHash};

/// One time at which a capture is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    /// From 1.
    pub(super) number: u32,
    /// By how many nanoseconds it is moved.
    pub(super) shift: i64,
}

impl Telling {
    /// Makes an event one of this telling.
    pub(super) fn event(self, event: &mut Event) {
        event.time = self.moved(event.time);
        for packet in &mut event.evidence {
            self.packet(packet);
        }
        if let Source::Wire(flow) = &mut event.source {
            *flow = FlowId(u64::from(self.number) << FLOW_BITS | flow.0);
        }
        self.fact(&mut event.fact);
    }

    /// Each telling is a file of its own, in which packets keep their numbers.
    pub(super) const fn packet(self, packet: &mut PacketRef) {
        packet.file = FileId(self.number);
    }

    /// A time of the capture, when it is told.
    pub(super) const fn moved(self, time: EventTime) -> EventTime {
        EventTime::from_unix_nanoseconds(time.unix_nanoseconds().saturating_add(self.shift))
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
            Fact::KerberosRefused(it) => self.refusal(it),
            Fact::TicketPresented(it) => self.ticket(&mut it.ticket),
            Fact::PasswordChangeRequested(it) => self.ticket(&mut it.ticket),
            Fact::NtlmAuthenticated(it) => self.ntlm(it),
            Fact::NetworkSessionReported(it) => it.session.push_str(&format!("-{}", self.number)),
            Fact::SmbSessionAnswered(it) => self.principal(&mut it.principal),
            Fact::SmbSessionEncrypted(it) => self.principal(&mut it.principal),
            Fact::ShareOpened(it) => self.principal(&mut it.principal),
            Fact::FileOpened(it) => self.principal(&mut it.principal),
            Fact::FileClosed(it) => self.principal(&mut it.principal),
            Fact::RpcBound(it) => self.principal(&mut it.principal),
            Fact::RpcCalled(it) => self.principal(&mut it.principal),
            Fact::DirectoryBound(it) => self.principal(&mut it.principal),
            Fact::DirectorySearched(it) => self.principal(&mut it.principal),
            Fact::DirectoryChanged(it) => self.principal(&mut it.principal),
            Fact::DirectoryExtended(it) => self.principal(&mut it.principal),
            Fact::DirectorySessionSealed(it) => self.principal(&mut it.principal),
            Fact::HttpAuthenticated(it) => self.principal(&mut it.principal),
            Fact::WebServiceBound(it) => self.principal(&mut it.principal),
            Fact::NamesAsked(it) => {
                it.since = self.moved(it.since);
                it.until = self.moved(it.until);
            }
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

    fn refusal(self, it: &mut KerberosRefused) {
        it.presented.iter_mut().for_each(|it| self.ticket(it));
        for time in [&mut it.server_time, &mut it.client_time] {
            time.iter_mut().for_each(|it| *it = self.moved(*it));
        }
    }

    /// Most clients fill 31 bits of the nonce; how many a client fills shows its stack.
    fn shape(self, it: &mut RequestShape) {
        if it.nonce != 0 {
            it.nonce ^= u32::try_from(self.salt() >> 33).unwrap_or_default();
        }
        self.written(&mut it.till);
        it.rtime.iter_mut().for_each(|it| self.written(it));
        let armour = it.fast.iter_mut().filter_map(|it| it.armour.as_mut());
        armour.for_each(|it| self.ticket(it));
    }

    /// A time as Kerberos writes it; a stack that always writes the same one, far away, goes on doing so.
    fn written(self, time: &mut String) {
        let shift = jiff::SignedDuration::from_nanos(self.shift);
        let read = DateTime::strptime(KERBEROS_TIME, time.as_str());
        let moved = read.and_then(|it| it.checked_add(shift));
        if let Ok(moved) = moved
            && moved.year() < FAR
        {
            *time = moved.strftime(KERBEROS_TIME).to_string();
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
        for time in [&mut it.server_time, &mut it.response_time] {
            time.iter_mut().for_each(|it| *it = self.moved(*it));
        }
    }

    const fn salt(self) -> u64 {
        mixed(self.number as u64)
    }
}

/// A number that looks like no other (the end of SplitMix64, which maps no two numbers to one).
pub(super) const fn mixed(number: u64) -> u64 {
    let it = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ it >> 31
}

/// `KerberosTime` (RFC 4120 section 5.2.3).
const KERBEROS_TIME: &str = "%Y%m%d%H%M%SZ";

/// Windows and impacket ask for tickets until 2037, whatever the day.
const FAR: i16 = 2035;

/// A capture has far fewer conversations.
const FLOW_BITS: u32 = 20;
