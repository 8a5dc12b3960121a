//! Requests that change an object, or have no operation of their own, and their answers.

use super::facts;
use super::limits::CHANGES_MAX;
use super::message::Operation;
use super::parse;
use super::session::Arrived;
use crate::wire::ParseError;
use crate::{Facts, Stamp};
use realmward_event::ldap::{DirectoryChanged, DirectoryExtended};
use realmward_event::{Fact, SessionPrincipal};
use realmward_vocab::{PacketRef, ResultCode};
use std::collections::VecDeque;

/// Those of a session that have no answer yet.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    message_id: u32,
    asked: Asked,
    evidence: [PacketRef; 2],
    at: Stamp,
}

#[derive(Debug)]
enum Asked {
    Change(Box<DirectoryChanged>),
    Extended(DirectoryExtended),
}

impl Changes {
    /// Takes a request to change something; one that can be read in part is told in part.
    pub(crate) fn change(
        &mut self,
        it: Arrived<'_>,
        principal: SessionPrincipal,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let (mut change, fault) = match it.envelope.operation {
            Operation::MODIFY_REQUEST => facts::modified(it.content),
            Operation::ADD_REQUEST => facts::added(it.content),
            Operation::DELETE_REQUEST => (facts::deleted(it.content), None),
            _ => (facts::moved(&parse::modify_dn(it.content)?), None),
        };
        if change.object.is_empty()
            && let Some(fault) = fault
        {
            return Err(fault);
        }
        change.controls = facts::controls(it.controls, facts);
        change.principal = principal;
        self.wait(it, Asked::Change(Box::new(change)), facts);
        fault.map_or(Ok(()), Err)
    }

    /// Takes an extended request; gives its name.
    pub(crate) fn extended<'a>(
        &mut self,
        it: Arrived<'a>,
        principal: SessionPrincipal,
        facts: &mut Facts,
    ) -> Result<&'a [u8], ParseError> {
        let (name, subject) = parse::extended(it.content)?;
        let extended = facts::extended(name, subject, principal);
        self.wait(it, Asked::Extended(extended), facts);
        Ok(name)
    }

    /// Takes an answer.
    pub(crate) fn answered(
        &mut self,
        it: Arrived<'_>,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let result = parse::result(it.content)?;
        let Some(mut waiting) = self.take(it.envelope.message_id) else {
            return Ok(());
        };
        let code = ResultCode(result.result_code);
        match &mut waiting.asked {
            Asked::Change(change) => {
                change.result = Some(code);
                change.diagnostic = facts::win32_error(result.diagnostic_message);
            }
            Asked::Extended(extended) => extended.result = Some(code),
        }
        tell(waiting, Some(it), facts);
        Ok(())
    }

    /// The client no longer wants an answer.
    pub(crate) fn abandon(&mut self, message_id: u32, facts: &mut Facts) {
        if let Some(waiting) = self.take(message_id) {
            tell(waiting, None, facts);
        }
    }

    /// Tells what never had an answer.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        while let Some(waiting) = self.waiting.pop_front() {
            tell(waiting, None, facts);
        }
    }

    fn wait(&mut self, it: Arrived<'_>, asked: Asked, facts: &mut Facts) {
        self.abandon(it.envelope.message_id, facts);
        if CHANGES_MAX <= self.waiting.len() {
            facts.limit("ldap_changes");
            if let Some(waiting) = self.waiting.pop_front() {
                tell(waiting, None, facts);
            }
        }
        self.waiting.push_back(Waiting {
            message_id: it.envelope.message_id,
            asked,
            evidence: [it.first, it.at.packet],
            at: it.at,
        });
    }

    fn take(&mut self, message_id: u32) -> Option<Waiting> {
        let mut waiting = self.waiting.iter();
        let place = waiting.position(|it| it.message_id == message_id)?;
        self.waiting.remove(place)
    }
}

/// Tells of a request, ended by `done` if that was seen.
fn tell(waiting: Waiting, done: Option<Arrived<'_>>, facts: &mut Facts) {
    let fact = match waiting.asked {
        Asked::Change(mut change) => {
            change.outcome = facts::outcome(change.result);
            Fact::DirectoryChanged(*change)
        }
        Asked::Extended(mut extended) => {
            extended.outcome = facts::outcome(extended.result);
            Fact::DirectoryExtended(extended)
        }
    };
    let [first, last] = waiting.evidence;
    match done {
        Some(done) => facts.report(done.at, &[first, last, done.first, done.at.packet], fact),
        None => facts.report(waiting.at, &[first, last], fact),
    }
}
