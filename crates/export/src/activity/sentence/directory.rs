//! What was done with a directory, in one clause.

use crate::words;
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::ldap::{
    ChangeOperation, DirectoryBound, DirectoryChanged, DirectoryExtended, DirectorySearched,
    DirectorySessionSealed,
};

pub(super) fn bound(it: &DirectoryBound) -> String {
    let clear = if it.cleartext_password {
        ", password in clear"
    } else {
        ""
    };
    let mechanism = &it.mechanism;
    match it.result {
        Some(result) => format!("logged on to the directory ({mechanism}{clear}): {result}"),
        None => format!("logged on to the directory ({mechanism}{clear})"),
    }
}

pub(super) fn searched(it: &DirectorySearched) -> String {
    let s = if it.entries == 1 { "y" } else { "ies" };
    let base = if it.base.is_empty() {
        "the root"
    } else {
        &it.base
    };
    format!("searched {base} for {}: {} entr{s}", it.filter, it.entries)
}

/// Said what it is.
pub(super) fn server(it: &DirectoryServerSeen) -> String {
    match &it.domain {
        Some(domain) => format!("serves the domain {domain}"),
        None => "serves a directory".to_owned(),
    }
}

/// Changed the attributes of an object, or the object itself.
pub(super) fn changed(it: &DirectoryChanged) -> String {
    let object = &it.object;
    match it.operation {
        ChangeOperation::Add => format!("added {object}"),
        ChangeOperation::Delete => format!("deleted {object}"),
        ChangeOperation::Move => {
            let name = it.new_name.as_deref().unwrap_or("another name");
            format!("moved {object} to {name}")
        }
        ChangeOperation::Modify => {
            let mut names: Vec<&str> = it.changes.iter().map(|it| it.attribute.as_str()).collect();
            names.dedup();
            names.truncate(NAMES_MAX);
            format!("changed {} of {object}", names.join(", "))
        }
    }
}

/// Asked for what has no operation of its own.
pub(super) fn extended(it: &DirectoryExtended) -> String {
    match (it.operation.as_str(), &it.subject) {
        ("1.3.6.1.4.1.4203.1.11.1", Some(subject)) => {
            format!("asked for a new password of {subject}")
        }
        ("1.3.6.1.4.1.4203.1.11.1", None) => "asked for a new password".to_owned(),
        ("1.3.6.1.4.1.4203.1.11.3", _) => "asked the directory who it is".to_owned(),
        ("1.3.6.1.4.1.1466.20037", _) => "went on under TLS".to_owned(),
        (operation, _) => format!("asked for the operation {operation}"),
    }
}

/// Said much or little that could not be read.
pub(super) fn sealed(it: &DirectorySessionSealed) -> String {
    format!(
        "asked {} and got {}, all sealed",
        words::count(it.requests, "time"),
        words::size(it.answer_octets)
    )
}

/// A sentence names the first few.
const NAMES_MAX: usize = 4;
