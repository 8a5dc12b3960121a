//! What made an NTLM logon, and what is usual for its account.
//!
//! Windows fills in its version and its name; most other implementations do not. None of that
//! proves an attack: Samba, appliances and scanners share the habits, so these are multipliers.
//! What several honest clients leave out together (Apple's and Go's leave out both version and name)
//! is one tell, so that two tells are two independent ones. The service name `cifs/` and the server's
//! own name, which impacket writes, is none within SMB, where Windows writes the same; elsewhere it is.

use crate::accounts::Habits;
use crate::{NtlmInsight, Tell};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Carrier, Event, Fact};
use realmward_vocab::Guid;

/// What is to be said of the NTLM logon in an event, if there is one.
pub(crate) fn insight(
    event: &Event,
    client: Option<Guid>,
    account: Option<&Habits>,
) -> Option<NtlmInsight> {
    let Fact::NtlmAuthenticated(it) = &event.fact else {
        return None;
    };
    let by_tool = client.and_then(client_identifier);
    let account_devices = account.map(|it| it.addresses.clone()).unwrap_or_default();
    Some(NtlmInsight {
        ascii_client_guid: by_tool.is_some(),
        tells: tells(it, by_tool),
        account_known_on_device: event
            .client
            .address
            .is_some_and(|address| account_devices.contains(&address)),
        account_uses_kerberos: account.is_some_and(|it| it.uses_kerberos),
        account_devices,
    })
}

fn tells(it: &NtlmAuthenticated, by_tool: Option<Tell>) -> Vec<Tell> {
    let mut tells = Vec::new();
    let absent = match (lacks_version(it), lacks_workstation(it)) {
        (true, true) => "neither is there",
        (true, false) => "no version",
        (false, true) => "no workstation",
        (false, false) => "",
    };
    if !absent.is_empty() {
        tells.push(tell(
            "version and workstation in the NTLM messages",
            absent.to_owned(),
            "both from Windows and Samba",
        ));
    }
    let outside_smb = it.carrier != Carrier::Smb;
    if let Some(name) = it
        .target_name
        .as_deref()
        .filter(|it| outside_smb && is_file_service(it))
    {
        tells.push(tell(
            "service that the client believes to speak to",
            name.to_owned(),
            "the service that it does speak to: cifs is SMB",
        ));
    }
    let challenge = it.client_challenge.map(u64::to_le_bytes);
    if challenge.is_some_and(|it| it.iter().all(u8::is_ascii_alphanumeric)) {
        tells.push(tell(
            "client challenge",
            "eight letters or digits".to_owned(),
            "eight random octets",
        ));
    }
    tells.extend(by_tool);
    tells
}

/// What an SMB client identifier (MS-SMB2 section 2.2.3) shows if impacket made it up. An operating
/// system generates one that looks so once in 2^33.
pub(crate) fn client_identifier(client: Guid) -> Option<Tell> {
    client.is_ascii_text().then(|| {
        tell(
            "SMB client identifier",
            format!("{client}: sixteen ASCII letters or digits"),
            "a generated identifier",
        )
    })
}

/// The first message shows it; if that was not seen, the third does.
fn lacks_version(it: &NtlmAuthenticated) -> bool {
    match it.negotiate_flags {
        Some(flags) => flags & VERSION == 0,
        None => it.client_version.is_none() && it.flags & VERSION == 0,
    }
}

fn lacks_workstation(it: &NtlmAuthenticated) -> bool {
    matches!(it.workstation.as_str(), "" | "NULL")
}

fn is_file_service(name: &str) -> bool {
    name.split('/')
        .next()
        .is_some_and(|class| class.eq_ignore_ascii_case("cifs"))
}

fn tell(condition: &str, observed: String, expected: &str) -> Tell {
    Tell {
        condition: condition.to_owned(),
        observed,
        expected: expected.to_owned(),
    }
}

/// NTLMSSP_NEGOTIATE_VERSION (MS-NLMP section 2.2.2.5).
const VERSION: u32 = 0x0200_0000;
