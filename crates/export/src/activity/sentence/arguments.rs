//! What a clear call of RPC was about, as the end of its sentence.

use realmward_event::rpc::{
    Accounts, Arguments, CertificateRequest, DnsServer, PassedLogon, Replication, SecureChannel,
};

/// What the call was about; empty if nothing was read.
pub(super) fn clause(it: &Arguments) -> String {
    match it {
        Arguments::Service {
            name,
            binary_path: Some(path),
        } => format!(" for the service {name}: {path}"),
        Arguments::Service { name, .. } => format!(" for the service {name}"),
        Arguments::Task {
            path,
            command: Some(command),
        } => format!(" for the task {path}: {command}"),
        Arguments::Task { path, .. } if !path.is_empty() => format!(" for the task {path}"),
        Arguments::Accounts(it) => accounts(it),
        Arguments::Rights { account, rights } => {
            format!(" for {account}{}", list(": ", rights))
        }
        Arguments::Secret { name } => format!(" for the secret {name}"),
        Arguments::SecureChannel(it) => secure_channel(it),
        Arguments::PassedLogon(it) => passed_logon(it),
        Arguments::Paths(paths) => list(" for ", paths),
        Arguments::Shares(shares) => list(": ", shares),
        Arguments::LoggedOn(users) => {
            let users: Vec<&str> = users.iter().map(|(user, _)| user.as_str()).collect();
            list(": ", &users)
        }
        Arguments::Registry { key, value } => match value {
            Some(value) => format!(" for the registry key {key}: {value}"),
            None => format!(" for the registry key {key}"),
        },
        Arguments::EventLog { name, .. } => format!(" for the event log {name}"),
        Arguments::DnsServer(it) => dns_server(it),
        Arguments::Certificate(it) => certificate(it),
        Arguments::Wmi { object, method } => match method {
            Some(method) => format!(" for {object}: {method}"),
            None => format!(" for {object}"),
        },
        Arguments::Replication(it) => replication(it),
        _ => String::new(),
    }
}

fn accounts(it: &Accounts) -> String {
    let mut words = Vec::new();
    words.extend(it.names.iter().cloned());
    words.extend(it.rids.iter().map(ToString::to_string));
    words.extend(it.sids.iter().cloned());
    let within = match it.of.is_empty() {
        true => String::new(),
        false => format!(" of {}", it.of),
    };
    format!("{within}{}", list(": ", &words))
}

fn secure_channel(it: &SecureChannel) -> String {
    let zeros = match it.zero_octets {
        Some(8) => ", with nothing but zeros",
        _ => "",
    };
    match it.account.is_empty() {
        true => format!(" as {}{zeros}", it.computer),
        false => format!(" as {} on {}{zeros}", it.account, it.computer),
    }
}

fn passed_logon(it: &PassedLogon) -> String {
    format!(" for {} from {}", it.user, it.workstation)
}

fn dns_server(it: &DnsServer) -> String {
    match &it.value {
        Some(value) => format!(": {} {value}", it.operation),
        None => format!(": {}", it.operation),
    }
}

fn certificate(it: &CertificateRequest) -> String {
    format!(" of {}{}", it.authority, list(" for ", &it.names))
}

fn replication(it: &Replication) -> String {
    match it.object.is_empty() {
        true => list(": ", &it.names),
        false => format!(" of {}", it.object),
    }
}

/// The first words of a list, behind `before`; nothing of an empty one.
fn list(before: &str, words: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = words.iter().take(WORDS_MAX).map(AsRef::as_ref).collect();
    match (shown.is_empty(), words.len() - shown.len()) {
        (true, _) => String::new(),
        (false, 0) => format!("{before}{}", shown.join(", ")),
        (false, more) => format!("{before}{} and {more} more", shown.join(", ")),
    }
}

/// Words of a list in a sentence; the event has them all.
const WORDS_MAX: usize = 8;
