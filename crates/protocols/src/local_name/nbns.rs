//! The NetBIOS name service (RFC 1002 section 4.2): names asked for, answered, claimed and given up.

use super::netbios::{self, Name};
use super::told::Told;
use crate::wire::{ParseError, Reader, Waiting};
use crate::{Facts, Stamp};
use realmward_event::Fact;
use realmward_event::local_name::{
    LocalName, LocalNameAnswered, LocalNameAsked, NameClaim, NameService, NetbiosNameClaimed,
};
use realmward_vocab::{Direction, PacketRef};
use std::net::IpAddr;

/// What a host and another, or all, said.
#[derive(Debug, Default)]
pub(super) struct Talk {
    claims: Waiting<u16, (NetbiosNameClaimed, Stamp)>,
    told: Told,
}

/// A message (RFC 1002 section 4.2.1).
struct Header {
    id: u16,
    flags: u16,
    questions: u16,
    answers: u16,
    additional: u16,
}

impl Header {
    fn read(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let id = reader.u16_be()?;
        let flags = reader.u16_be()?;
        let questions = reader.u16_be()?;
        let answers = reader.u16_be()?;
        reader.skip(2)?;
        Ok(Self {
            id,
            flags,
            questions,
            answers,
            additional: reader.u16_be()?,
        })
    }

    const fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    const fn opcode(&self) -> u16 {
        self.flags >> 11 & 0x0f
    }

    const fn is_broadcast(&self) -> bool {
        self.flags & 0x0010 != 0
    }

    fn rcode(&self) -> u8 {
        u8::try_from(self.flags & 0x0f).unwrap_or_default()
    }
}

/// Whether a datagram can be of this protocol.
pub(super) fn is_plausible(octets: &[u8]) -> bool {
    let mut reader = Reader::new(octets);
    let Ok(header) = Header::read(&mut reader) else {
        return false;
    };
    let known = matches!(header.opcode(), 0 | 5..=9 | 15);
    known
        && header.questions <= 1
        && header.answers <= 1
        && netbios::read(octets, &mut reader).is_ok()
}

impl Talk {
    pub(super) fn message(
        &mut self,
        direction: Direction,
        octets: &[u8],
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let mut reader = Reader::new(octets);
        let header = Header::read(&mut reader)?;
        match (header.opcode(), header.is_response()) {
            (QUERY, false) if header.questions == 1 => self.asked(octets, &mut reader, at, facts),
            (QUERY, true) if header.answers == 1 && header.rcode() == 0 => {
                self.answered(direction, octets, &mut reader, at, facts)
            }
            (REGISTRATION | RELEASE | REFRESH | REFRESH_ALTERNATIVE | MULTIHOMED, false)
                if header.questions == 1 && header.additional == 1 =>
            {
                self.claimed(&header, octets, &mut reader, at, facts)
            }
            (REGISTRATION | RELEASE, true) => {
                self.decided(&header, at, facts);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn finish(&mut self, facts: &mut Facts) {
        while let Some((claim, at)) = self.claims.take_oldest() {
            self.tell_claim(claim, &[], at, facts);
        }
    }

    fn asked<'a>(
        &mut self,
        octets: &'a [u8],
        reader: &mut Reader<'a>,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let name = netbios::read(octets, reader)?;
        let query_type = reader.u16_be()?;
        let fact = Fact::LocalNameAsked(LocalNameAsked {
            service: NameService::Netbios,
            names: vec![local(name, query_type)],
        });
        self.told.report(at, &[], fact, facts);
        Ok(())
    }

    /// ```text
    /// answer := NAME TYPE:u16 CLASS:u16 TTL:u32 RDLENGTH:u16 (NB_FLAGS:u16 NB_ADDRESS[4])*
    /// status := NAME TYPE:u16 CLASS:u16 TTL:u32 RDLENGTH:u16 NUM_NAMES:u8 (NAME[16] NAME_FLAGS:u16)* ...
    /// ```
    fn answered<'a>(
        &mut self,
        direction: Direction,
        octets: &'a [u8],
        reader: &mut Reader<'a>,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let name = netbios::read(octets, reader)?;
        let query_type = reader.u16_be()?;
        reader.skip(6)?;
        let length = usize::from(reader.u16_be()?);
        let mut rdata = reader.sub(length)?;
        let mut answer = LocalNameAnswered {
            service: NameService::Netbios,
            name: local(name, query_type),
            by_client: direction == Direction::ToServer,
            ..LocalNameAnswered::default()
        };
        if query_type == NBSTAT {
            let count = rdata.u8()?;
            for _ in 0..usize::from(count).min(super::ANSWERS_MAX) {
                let name = netbios::plain(&rdata.array()?);
                rdata.skip(2)?;
                if !answer.names.contains(&name.name) {
                    answer.names.push(name.name);
                }
            }
        } else {
            while let Ok([_, _, a, b, c, d]) = rdata.array()
                && answer.addresses.len() < super::ANSWERS_MAX
            {
                answer.addresses.push(IpAddr::from([a, b, c, d]));
            }
        }
        let fact = Fact::LocalNameAnswered(answer);
        self.told.report(at, &[], fact, facts);
        Ok(())
    }

    /// ```text
    /// claim := QUESTION_NAME TYPE:u16 CLASS:u16 RR_NAME TYPE:u16 CLASS:u16 TTL:u32 RDLENGTH:u16
    ///          NB_FLAGS:u16 NB_ADDRESS[4]
    /// ```
    fn claimed<'a>(
        &mut self,
        header: &Header,
        octets: &'a [u8],
        reader: &mut Reader<'a>,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let Name { name, suffix } = netbios::read(octets, reader)?;
        reader.skip(4)?;
        crate::dns::name::skip(reader)?;
        reader.skip(10)?;
        let flags = reader.u16_be()?;
        let claim = NetbiosNameClaimed {
            name,
            suffix,
            is_group: flags & GROUP != 0,
            address: Some(IpAddr::from(reader.array::<4>()?)),
            claim: match header.opcode() {
                RELEASE => NameClaim::Released,
                REFRESH | REFRESH_ALTERNATIVE => NameClaim::Refreshed,
                _ => NameClaim::Registered,
            },
            response_code: None,
        };
        if header.is_broadcast() {
            self.tell_claim(claim, &[], at, facts);
        } else if let Some((oldest, at)) = self.claims.ask(header.id, (claim, at), CLAIMS_MAX) {
            self.tell_claim(oldest, &[], at, facts);
        }
        Ok(())
    }

    fn decided(&mut self, header: &Header, at: Stamp, facts: &mut Facts) {
        if let Some((mut claim, asked)) = self.claims.take(&header.id) {
            claim.response_code = Some(header.rcode());
            self.tell_claim(claim, &[asked.packet], at, facts);
        }
    }

    fn tell_claim(
        &mut self,
        claim: NetbiosNameClaimed,
        first: &[PacketRef],
        at: Stamp,
        facts: &mut Facts,
    ) {
        let fact = Fact::NetbiosNameClaimed(claim);
        self.told.report(at, first, fact, facts);
    }
}

fn local(name: Name, query_type: u16) -> LocalName {
    LocalName {
        name: name.name,
        query_type,
        suffix: Some(name.suffix),
    }
}

const QUERY: u16 = 0;
const REGISTRATION: u16 = 5;
const RELEASE: u16 = 6;
const REFRESH: u16 = 8;
const REFRESH_ALTERNATIVE: u16 = 9;
const MULTIHOMED: u16 = 15;

/// The status of a host: all its names.
const NBSTAT: u16 = 0x21;

/// `G` in `NB_FLAGS`.
const GROUP: u16 = 0x8000;

/// A host claims some ten names at its start. Past it the oldest is told without its answer.
const CLAIMS_MAX: usize = 32;
