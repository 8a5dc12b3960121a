//! LDAP: what conversations of the lab and of a builder of messages tell.

mod build;
mod changes;
mod filters;
mod hostile;
mod normal;
mod real;
mod servers;
mod sessions;
mod wrapping;

use crate::conversation::{Record, play};
use realmward_event::Fact;
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::ldap::{DirectoryBound, DirectorySearched};
use realmward_protocols::Facts;
use realmward_protocols::ldap::Conversation;

fn run(records: &[Record]) -> Facts {
    play(Conversation::new(false), records)
}

fn binds(facts: &Facts) -> Vec<DirectoryBound> {
    of(facts, |fact| match fact {
        Fact::DirectoryBound(bound) => Some(bound.clone()),
        _ => None,
    })
}

fn searches(facts: &Facts) -> Vec<DirectorySearched> {
    of(facts, |fact| match fact {
        Fact::DirectorySearched(searched) => Some(searched.clone()),
        _ => None,
    })
}

fn servers(facts: &Facts) -> Vec<DirectoryServerSeen> {
    of(facts, |fact| match fact {
        Fact::DirectoryServerSeen(seen) => Some(seen.clone()),
        _ => None,
    })
}

fn of<T>(facts: &Facts, pick: impl Fn(&Fact) -> Option<T>) -> Vec<T> {
    facts
        .pending
        .iter()
        .filter_map(|it| pick(&it.fact))
        .collect()
}

/// Facts in one line each, without who: what a table of a test can name.
fn told(facts: &Facts) -> Vec<String> {
    of(facts, |fact| {
        Some(match fact {
            Fact::DirectoryBound(it) => {
                let code = it.result.map(|code| code.0);
                let secret = if it.cleartext_password {
                    " password"
                } else {
                    ""
                };
                let diagnostic = it.diagnostic.as_deref().unwrap_or("-");
                format!("bind {} {code:?} {diagnostic}{secret}", it.mechanism)
            }
            Fact::DirectorySearched(it) => {
                let code = it.result.map(|code| code.0);
                format!("search {} {} {code:?}", it.filter, it.entries)
            }
            other => other.kind().to_owned(),
        })
    })
}
