//! From the standard's words to the defender's.
//!
//! Shares are told of whenever one is connected. Openings are so many on an honest file server that
//! only these are told of: pipes; whatever lies on an administrative share (`ADMIN$`, `IPC$`, a drive)
//! or on `SYSVOL` and `NETLOGON`; programs, scripts and jobs anywhere, by their ending; and what may be
//! created in the root of a share, where tools leave their output.

use super::asked::Moment;
use super::text;
use crate::Facts;
use crate::ntlm::message::{Authenticate, Response};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::smb::{FileClosed, FileOpened, ShareOpened};
use realmward_event::{Carrier, Fact, SessionPrincipal};
use realmward_vocab::{AccountName, DomainName, NtStatus, ShareName};

/// An opening as it was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening {
    pub(crate) share: ShareName,
    /// The whole name, as written.
    pub(crate) name: String,
    pub(crate) is_pipe: bool,
    pub(crate) access: u32,
    pub(crate) may_create: bool,
    pub(crate) disposition: Option<u8>,
    pub(crate) options: u32,
    /// Octets of the file, once the server said so.
    pub(crate) size: Option<u64>,
    pub(crate) principal: SessionPrincipal,
}

impl Opening {
    /// Tells of the opening if it is worth it.
    pub(crate) fn report(
        &self,
        status: Option<NtStatus>,
        asked: Moment,
        answered: Moment,
        facts: &mut Facts,
    ) {
        if !self.is_worth_telling() {
            return;
        }
        let fact = FileOpened {
            share: self.share.clone(),
            name: text::ending(self.name.trim_start_matches('\\')).to_owned(),
            is_pipe: self.is_pipe,
            access: self.access,
            may_create: self.may_create,
            principal: self.principal.clone(),
            status,
            disposition: self.disposition,
            options: self.options,
            size: self.size,
        };
        let [a, b] = asked.packets();
        let [c, d] = answered.packets();
        facts.report(answered.at, &[a, b, c, d], Fact::FileOpened(fact));
    }

    fn is_worth_telling(&self) -> bool {
        let share = last_part(self.share.as_str());
        let name = self.name.trim_start_matches('\\');
        let in_root = !name.is_empty() && !name.contains(['\\', '/']);
        self.is_pipe
            || is_administrative(share)
            || is_of_the_domain(share)
            || (self.may_create && in_root)
            || runs(name)
    }
}

/// Whether what was done with a file is worth telling. Much of it is, wherever; anything on an
/// administrative share is; on the shares of the domain, which all members read, what changes them
/// and what searches them; elsewhere, what changes programs.
pub(crate) fn is_use_worth_telling(it: &FileClosed) -> bool {
    let share = last_part(it.share.as_str());
    let changes = it.octets_written != 0 || it.deleted || it.renamed_to.is_some();
    OCTETS_WORTH_TELLING <= it.octets_read.saturating_add(it.octets_written)
        || (is_administrative(share) && (changes || it.octets_read != 0 || it.pattern.is_some()))
        || (is_of_the_domain(share) && (changes || it.pattern.is_some()))
        || (changes && (runs(&it.name) || it.renamed_to.as_deref().is_some_and(runs)))
}

/// Whether a search of a folder is worth remembering: all of a folder is listed all the time, but on
/// an administrative share.
pub(crate) fn is_search_worth_telling(share: &str, pattern: &str) -> bool {
    let share = last_part(share);
    is_administrative(share) || (is_of_the_domain(share) && !matches!(pattern, "*" | "*.*" | ""))
}

/// A share was connected, or not.
pub(crate) fn share_opened(
    share: &ShareName,
    principal: SessionPrincipal,
    status: Option<NtStatus>,
    asked: Moment,
    answered: Moment,
    facts: &mut Facts,
) {
    let fact = ShareOpened {
        share: share.clone(),
        principal,
        status,
    };
    let [a, b] = asked.packets();
    let [c, d] = answered.packets();
    facts.report(answered.at, &[a, b, c, d], Fact::ShareOpened(fact));
}

/// What a session setup of SMB1 without extended security claims; `challenge` is the negotiation's.
pub(crate) fn authenticated(
    message: &Authenticate<'_>,
    challenge: Option<u64>,
) -> NtlmAuthenticated {
    let mut fact = NtlmAuthenticated {
        user: AccountName::new(message.user_name.decode()),
        domain: DomainName::new(message.domain_name.decode()),
        server_challenge: challenge,
        carrier: Carrier::Smb,
        ..NtlmAuthenticated::default()
    };
    match message.response() {
        Response::Anonymous => fact.response_version = 0,
        Response::V1 { nt } => {
            fact.response_version = 1;
            fact.proof = nt.first_chunk().copied().map(u64::from_be_bytes);
        }
        Response::V2(response) => {
            fact.response_version = 2;
            let proof = response.nt_proof_str.first_chunk().copied();
            fact.proof = proof.map(u64::from_be_bytes);
            fact.client_challenge = Some(u64::from_le_bytes(response.challenge_from_client));
        }
    }
    fact
}

/// Whose session such a setup makes.
pub(crate) fn principal(fact: &NtlmAuthenticated) -> SessionPrincipal {
    match fact.response_version {
        0 => SessionPrincipal::Anonymous,
        _ => SessionPrincipal::Ntlm {
            user: fact.user.clone(),
            domain: fact.domain.clone(),
        },
    }
}

/// Whether a share is the one of pipes, by its name.
pub(crate) fn is_ipc(share: &str) -> bool {
    last_part(share).eq_ignore_ascii_case("IPC$")
}

/// Whether a name is that of a pipe that Windows serves; for trees that we did not see connected.
pub(crate) fn is_known_pipe(name: &str) -> bool {
    let name = text::pipe_name(name);
    PIPES.contains(&name.as_str())
}

fn last_part(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or_default()
}

fn is_administrative(share: &str) -> bool {
    share.eq_ignore_ascii_case("ADMIN$")
        || is_ipc(share)
        || matches!(share.as_bytes(), [drive, b'$'] if drive.is_ascii_alphabetic())
}

fn is_of_the_domain(share: &str) -> bool {
    share.eq_ignore_ascii_case("SYSVOL") || share.eq_ignore_ascii_case("NETLOGON")
}

fn runs(name: &str) -> bool {
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    RUNNABLE.iter().any(|it| ending.eq_ignore_ascii_case(it))
}

/// What documents have is below it; directories, disks and archives are above.
const OCTETS_WORTH_TELLING: u64 = 1 << 20;

/// Endings of programs, libraries, scripts and jobs that Windows runs or takes orders from.
const RUNNABLE: &[&str] = &[
    "exe", "dll", "sys", "scr", "com", "cpl", "ocx", "msi", "msp", "bat", "cmd", "ps1", "psm1",
    "psd1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "job", "mof", "inf", "reg", "pif",
];

/// Pipes of the interfaces that we know (MS-RPCE section 2.1.1.2 and each interface's own section 2.1).
const PIPES: &[&str] = &[
    "atsvc",
    "browser",
    "cert",
    "drsuapi",
    "efsrpc",
    "epmapper",
    "eventlog",
    "fssagentrpc",
    "initshutdown",
    "lsarpc",
    "lsass",
    "netdfs",
    "netlogon",
    "ntsvcs",
    "protected_storage",
    "samr",
    "spoolss",
    "srvsvc",
    "svcctl",
    "winreg",
    "wkssvc",
];
