//! Activation of COM classes (`IRemoteSCMActivator`, MS-DCOM section 3.1.2.5.2.3).

use super::iactivation::orpc_this;
use super::{Clear, Handles, Interface, Meaning, Returns};
use crate::wire::{ParseError, Reader};
use realmward_event::rpc::Arguments;
use realmward_vocab::Guid;

/// `isystemactivator`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x000001a0_0000_0000_c000_000000000046,
    0,
    "isystemactivator",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "QueryInterface"),
    (1, "AddRef"),
    (2, "Release"),
    (3, "RemoteGetClassObject"),
    (4, "RemoteCreateInstance"),
];

/// `RemoteGetClassObject`, `RemoteCreateInstance`.
const DECODED: &[u16] = &[GET_CLASS_OBJECT, CREATE_INSTANCE];

/// `RemoteCreateInstance(orpcthis, pUnkOuter, pActProperties)`, `RemoteGetClassObject(orpcthis,
/// pActProperties)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let class = activated(clear).ok()?;
    Some(Meaning::Arguments(Arguments::Activation { class }))
}

/// An `MInterfacePointer` holds an `OBJREF_CUSTOM` (MS-DCOM section 2.2.18.6), which holds an
/// activation blob (section 2.2.22).
fn activated(clear: &Clear<'_>) -> Result<Guid, ParseError> {
    let mut request = clear.request;
    orpc_this(&mut request)?;
    if clear.opnum == CREATE_INSTANCE && request.pointer()? {
        return Err(ParseError::Malformed { field: "pUnkOuter" });
    }
    if !request.pointer()? {
        return Err(ParseError::Malformed {
            field: "pActProperties",
        });
    }
    request.size()?; // conformance count
    let length = request.u32()?;
    let octets = request.take(usize::try_from(length).unwrap_or(usize::MAX))?;
    let mut objref = Reader::new(octets);
    // signature(4) flags(4) iid(16) clsid(16) cbExtension(4) reserved(4), then the blob
    if objref.array::<4>()? != *b"MEOW" {
        return Err(ParseError::Malformed { field: "signature" });
    }
    objref.skip(44)?;
    class_of_blob(objref)
}

/// The blob: `dwSize(4) dwReserved(4)`, a `CustomHeader` that lists the properties and their sizes,
/// then the properties. Either place names the class.
fn class_of_blob(mut blob: Reader<'_>) -> Result<Guid, ParseError> {
    blob.skip(8)?;
    let properties = blob;
    blob.skip(SERIALIZATION_OCTETS)?;
    // totalSize(4) headerSize(4) dwReserved(4) destCtx(4) cIfs(4) classInfoClsid(16) pclsid(4)
    // pSizes(4) pdwReserved(4)
    blob.skip(4)?;
    let header_size = usize::try_from(blob.u32_le()?).unwrap_or(usize::MAX);
    blob.skip(8)?;
    let count = usize::try_from(blob.u32_le()?).unwrap_or(usize::MAX);
    blob.skip(28)?;
    blob.skip(4)?; // count of pclsid
    let mut classes = blob;
    let count = count.min(PROPERTIES_MAX);
    blob.skip(count * 16)?;
    blob.skip(4)?; // count of pSizes
    let mut property = properties;
    property.skip(header_size)?;
    for _ in 0..count {
        let class = Guid::from_le_bytes(classes.array()?);
        let size = usize::try_from(blob.u32_le()?).unwrap_or(usize::MAX);
        let mut content = property.sub(size)?;
        if class == INSTANTIATION_INFO {
            content.skip(SERIALIZATION_OCTETS)?;
            return Ok(Guid::from_le_bytes(content.array()?));
        }
    }
    Err(ParseError::Malformed { field: "pclsid" })
}

const GET_CLASS_OBJECT: u16 = 3;
const CREATE_INSTANCE: u16 = 4;
/// `CLSID_InstantiationInfo` (MS-DCOM section 1.9): its data begin with the class to activate.
const INSTANTIATION_INFO: Guid = Guid(0x000001ab_0000_0000_c000_000000000046);
/// Common and private header of type serialization version 1 (MS-RPCE section 2.2.6).
const SERIALIZATION_OCTETS: usize = 16;
/// Properties looked at: six are defined (MS-DCOM section 2.2.22.2).
const PROPERTIES_MAX: usize = 16;
