//! What made a Kerberos request, by its shape.
//!
//! Clients choose options, key types, padata and lengths freely, and each implementation has its
//! habits. The habits here were measured on captures of the real programs; an unknown shape is
//! `Unknown`, never an attack tool. Observations: RFC 4120 section 5.4.1 for the fields; the lists
//! of Windows by version from MS-KILE and captures; those of tools from their public sources.

mod history;

pub(crate) use history::Stacks;

use crate::{Stack, Tell};
use realmward_event::kerberos::{RequestShape, ServiceTicketRequested, TicketGrantRequested};
use realmward_vocab::{EncryptionType, PaDataType};

/// A stack and what tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) stack: Stack,
    pub(crate) tells: Vec<Tell>,
}

/// What made an AS-REQ.
pub(crate) fn of_as(request: &TicketGrantRequested) -> Told {
    let shape = &request.shape;
    let etypes = numbers(&shape.etypes);
    if let Some(told) = short_timestamp(request) {
        return told;
    }
    if let Some(told) = impacket_as(shape, &etypes) {
        return told;
    }
    if let Some(told) = stored_keys(&etypes) {
        return told;
    }
    let stack = if etypes.contains(&-135) {
        Stack::Lsass
    } else if is_mit(shape, &etypes) {
        Stack::Mit
    } else if shape.options.0 == 0x10 && etypes == [18, 17, 23] && shape.rtime.is_none() {
        Stack::Gokrb5
    } else if etypes == [18, 17, 23] && shape.options.0 & 0xff00_0000 == 0x4000_0000 {
        Stack::Heimdal
    } else {
        Stack::Unknown
    };
    Told {
        stack,
        tells: Vec::new(),
    }
}

/// What made a TGS-REQ.
pub(crate) fn of_tgs(request: &ServiceTicketRequested) -> Told {
    let shape = &request.shape;
    let etypes = numbers(&shape.etypes);
    if shape.has_cname {
        return Told {
            stack: Stack::Rubeus,
            tells: vec![tell(
                "client name in the body of a TGS-REQ",
                "present".to_owned(),
                "absent: RFC 4120 allows it in AS-REQ only",
            )],
        };
    }
    if is_impacket_tgs(shape, &etypes) {
        return Told {
            stack: Stack::Impacket,
            tells: vec![tell(
                "key types asked for in a TGS-REQ",
                words(&shape.etypes),
                "18,17,23,24,-135 from Windows; a long list and FAST padata from MIT",
            )],
        };
    }
    let stack = if etypes.contains(&-135) {
        Stack::Lsass
    } else if is_mit(shape, &etypes) {
        Stack::Mit
    } else if etypes == [18, 17, 23] {
        Stack::Heimdal
    } else {
        Stack::Unknown
    };
    Told {
        stack,
        tells: Vec::new(),
    }
}

/// PA-ENC-TIMESTAMP without microseconds is seven octets shorter than everybody's: Rubeus.
fn short_timestamp(request: &TicketGrantRequested) -> Option<Told> {
    let timestamp = request.timestamp?;
    let usual = match (timestamp.etype, timestamp.cipher_octets) {
        (EncryptionType::RC4_HMAC, 45) => 52,
        (it, 49) if it.is_aes() => 56,
        _ => return None,
    };
    let stack = if request.shape.options.0 == 0x4081_0010 {
        Stack::RubeusOpsec
    } else {
        Stack::Rubeus
    };
    Some(Told {
        stack,
        tells: vec![tell(
            "length of the encrypted timestamp",
            format!("{} octets: no microseconds", timestamp.cipher_octets),
            &format!("{usual} octets from every other client"),
        )],
    })
}

fn impacket_as(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let signs = [
        (
            shape.options.0 == 0x5080_0000,
            "KDC options",
            format!("{:?}", shape.options),
            "40810010 from Windows, 00000010 or 4081.... from MIT and Samba",
        ),
        (
            shape.service_name_type == 1,
            "name type of the ticket-granting service",
            "1 (principal)".to_owned(),
            "2 (service) from every operating system",
        ),
        (
            etypes.len() == 1,
            "key types offered",
            words(&shape.etypes),
            "a list of several from every operating system",
        ),
        (
            shape.rtime.as_deref() == Some(shape.till.as_str()),
            "renewal time",
            "equal to the end time".to_owned(),
            "later than the end time, or absent",
        ),
    ];
    // Windows also asks for both times alike, so that sign alone counts for nothing.
    let told: Vec<Tell> = signs
        .into_iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, condition, observed, expected)| tell(condition, observed, expected))
        .collect();
    let certain = shape.options.0 == 0x5080_0000 && 3 <= told.len();
    certain.then_some(Told {
        stack: Stack::Impacket,
        tells: told,
    })
}

/// Windows lists private key types only when it works from stored keys. Windows before Vista did so
/// always, and then listed DES as well; those are left alone.
fn stored_keys(etypes: &[i32]) -> Option<Told> {
    let private = etypes.iter().any(|it| matches!(it, -133 | -128));
    let before_vista = etypes.iter().any(|it| matches!(it, 1 | 3));
    let overwritten = etypes.contains(&0);
    (private && !before_vista).then(|| Told {
        stack: Stack::LsassKeyOnly,
        tells: vec![tell(
            "key types offered",
            words_of(etypes),
            if overwritten {
                "18,17,23,24,-135,3 from Windows that knows the password; zeros stand where keys were overwritten"
            } else {
                "18,17,23,24,-135,3 from Windows that knows the password"
            },
        )],
    })
}

fn is_impacket_tgs(shape: &RequestShape, etypes: &[i32]) -> bool {
    let armoured = shape.padata.contains(&PaDataType::PA_FX_FAST);
    let legacy = matches!(etypes, [23, 16, 3, _]);
    let current = matches!(etypes, [18, 17, 23, 16, 3] | [23, 18, 17, 16, 3]);
    let roast = shape.service_name_type == NT_MS_PRINCIPAL && etypes.contains(&16);
    !armoured && (legacy || current || roast) && shape.options.has(FORWARDABLE_RENEWABLE)
}

fn is_mit(shape: &RequestShape, etypes: &[i32]) -> bool {
    let own_padata = shape
        .padata
        .iter()
        .any(|it| matches!(it.0, 136 | 149 | 150));
    own_padata || (etypes.contains(&16) && etypes.contains(&25))
}

fn numbers(etypes: &[EncryptionType]) -> Vec<i32> {
    etypes.iter().map(|it| it.0).collect()
}

fn words(etypes: &[EncryptionType]) -> String {
    words_of(&numbers(etypes))
}

fn words_of(etypes: &[i32]) -> String {
    let words: Vec<String> = etypes.iter().map(ToString::to_string).collect();
    words.join(",")
}

fn tell(condition: &str, observed: String, expected: &str) -> Tell {
    Tell {
        condition: condition.to_owned(),
        observed,
        expected: expected.to_owned(),
    }
}

/// Both bits that impacket always sets in a TGS-REQ: forwardable and renewable.
const FORWARDABLE_RENEWABLE: u32 = 0x4080_0000;

/// NT-MS-PRINCIPAL (MS-KILE), `DOMAIN\account`: tools that roast accounts ask so.
const NT_MS_PRINCIPAL: i32 = -128;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_vocab::KdcOptions;

    fn as_req(
        options: u32,
        name_type: i32,
        etypes: &[i32],
        timestamp: Option<(i32, u32)>,
    ) -> Stack {
        let request = TicketGrantRequested {
            timestamp: timestamp.map(|(etype, cipher_octets)| {
                realmward_event::kerberos::EncryptedPart {
                    etype: EncryptionType(etype),
                    cipher_octets,
                }
            }),
            shape: RequestShape {
                options: KdcOptions(options),
                service_name_type: name_type,
                etypes: etypes.iter().copied().map(EncryptionType).collect(),
                till: "20370913024805Z".to_owned(),
                rtime: Some("20370913024805Z".to_owned()),
                ..RequestShape::default()
            },
            ..TicketGrantRequested::default()
        };
        of_as(&request).stack
    }

    #[test]
    fn windows_of_all_ages_is_no_tool() {
        let vista = [18, 17, 23, 24, -135, 3];
        assert_eq!(as_req(0x4081_0010, 2, &vista, Some((18, 56))), Stack::Lsass);
        let xp = [23, -133, -128, 3, 1, 24, -135];
        assert!(!as_req(0x4081_0010, 2, &xp, Some((23, 52))).is_attack_tool());
        assert_ne!(as_req(0x4081_0010, 2, &xp, None), Stack::LsassKeyOnly);
    }

    #[test]
    fn tools_are_told_by_what_they_leave_out() {
        assert_eq!(
            as_req(0x5080_0000, 1, &[23], Some((23, 52))),
            Stack::Impacket
        );
        assert_eq!(as_req(0x4080_0010, 2, &[18], Some((18, 49))), Stack::Rubeus);
        let copied = [18, 17, 23, 24, -135, 3];
        assert_eq!(
            as_req(0x4081_0010, 2, &copied, Some((18, 49))),
            Stack::RubeusOpsec
        );
    }

    #[test]
    fn stored_keys_show_in_the_list() {
        for list in [
            &[18, 23, -133, -128, 24, -135][..],
            &[0, 0, 23, -133, -128, 24, -135],
        ] {
            assert_eq!(
                as_req(0x4081_0010, 2, list, Some((23, 52))),
                Stack::LsassKeyOnly
            );
        }
    }
}
