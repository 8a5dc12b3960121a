//! What made an AS-REQ.

use super::Told;
use super::signs::{
    Observed, Sign, asks_windows_time, asks_zero_time, has_unix_padata, has_windows_etype, numbers,
    only_contains, unix, weigh,
};
use crate::Stack;
use realmward_event::kerberos::{RequestShape, TicketGrantRequested};
use realmward_vocab::{EncryptionType, PaDataType};

/// What made an AS-REQ.
pub(crate) fn of_as(request: &TicketGrantRequested) -> Told {
    let shape = &request.shape;
    let etypes = numbers(shape);
    rubeus_copying(request)
        .or_else(|| impacket(request, &etypes))
        .or_else(|| rubeus(shape, &etypes))
        .or_else(|| stored_keys(shape, &etypes))
        .or_else(|| windows(shape, &etypes))
        .or_else(|| unix(shape).map(Told::plain))
        .or_else(|| others(shape, &etypes))
        .unwrap_or_default()
}

/// PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2) without `pausec` is five to seven octets shorter than
/// anybody's: only Rubeus leaves it out, also where it copies the rest from Windows.
fn rubeus_copying(request: &TicketGrantRequested) -> Option<Told> {
    let timestamp = request.timestamp?;
    let (short, usual) = if timestamp.etype == EncryptionType::RC4_HMAC {
        (45, "50 to 52 octets from every other client")
    } else {
        (49, "54 to 56 octets from every other client")
    };
    let known = timestamp.etype.is_aes() || timestamp.etype == EncryptionType::RC4_HMAC;
    let stack = if request.shape.options.0 == WINDOWS_OPTIONS {
        Stack::RubeusOpsec
    } else {
        Stack::Rubeus
    };
    weigh(
        stack,
        MARK,
        &[Sign {
            holds: known && timestamp.cipher_octets == short,
            weight: MARK,
            condition: "length of the encrypted timestamp",
            observed: Observed::ShortTimestamp(timestamp.cipher_octets),
            expected: usual,
        }],
    )
}

/// impacket's `getKerberosTGT`, and all that calls it.
fn impacket(request: &TicketGrantRequested, etypes: &[i32]) -> Option<Told> {
    let shape = &request.shape;
    let for_tgt = request.service.is_krbtgt() || request.service.as_str().is_empty();
    let can_be = !has_unix_padata(shape)
        && shape.netbios_address.is_none()
        && !asks_windows_time(shape)
        && !asks_zero_time(shape);
    let signs = [
        Sign {
            holds: shape.options.0 == IMPACKET_OPTIONS,
            weight: 3,
            condition: "KDC options",
            observed: Observed::Options(shape.options),
            expected: "40810010 from Windows, 00000010 or 40... from MIT and Samba",
        },
        Sign {
            holds: for_tgt && shape.service_name_type == NT_PRINCIPAL,
            weight: 2,
            condition: "name type of the ticket-granting service",
            observed: Observed::Words("1 (principal)"),
            expected: "2 (service) from every operating system",
        },
        Sign {
            holds: etypes.len() == 1,
            weight: 1,
            condition: "key types offered",
            observed: Observed::KeyTypes(&shape.etypes),
            expected: "a list of several from every operating system",
        },
        Sign {
            holds: shape.rtime.as_deref() == Some(shape.till.as_str()),
            weight: 1,
            condition: "end time and renewal time",
            observed: Observed::Words("the same, a day from now"),
            expected: "the year 2037 from Windows, two different times from others",
        },
    ];
    can_be.then(|| weigh(Stack::Impacket, MARK, &signs))?
}

/// Rubeus with its default options, in a request without a proof or with one of usual length.
fn rubeus(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let can_be = !has_unix_padata(shape) && asks_windows_time(shape);
    let signs = [
        Sign {
            holds: shape.options.0 == RUBEUS_OPTIONS,
            weight: 2,
            condition: "KDC options",
            observed: Observed::Options(shape.options),
            expected: "40810010 from Windows, whose end time this is",
        },
        Sign {
            holds: etypes.len() == 1,
            weight: 2,
            condition: "key types offered",
            observed: Observed::KeyTypes(&shape.etypes),
            expected: "a list of several from every operating system",
        },
        Sign {
            holds: shape.netbios_address.is_none(),
            weight: 1,
            condition: "client address",
            observed: Observed::Words("absent"),
            expected: "the NetBIOS name of the computer from Windows, whose end time this is",
        },
    ];
    can_be.then(|| weigh(Stack::Rubeus, MARK, &signs))?
}

/// Windows lists its private key types only when it works from stored keys. Windows before Vista did
/// so always, and then listed DES as well; those are left alone. Zeros stand where someone has
/// overwritten keys in memory, which Windows itself never does.
fn stored_keys(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let private = etypes.iter().any(|it| matches!(it, -133 | -128));
    let before_vista = etypes.iter().any(|it| matches!(it, 1 | 3));
    let expected = if etypes.contains(&0) {
        "18,17,23,24,-135,3 from Windows that knows the password; zeros stand where keys were overwritten"
    } else {
        "18,17,23,24,-135,3 from Windows that knows the password"
    };
    weigh(
        Stack::LsassKeyOnly,
        MARK,
        &[Sign {
            holds: private && !before_vista,
            weight: MARK,
            condition: "key types offered",
            observed: Observed::KeyTypes(&shape.etypes),
            expected,
        }],
    )
}

/// Windows of all ages: end of time in 2037, its own key types, its NetBIOS name.
fn windows(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let signs = [
        (asks_windows_time(shape), 2),
        (shape.rtime.as_deref() == Some(shape.till.as_str()), 1),
        (has_windows_etype(etypes), 2),
        (shape.netbios_address.is_some(), 1),
        (shape.options.0 == WINDOWS_OPTIONS, 1),
    ];
    let sum: u32 = signs.iter().filter(|it| it.0).map(|it| it.1).sum();
    (WINDOWS_MARK <= sum).then(|| Told::plain(Stack::Lsass))
}

/// Stacks with little to tell them by; none of them is a tool of attack as such.
fn others(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let plain = only_contains(shape, &[PaDataType::PA_ENC_TIMESTAMP]);
    if shape.options.0 == GOKRB5_OPTIONS && etypes == [18, 17, 23] && shape.rtime.is_none() && plain
    {
        Some(Told::plain(Stack::Gokrb5))
    } else if asks_zero_time(shape) && plain {
        Some(Told::plain(Stack::Java))
    } else if etypes == [18, 17, 23] && shape.options.0 & 0xff00_0000 == 0x4000_0000 {
        Some(Told::plain(Stack::Heimdal))
    } else {
        None
    }
}

/// Forwardable, renewable, canonicalize, renewable-ok.
const WINDOWS_OPTIONS: u32 = 0x4081_0010;
/// Forwardable, proxiable, renewable.
const IMPACKET_OPTIONS: u32 = 0x5080_0000;
/// Forwardable, renewable, renewable-ok.
const RUBEUS_OPTIONS: u32 = 0x4080_0010;
/// Renewable-ok.
const GOKRB5_OPTIONS: u32 = 0x0000_0010;

/// NT-PRINCIPAL (RFC 4120 section 6.2).
const NT_PRINCIPAL: i32 = 1;

/// A tool is told by its options and enough besides; old Heimdal shares all else with impacket.
const MARK: u32 = 5;

/// Windows changed one or the other of its habits over the years, never all.
const WINDOWS_MARK: u32 = 4;
