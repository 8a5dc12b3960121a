//! LLMNR (RFC 4795) and mDNS (RFC 6762): messages of the DNS, sent to all.
//!
//! Of mDNS only what finds hosts is told: printers and their like that are looked for all day are no
//! names of machines.

use super::told::Told;
use crate::dns::message::{Header, kind};
use crate::dns::{name, parse};
use crate::wire::{ParseError, Reader};
use crate::{Facts, Stamp};
use realmward_event::Fact;
use realmward_event::local_name::{LocalName, LocalNameAnswered, LocalNameAsked, NameService};
use realmward_vocab::{Direction, HostName};

/// What a host and another, or all, said.
#[derive(Debug)]
pub(super) struct Talk {
    service: NameService,
    told: Told,
}

/// Whether a datagram can be of this protocol.
pub(super) fn is_plausible(octets: &[u8]) -> bool {
    Header::read(octets).is_ok_and(|header| {
        let records = [header.ancount, header.nscount, header.arcount];
        let records: usize = records.into_iter().map(usize::from).sum();
        let needed = Header::OCTETS + usize::from(header.qdcount) * 5 + records * 11;
        header.opcode() == 0 && needed <= octets.len()
    })
}

impl Talk {
    pub(super) fn new(service: NameService) -> Self {
        Self {
            service,
            told: Told::default(),
        }
    }

    pub(super) fn message(
        &mut self,
        direction: Direction,
        octets: &[u8],
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let header = Header::read(octets)?;
        let mut reader = Reader::new(octets);
        reader.skip(Header::OCTETS)?;
        if header.is_response() {
            for _ in 0..header.qdcount {
                name::skip(&mut reader)?;
                reader.skip(4)?;
            }
            let by_client = direction == Direction::ToServer;
            return self.answered(&header, by_client, octets, &mut reader, at, facts);
        }
        // A question that brings its own answer is a host that looks whether its name is free.
        if header.opcode() != 0 || header.nscount != 0 {
            return Ok(());
        }
        let mut names = Vec::new();
        let mut read = Ok(());
        for _ in 0..header.qdcount {
            match question(octets, &mut reader) {
                Ok(name) if self.is_of_host(name.query_type) && names.len() < NAMES_MAX => {
                    names.push(name);
                }
                Ok(_) => {}
                Err(fault) => {
                    read = Err(fault);
                    break;
                }
            }
        }
        if !names.is_empty() {
            let service = self.service;
            let fact = Fact::LocalNameAsked(LocalNameAsked { service, names });
            self.told.report(at, &[], fact, facts);
        }
        read
    }

    fn answered<'a>(
        &mut self,
        header: &Header,
        by_client: bool,
        octets: &'a [u8],
        reader: &mut Reader<'a>,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let mut answers: Vec<LocalNameAnswered> = Vec::new();
        let mut read = Ok(());
        for _ in 0..header.ancount {
            let record = parse::record(octets, reader).and_then(|it| {
                let owner = it.name(octets)?;
                Ok((owner, it.kind, it.address()?, it.host()?))
            });
            match record {
                Ok((owner, kind, address, host)) if self.is_of_host(kind) => {
                    let answer = self.answer(&mut answers, owner, kind, header, by_client);
                    if let Some(answer) = answer {
                        answer.addresses.extend(address);
                        answer.names.extend(host);
                        answer.addresses.truncate(super::ANSWERS_MAX);
                        answer.names.truncate(super::ANSWERS_MAX);
                    }
                }
                Ok(_) => {}
                Err(fault) => {
                    read = Err(fault);
                    break;
                }
            }
        }
        for answer in answers {
            let fact = Fact::LocalNameAnswered(answer);
            self.told.report(at, &[], fact, facts);
        }
        read
    }

    /// The answer for a name, begun if it is the first record of it.
    fn answer<'b>(
        &self,
        answers: &'b mut Vec<LocalNameAnswered>,
        owner: HostName,
        query_type: u16,
        header: &Header,
        by_client: bool,
    ) -> Option<&'b mut LocalNameAnswered> {
        let is_it =
            |it: &LocalNameAnswered| it.name.query_type == query_type && it.name.name == owner;
        let place = match answers.iter().position(is_it) {
            Some(place) => place,
            None if answers.len() < NAMES_MAX => {
                answers.push(LocalNameAnswered {
                    service: self.service,
                    name: LocalName {
                        name: owner,
                        query_type,
                        suffix: None,
                    },
                    response_code: header.rcode(),
                    by_client,
                    ..LocalNameAnswered::default()
                });
                answers.len() - 1
            }
            None => return None,
        };
        answers.get_mut(place)
    }

    /// Whether a record of this type tells a host.
    fn is_of_host(&self, kind: u16) -> bool {
        match self.service {
            NameService::Mdns => matches!(kind, kind::A | kind::AAAA),
            NameService::Llmnr | NameService::Netbios => true,
        }
    }
}

fn question<'a>(octets: &'a [u8], reader: &mut Reader<'a>) -> Result<LocalName, ParseError> {
    let name = name::read(octets, reader)?;
    let query_type = reader.u16_be()?;
    reader.skip(2)?;
    Ok(LocalName {
        name,
        query_type,
        suffix: None,
    })
}

/// As the facts promise. Lost: the later names of one message.
const NAMES_MAX: usize = 8;
