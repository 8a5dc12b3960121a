//! What stands in clear around a request: who proves what by which armour, certificate or wish.

use super::{encrypted_part, kept, names, padata, ticket};
use crate::kerberos::message::{KdcReq, KdcReqBody};
use crate::kerberos::parse::{self, PaDatas};
use crate::{Facts, Opaque, certificate};
use realmward_event::certificate::Certificate;
use realmward_event::kerberos::{FastTunnel, RequestShape};
use realmward_vocab::{EncryptionType, KdcOptions, PaDataType};

/// What the client's stack chose.
pub(super) fn shape(request: &KdcReq<'_>, over_udp: bool, facts: &mut Facts) -> RequestShape {
    let body = &request.req_body;
    let mut shape = RequestShape {
        options: KdcOptions(body.kdc_options),
        etypes: kept(
            body.etype.iter().map(EncryptionType),
            padata::ETYPES_MAX,
            facts,
        ),
        service_name_type: body.sname.map(|it| it.name_type).unwrap_or_default(),
        nonce: body.nonce,
        till: names::time(body.till),
        rtime: body.rtime.map(names::time),
        has_cname: body.cname.is_some(),
        netbios_address: netbios(body),
        over_udp,
        ..RequestShape::default()
    };
    for it in request.padata.iter() {
        if PADATA_MAX <= shape.padata.len() {
            facts.limit("kerberos_list_items");
            break;
        }
        let kind = PaDataType(it.padata_type);
        shape.padata.push(kind);
        match kind {
            PaDataType::PA_PAC_REQUEST => shape.include_pac = parse::pac_request(it.padata_value),
            PaDataType::PA_PAC_OPTIONS => shape.pac_options = parse::pac_options(it.padata_value),
            // An empty PA-FX-FAST only says "I could".
            PaDataType::PA_FX_FAST if !it.padata_value.is_empty() => {
                shape.fast = tunnel(it.padata_value, facts);
            }
            _ => {}
        }
    }
    shape
}

fn netbios(body: &KdcReqBody<'_>) -> Option<realmward_vocab::HostName> {
    body.netbios_address.and_then(names::netbios)
}

/// The tunnel of a request; one that cannot be read is a tunnel all the same.
fn tunnel(octets: &[u8], facts: &mut Facts) -> Option<Box<FastTunnel>> {
    facts.opaque(Opaque::ArmouredKerberos);
    let found = match parse::armored(octets) {
        Ok(found) => found,
        Err(fault) => {
            facts.fault("kerberos", fault);
            return Some(Box::default());
        }
    };
    let armour = found.armor.as_ref();
    Some(Box::new(FastTunnel {
        armour: armour.map(|it| ticket(&it.ticket)),
        authenticator: armour.map(|it| encrypted_part(&it.authenticator)),
        request: encrypted_part(&found.enc_fast_req),
    }))
}

/// The certificate with which a client proves itself, and how many came with it.
pub(super) fn proof(padata: PaDatas<'_>, facts: &mut Facts) -> (Option<Box<Certificate>>, u32) {
    let Some(body) = padata
        .find(PaDataType::PA_PK_AS_REQ.0)
        .or_else(|| padata.find(PA_PK_AS_REQ_OLD))
    else {
        return (None, 0);
    };
    match parse::certificates(body) {
        Ok(found) => {
            let certificate = certificate::read(found.signer);
            if certificate.is_none() {
                let fault = crate::wire::ParseError::Malformed {
                    field: "Certificate",
                };
                facts.fault("kerberos", fault);
            }
            (certificate.map(Box::new), found.count)
        }
        Err(fault) => {
            facts.fault("kerberos", fault);
            (None, 0)
        }
    }
}

/// PA-PK-AS-REQ as Windows 2000 wrote it.
const PA_PK_AS_REQ_OLD: i32 = 15;

/// Clients send up to ten; what stands behind the 32nd is not kept.
const PADATA_MAX: usize = 32;
