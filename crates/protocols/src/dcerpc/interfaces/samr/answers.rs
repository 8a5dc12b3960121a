//! What answers of the security account manager give away.

use super::super::shapes::{self, NAMES, NAMES_MAX, counted};
use super::super::{NAME_CHARACTERS_MAX, Ndr};
use super::{CREATE_USER2, LOOKUP_IDS, LOOKUP_NAMES};
use crate::wire::ParseError;
use realmward_event::rpc::Accounts;

/// What the answer gives away.
pub(super) fn answered(
    opnum: u16,
    response: &mut Ndr<'_>,
    accounts: &mut Accounts,
) -> Result<(), ParseError> {
    match opnum {
        5 if response.pointer()? => accounts.sids = vec![response.sid()?],
        6 | 11 | 13 | 15 => {
            response.u32()?; // EnumerationContext
            enumerated(response, accounts)?;
        }
        LOOKUP_NAMES => {
            let count = response.size()?;
            if response.pointer()? {
                accounts.rids = shapes::numbers(response, count)?;
            }
        }
        LOOKUP_IDS => {
            let count = response.size()?;
            if response.pointer()? {
                response.size()?;
                accounts.names = response.unicode_array(count, NAMES)?;
            }
        }
        CREATE_USER2 => {
            response.handle()?;
            response.u32()?; // GrantedAccess
            accounts.rids = vec![response.u32()?];
        }
        10 | 12 | 14 => {
            response.handle()?;
            accounts.rids = vec![response.u32()?];
        }
        25 if response.pointer()? => {
            let count = response.size()?;
            accounts.count = counted(count);
            let has_members = response.pointer()?;
            response.pointer()?; // Attributes
            if has_members {
                accounts.rids = shapes::numbers(response, count)?;
            }
        }
        33 => {
            let count = response.size()?;
            accounts.count = counted(count);
            if response.pointer()? {
                accounts.sids = sids(response, count)?;
            }
        }
        40 | 48 | 51 => {
            response.u32()?; // TotalAvailable
            response.u32()?; // TotalReturned
            response.size()?; // the union's discriminant, aligned as its arms are
            accounts.count = counted(response.size()?);
        }
        _ => {}
    }
    Ok(())
}

/// `SAMPR_ENUMERATION_BUFFER` (MS-SAMR section 2.2.3.10): `EntriesRead`, then rows of
/// `RelativeId Name`, whose characters follow them.
fn enumerated(response: &mut Ndr<'_>, accounts: &mut Accounts) -> Result<(), ParseError> {
    if !response.pointer()? {
        return Ok(());
    }
    let count = response.size()?;
    accounts.count = counted(count);
    if !response.pointer()? {
        return Ok(());
    }
    response.size()?; // maximum count
    let mut present = Vec::new();
    for place in 0..count {
        response.structure()?;
        let rid = response.u32()?;
        let has_name = response.counted_string()?;
        if place < NAMES_MAX {
            accounts.rids.push(rid);
            present.push(has_name);
        }
    }
    for has_name in present {
        let name = match has_name {
            true => response.wide_string(NAME_CHARACTERS_MAX)?,
            false => String::new(),
        };
        accounts.names.push(name);
    }
    Ok(())
}

/// A conformant array of pointers to SIDs, and the SIDs.
fn sids(ndr: &mut Ndr<'_>, count: usize) -> Result<Vec<String>, ParseError> {
    ndr.size()?;
    let mut present = 0;
    for _ in 0..count {
        present += usize::from(ndr.pointer()?);
    }
    let mut sids = Vec::new();
    for _ in 0..present.min(NAMES_MAX) {
        sids.push(ndr.sid()?);
    }
    Ok(sids)
}
