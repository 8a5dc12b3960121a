//! The interfaces we know, one file each: UUID, names of its operations, what its return codes mean,
//! and sometimes a reader of clear stubs for the few arguments worth keeping.
//!
//! An operation that is not in a table is still reported, by number.

mod atsvc;
mod bkrp;
mod dfsnm;
mod dnsserver;
mod drsuapi;
mod dsaop;
mod dssetup;
mod efsr;
mod efsr_lsarpc;
mod epm;
mod eventlog;
mod eventlog6;
mod frstrans;
mod fsrvp;
mod gkdi;
mod iactivation;
mod icertrequestd;
mod iclassfactory;
mod icpr;
mod idispatch;
mod ienumwbemclassobject;
mod initshutdown;
mod ioxidresolver;
mod iremunknown;
mod iremunknown2;
mod isystemactivator;
mod itaskschedulerservice;
mod itypeinfo;
mod iunknown;
mod iwbemcallresult;
mod iwbemfetchsmartenum;
mod iwbemlevel1login;
mod iwbemloginclientid;
mod iwbemloginhelper;
mod iwbemobjectsink;
mod iwbemservices;
mod iwbemwcosmartenum;
mod lsarpc;
mod mgmt;
mod netlogon;
mod nspi;
mod par;
mod rcmpublic;
mod rprn;
mod samr;
mod sasec;
mod shapes;
mod srvsvc;
mod svcctl;
mod termsrvenumeration;
mod termsrvsession;
mod windowsshutdown;
mod winreg;
mod witness;
mod wkssvc;

use super::handles::Handles;
use super::ndr::Ndr;
use realmward_event::Outcome;
use realmward_event::rpc::{Arguments, EndpointMapped};
use realmward_vocab::{Guid, NtStatus};

/// An RPC interface.
#[derive(Debug)]
pub struct Interface {
    /// Its UUID.
    pub uuid: Guid,
    /// Its major version.
    pub version: u16,
    /// Its standard short name, in lower case.
    pub name: &'static str,
    /// What the number at the end of a response means.
    pub returns: Returns,
    /// Operations by opnum, ascending, in the standard's words.
    pub operations: &'static [(u16, &'static str)],
    /// Reads clear stubs.
    pub decoder: Option<Decoder>,
    /// Operations whose responses end in something else than a return code.
    pub unjudged: &'static [u16],
    /// Of a sealed answer only the size is seen: operations and the octets from which on an answer
    /// proves that the call was granted.
    pub granted_octets: &'static [(u16, u32)],
}

/// What the number at the end of a response means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// A Win32 error code (MS-ERREF section 2.2).
    Win32,
    /// An NTSTATUS (MS-ERREF section 2.3).
    NtStatus,
    /// An HRESULT (MS-ERREF section 2.1).
    HResult,
    /// An NTSTATUS or a Win32 error code, by operation.
    NtStatusOrWin32,
    /// No return code stands there.
    Nothing,
}

/// Reads clear stubs of some operations.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Of which operations.
    pub opnums: &'static [u16],
    /// Reads one call.
    pub decode: fn(&Clear<'_>, &mut Handles) -> Option<Meaning>,
}

/// Clear stubs of one call.
#[derive(Clone, Copy, Debug)]
pub struct Clear<'a> {
    /// The operation.
    pub opnum: u16,
    /// What was sent.
    pub request: Ndr<'a>,
    /// What came back, if something did.
    pub response: Option<Ndr<'a>>,
}

/// What clear stubs say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing worth keeping.
    Nothing,
    /// Arguments of the call.
    Arguments(Arguments),
    /// Where an interface listens.
    Endpoint(Box<EndpointMapped>),
}

impl Interface {
    /// An interface of which only headers are read.
    const fn named(
        uuid: u128,
        version: u16,
        name: &'static str,
        returns: Returns,
        operations: &'static [(u16, &'static str)],
    ) -> Self {
        Self {
            uuid: Guid(uuid),
            version,
            name,
            returns,
            operations,
            decoder: None,
            unjudged: &[],
            granted_octets: &[],
        }
    }

    /// The same with a reader of clear stubs.
    const fn decoded(
        self,
        opnums: &'static [u16],
        decode: fn(&Clear<'_>, &mut Handles) -> Option<Meaning>,
    ) -> Self {
        Self {
            decoder: Some(Decoder { opnums, decode }),
            ..self
        }
    }

    /// The same with operations that return no code.
    const fn unjudged(self, unjudged: &'static [u16]) -> Self {
        Self { unjudged, ..self }
    }

    /// The same with sizes that prove success.
    const fn granted(self, granted_octets: &'static [(u16, u32)]) -> Self {
        Self {
            granted_octets,
            ..self
        }
    }

    /// The standard's name of an operation.
    #[must_use]
    pub fn operation(&self, opnum: u16) -> Option<&'static str> {
        let place = self
            .operations
            .binary_search_by_key(&opnum, |(known, _)| *known)
            .ok()?;
        self.operations.get(place).map(|(_, name)| *name)
    }

    /// Whether clear stubs of this operation are read.
    #[must_use]
    pub fn decodes(&self, opnum: u16) -> bool {
        self.decoder
            .is_some_and(|decoder| decoder.opnums.contains(&opnum))
    }

    /// What clear stubs say.
    #[must_use]
    pub fn meaning(&self, clear: &Clear<'_>, handles: &mut Handles) -> Meaning {
        self.decoder
            .and_then(|decoder| (decoder.decode)(clear, handles))
            .unwrap_or(Meaning::Nothing)
    }

    /// Whether a clear response of this operation ends in a return code.
    #[must_use]
    pub fn returns_code(&self, opnum: u16) -> bool {
        self.returns != Returns::Nothing && !self.unjudged.contains(&opnum)
    }

    /// Whether a sealed answer of this size proves that the call was granted.
    #[must_use]
    pub fn proves_success(&self, opnum: u16, response_octets: u32) -> bool {
        self.granted_octets
            .iter()
            .any(|(known, least)| *known == opnum && *least <= response_octets)
    }
}

impl Returns {
    /// What a return code says of the call.
    #[must_use]
    pub fn outcome(self, code: u32) -> Outcome {
        let success = match self {
            Self::Win32 => matches!(code, 0 | ERROR_MORE_DATA),
            Self::NtStatus => return NtStatus(code).into(),
            // Win32 codes are below 0x10000, where NTSTATUS has only successes, nearly unused.
            Self::NtStatusOrWin32 => matches!(code, 0 | STATUS_MORE_ENTRIES | ERROR_MORE_DATA),
            Self::HResult => code >> 31 == 0,
            Self::Nothing => return Outcome::Attempt,
        };
        match success {
            true => Outcome::Success,
            false => Outcome::Failure,
        }
    }
}

/// The interface with this UUID.
#[must_use]
pub fn find(uuid: Guid) -> Option<&'static Interface> {
    let place = INTERFACES
        .binary_search_by_key(&uuid, |interface| interface.uuid)
        .ok()?;
    INTERFACES.get(place).copied()
}

/// `STATUS_MORE_ENTRIES`: granted, and more than fits.
const STATUS_MORE_ENTRIES: u32 = 0x105;
/// `ERROR_MORE_DATA`: granted, and more than fits.
const ERROR_MORE_DATA: u32 = 234;
/// Characters kept of a name: services and tasks allow 256.
const NAME_CHARACTERS_MAX: usize = 256;
/// Characters kept of a command line or a path: `cmd.exe` takes no more than 8191, and the first
/// thousand tell what it is.
const COMMAND_CHARACTERS_MAX: usize = 1024;

/// All interfaces, by UUID.
static INTERFACES: &[&Interface] = &[
    &iunknown::INTERFACE,
    &iclassfactory::INTERFACE,
    &iremunknown::INTERFACE,
    &iremunknown2::INTERFACE,
    &isystemactivator::INTERFACE,
    &idispatch::INTERFACE,
    &itypeinfo::INTERFACE,
    &ienumwbemclassobject::INTERFACE,
    &rprn::INTERFACE,
    &netlogon::INTERFACE,
    &lsarpc::INTERFACE,
    &samr::INTERFACE,
    &iwbemfetchsmartenum::INTERFACE,
    &atsvc::INTERFACE,
    &winreg::INTERFACE,
    &svcctl::INTERFACE,
    &sasec::INTERFACE,
    &dssetup::INTERFACE,
    &bkrp::INTERFACE,
    &iwbemwcosmartenum::INTERFACE,
    &iwbemcallresult::INTERFACE,
    &termsrvsession::INTERFACE,
    &srvsvc::INTERFACE,
    &iactivation::INTERFACE,
    &dfsnm::INTERFACE,
    &dnsserver::INTERFACE,
    &iwbemloginhelper::INTERFACE,
    &wkssvc::INTERFACE,
    &par::INTERFACE,
    &dsaop::INTERFACE,
    &iwbemobjectsink::INTERFACE,
    &eventlog::INTERFACE,
    &itaskschedulerservice::INTERFACE,
    &termsrvenumeration::INTERFACE,
    &initshutdown::INTERFACE,
    &frstrans::INTERFACE,
    &icpr::INTERFACE,
    &iwbemservices::INTERFACE,
    &ioxidresolver::INTERFACE,
    &fsrvp::INTERFACE,
    &mgmt::INTERFACE,
    &gkdi::INTERFACE,
    &rcmpublic::INTERFACE,
    &efsr_lsarpc::INTERFACE,
    &witness::INTERFACE,
    &iwbemloginclientid::INTERFACE,
    &windowsshutdown::INTERFACE,
    &icertrequestd::INTERFACE,
    &efsr::INTERFACE,
    &epm::INTERFACE,
    &drsuapi::INTERFACE,
    &iwbemlevel1login::INTERFACE,
    &nspi::INTERFACE,
    &eventlog6::INTERFACE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_so_that_every_interface_and_operation_is_found() {
        for pair in INTERFACES.windows(2) {
            assert!(pair[0].uuid < pair[1].uuid, "{}", pair[1].name);
        }
        for interface in INTERFACES {
            assert!(std::ptr::eq(find(interface.uuid).unwrap(), *interface));
            for pair in interface.operations.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{} {}", interface.name, pair[1].1);
            }
        }
    }

    #[test]
    fn a_return_code_is_read_in_the_language_of_its_interface() {
        for (returns, code, outcome) in [
            (Returns::Win32, 0, Outcome::Success),
            (Returns::Win32, 234, Outcome::Success),
            (Returns::Win32, 5, Outcome::Failure),
            (Returns::NtStatus, 0x105, Outcome::Success),
            (Returns::NtStatus, 0xc000_0022, Outcome::Failure),
            (Returns::HResult, 1, Outcome::Success),
            (Returns::HResult, 0x8007_0005, Outcome::Failure),
            (Returns::NtStatusOrWin32, 1355, Outcome::Failure),
            (Returns::Nothing, 0, Outcome::Attempt),
        ] {
            assert_eq!(returns.outcome(code), outcome, "{returns:?} {code:#x}");
        }
    }
}
