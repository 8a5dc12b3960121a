//! Changes of objects: which attributes, and the values of those that decide who may do what.

use super::text;
use crate::Facts;
use crate::ldap::limits::{
    ATTRIBUTE_OCTETS_MAX, CHANGED_ATTRIBUTES_MAX, CHANGED_VALUE_OCTETS_MAX, CHANGED_VALUES_MAX,
    CONTROLS_MAX, NAME_OCTETS_MAX, OID_OCTETS_MAX,
};
use crate::ldap::parse::{self, ModifyDn, Values};
use crate::wire::{ParseError, Reader};
use realmward_event::SessionPrincipal;
use realmward_event::ldap::{
    AttributeChange, ChangeOperation, Control, DirectoryChanged, DirectoryExtended, ValueOperation,
};
use std::fmt::Write as _;

/// A modification, as far as it can be read.
pub(crate) fn modified(content: &[u8]) -> (DirectoryChanged, Option<ParseError>) {
    let mut changes = Vec::new();
    let read = parse::modify(content, |operation, kind, values| {
        let operation = match operation {
            0 => ValueOperation::Add,
            1 => ValueOperation::Delete,
            2 => ValueOperation::Replace,
            _ => ValueOperation::Increment,
        };
        keep(&mut changes, operation, kind, values);
    });
    changed(ChangeOperation::Modify, read, changes)
}

/// A new entry, as far as it can be read.
pub(crate) fn added(content: &[u8]) -> (DirectoryChanged, Option<ParseError>) {
    let mut changes = Vec::new();
    let read = parse::add(content, |kind, values| {
        keep(&mut changes, ValueOperation::Add, kind, values);
    });
    changed(ChangeOperation::Add, read, changes)
}

/// A deletion: the content is the name.
pub(crate) fn deleted(content: &[u8]) -> DirectoryChanged {
    DirectoryChanged {
        operation: ChangeOperation::Delete,
        object: text(content, NAME_OCTETS_MAX),
        ..DirectoryChanged::default()
    }
}

/// A new name or place.
pub(crate) fn moved(it: &ModifyDn<'_>) -> DirectoryChanged {
    let mut name = text(it.newrdn, NAME_OCTETS_MAX);
    if let Some(superior) = it.new_superior {
        name.push(',');
        name.push_str(&text(superior, NAME_OCTETS_MAX));
    }
    DirectoryChanged {
        operation: ChangeOperation::Move,
        object: text(it.entry, NAME_OCTETS_MAX),
        new_name: Some(name),
        ..DirectoryChanged::default()
    }
}

fn changed(
    operation: ChangeOperation,
    read: Result<&[u8], (&[u8], ParseError)>,
    changes: Vec<AttributeChange>,
) -> (DirectoryChanged, Option<ParseError>) {
    let (object, fault) = match read {
        Ok(object) => (object, None),
        Err((object, fault)) => (object, Some(fault)),
    };
    let changed = DirectoryChanged {
        operation,
        object: text(object, NAME_OCTETS_MAX),
        changes,
        ..DirectoryChanged::default()
    };
    (changed, fault)
}

fn keep(
    changes: &mut Vec<AttributeChange>,
    operation: ValueOperation,
    kind: &[u8],
    values: Values<'_>,
) {
    if CHANGED_ATTRIBUTES_MAX <= changes.len() {
        return;
    }
    let mut change = AttributeChange {
        operation,
        attribute: text(kind, ATTRIBUTE_OCTETS_MAX),
        ..AttributeChange::default()
    };
    let is_shown = SHOWN
        .iter()
        .any(|it| it.eq_ignore_ascii_case(&change.attribute));
    for value in values {
        change.count = change.count.saturating_add(1);
        let octets = u32::try_from(value.len()).unwrap_or(u32::MAX);
        change.octets = change.octets.saturating_add(octets);
        if is_shown && change.values.len() < CHANGED_VALUES_MAX {
            change.values.push(written(value));
        }
    }
    changes.push(change);
}

/// A value as text: a SID as people write it, what is no text as hex.
fn written(value: &[u8]) -> String {
    if let Some(sid) = sid(value) {
        return sid;
    }
    let shown = value.get(..CHANGED_VALUE_OCTETS_MAX).unwrap_or(value);
    let is_text = std::str::from_utf8(shown).map_or_else(
        // A character cut by the bound is no fault.
        |error| error.error_len().is_none() && !shown.is_empty(),
        |it| !it.chars().any(char::is_control),
    );
    if is_text {
        return text(value, CHANGED_VALUE_OCTETS_MAX);
    }
    let half = value.get(..CHANGED_VALUE_OCTETS_MAX / 2).unwrap_or(value);
    half.iter().fold(String::new(), |mut hex, octet| {
        let _ = write!(hex, "{octet:02x}");
        hex
    })
}

/// `SID := Revision:u8 SubAuthorityCount:u8 IdentifierAuthority[6] SubAuthority:u32[count]` (MS-DTYP
/// section 2.4.2.2).
fn sid(value: &[u8]) -> Option<String> {
    let mut reader = Reader::new(value);
    let (revision, count) = (reader.u8().ok()?, reader.u8().ok()?);
    let [0, 0, authority @ ..] = reader.array::<6>().ok()? else {
        return None;
    };
    if revision != 1 || 15 < count || reader.len() != usize::from(count) * 4 {
        return None;
    }
    let mut written = format!("S-1-{}", u32::from_be_bytes(authority));
    while let Ok(part) = reader.u32_le() {
        let _ = write!(written, "-{part}");
    }
    Some(written)
}

/// An extended operation as its request tells it.
pub(crate) fn extended(
    name: &[u8],
    subject: Option<&[u8]>,
    principal: SessionPrincipal,
) -> DirectoryExtended {
    DirectoryExtended {
        operation: text(name, OID_OCTETS_MAX),
        subject: subject.map(|it| text(it, NAME_OCTETS_MAX)),
        principal,
        ..DirectoryExtended::default()
    }
}

/// The controls of a request.
pub(crate) fn controls(octets: &[u8], facts: &mut Facts) -> Vec<Control> {
    let mut kept = Vec::new();
    for control in parse::controls(octets) {
        if CONTROLS_MAX <= kept.len() {
            facts.limit("ldap_controls");
            break;
        }
        kept.push(Control {
            kind: text(control.control_type, OID_OCTETS_MAX),
            is_critical: control.criticality,
            number: control.number,
            goes_on: control.has_cookie,
        });
    }
    kept
}

/// The Win32 error that begins a diagnostic message of Active Directory:
/// `00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0`.
pub(crate) fn win32_error(message: &[u8]) -> Option<String> {
    let code = message.get(..8)?;
    let is_code = code.iter().all(u8::is_ascii_hexdigit) && message.get(8) == Some(&b':');
    is_code.then(|| text(code, 8).trim_start_matches('0').to_ascii_lowercase())
}

/// Attributes whose values decide who may log on, as whom, where, and with what. None is a secret.
const SHOWN: [&str; 43] = [
    "accountExpires",
    "adminCount",
    "altSecurityIdentities",
    "certificateTemplates",
    "description",
    "dNSHostName",
    "dSHeuristics",
    "displayName",
    "dnsRecord",
    "gPCFileSysPath",
    "gPCMachineExtensionNames",
    "gPCUserExtensionNames",
    "gPLink",
    "groupType",
    "homeDirectory",
    "lockoutTime",
    "member",
    "mS-DS-CreatorSID",
    "ms-DS-MachineAccountQuota",
    "msDS-AdditionalDnsHostName",
    "msDS-AllowedToActOnBehalfOfOtherIdentity",
    "msDS-AllowedToDelegateTo",
    "msDS-Behavior-Version",
    "msDS-DelegatedMSAState",
    "msDS-GroupMSAMembership",
    "msDS-KeyCredentialLink",
    "msDS-ManagedAccountPrecededByLink",
    "msDS-SupersededManagedAccountLink",
    "msDS-SupersededServiceAccountState",
    "msDS-SupportedEncryptionTypes",
    "msPKI-Certificate-Name-Flag",
    "msPKI-Enrollment-Flag",
    "objectClass",
    "pKIExtendedKeyUsage",
    "primaryGroupID",
    "profilePath",
    "pwdLastSet",
    "sAMAccountName",
    "sIDHistory",
    "scriptPath",
    "servicePrincipalName",
    "userAccountControl",
    "userPrincipalName",
];
