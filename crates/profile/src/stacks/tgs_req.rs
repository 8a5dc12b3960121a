//! What made a TGS-REQ.

use super::Told;
use super::signs::{
    Observed, Sign, asks_windows_time, asks_zero_time, has_unix_padata, has_windows_etype, numbers,
    only_contains, unix, weigh,
};
use crate::Stack;
use realmward_event::kerberos::{RequestShape, ServiceTicketRequested};
use realmward_vocab::{KdcOptions, PaDataType};

/// What made a TGS-REQ.
pub(crate) fn of_tgs(request: &ServiceTicketRequested) -> Told {
    let shape = &request.shape;
    let etypes = numbers(shape);
    rubeus(shape)
        .or_else(|| impacket(request, &etypes))
        .or_else(|| windows(shape, &etypes))
        .or_else(|| unix(shape).map(Told::plain))
        .or_else(|| {
            let is_unix = asks_zero_time(shape) && etypes.contains(&16);
            is_unix.then(|| Told::plain(Stack::Mit))
        })
        .or_else(|| (etypes == [18, 17, 23]).then(|| Told::plain(Stack::Heimdal)))
        .unwrap_or_default()
}

/// `cname` belongs into AS-REQ only (RFC 4120 section 5.4.1); Rubeus writes it into TGS-REQ too.
fn rubeus(shape: &RequestShape) -> Option<Told> {
    weigh(
        Stack::Rubeus,
        MARK,
        &[Sign {
            holds: shape.has_cname,
            weight: MARK,
            condition: "client name in the body of a TGS-REQ",
            observed: Observed::Words("present"),
            expected: "absent: RFC 4120 allows it in AS-REQ only",
        }],
    )
}

/// impacket's `getKerberosTGS` and its delegation requests, and all that calls them.
fn impacket(request: &ServiceTicketRequested, etypes: &[i32]) -> Option<Told> {
    let shape = &request.shape;
    let own_padata = [
        PaDataType::PA_TGS_REQ,
        PaDataType::PA_FOR_USER,
        PaDataType::PA_PAC_OPTIONS,
    ];
    let can_be = !has_unix_padata(shape)
        && only_contains(shape, &own_padata)
        && request.enc_authorization_data_octets == 0
        && shape.rtime.is_none()
        && !asks_windows_time(shape)
        && !asks_zero_time(shape);
    let legacy = matches!(etypes, [23, 16, 3, _]);
    let current = matches!(etypes, [18, 17, 23, 16, 3] | [23, 18, 17, 16, 3]);
    let delegation = matches!(etypes, [18 | 17 | 23, 23]) && shape.service_name_type == NT_UNKNOWN;
    let signs = [
        Sign {
            holds: legacy || current || delegation,
            weight: 3,
            condition: "key types asked for",
            observed: Observed::KeyTypes(&shape.etypes),
            expected: "18,17,23,24,-135 from Windows, a long list from MIT",
        },
        Sign {
            holds: shape.options.has(FORWARDABLE_RENEWABLE | CANONICALIZE),
            weight: 1,
            condition: "KDC options",
            observed: Observed::Options(shape.options),
            expected: "40810000 from Windows, which also asks until 2037",
        },
        Sign {
            holds: shape.service_name_type == NT_MS_PRINCIPAL,
            weight: 3,
            condition: "name type of the service",
            observed: Observed::Words("-128 (domain and account)"),
            expected: "2 or 3 (service): accounts are asked for by name to roast them",
        },
    ];
    can_be.then(|| weigh(Stack::Impacket, MARK, &signs))?
}

/// Windows of all ages, also where it asks for a ticket to forward with the one key type it needs.
fn windows(shape: &RequestShape, etypes: &[i32]) -> Option<Told> {
    let forwards = shape.options.has(KdcOptions::FORWARDED | CANONICALIZE);
    let is = has_windows_etype(etypes) || (asks_windows_time(shape) && forwards);
    is.then(|| Told::plain(Stack::Lsass))
}

/// Both bits that impacket always sets: forwardable and renewable.
const FORWARDABLE_RENEWABLE: u32 = 0x4080_0000;
const CANONICALIZE: u32 = 0x0001_0000;

/// NT-UNKNOWN (RFC 4120 section 6.2).
const NT_UNKNOWN: i32 = 0;

/// NT-MS-PRINCIPAL (MS-KILE), `DOMAIN\account`.
const NT_MS_PRINCIPAL: i32 = -128;

/// A list that no operating system sends, and options that agree with it.
const MARK: u32 = 4;
