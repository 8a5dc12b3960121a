//! NegotiationToken of RFC 4178 section 4.2, with Microsoft's NegTokenInit2 (MS-SPNG section 2.2.1).

use rasn::prelude::{Any, BitString, Decode, ObjectIdentifier, OctetString, SequenceOf};
use rasn::{AsnType, Decoder};

/// `NegotiationToken ::= CHOICE { negTokenInit [0] NegTokenInit, negTokenResp [1] NegTokenResp }`
#[derive(AsnType, Decode, Clone, Debug, PartialEq)]
#[rasn(choice)]
pub(super) enum NegotiationToken {
    /// The first token of a side.
    #[rasn(tag(explicit(0)))]
    Init(NegTokenInit),
    /// Any later one.
    #[rasn(tag(explicit(1)))]
    Resp(NegTokenResp),
}

/// NegTokenInit and NegTokenInit2 in one: they differ in what `[3]` is, of which nothing is read.
/// `mechTypes` is optional, because some servers leave it out.
#[derive(AsnType, Decode, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(super) struct NegTokenInit {
    #[rasn(tag(explicit(0)))]
    pub(super) mech_types: Option<SequenceOf<ObjectIdentifier>>,
    #[rasn(tag(explicit(1)))]
    pub(super) req_flags: Option<BitString>,
    #[rasn(tag(explicit(2)))]
    pub(super) mech_token: Option<OctetString>,
    #[rasn(tag(explicit(3)))]
    pub(super) neg_hints_or_mech_list_mic: Option<Any>,
    #[rasn(tag(explicit(4)))]
    pub(super) mech_list_mic: Option<OctetString>,
}

/// NegTokenResp (RFC 4178 section 4.2.2).
#[derive(AsnType, Decode, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub(super) struct NegTokenResp {
    #[rasn(tag(explicit(0)))]
    pub(super) neg_state: Option<Any>,
    #[rasn(tag(explicit(1)))]
    pub(super) supported_mech: Option<ObjectIdentifier>,
    #[rasn(tag(explicit(2)))]
    pub(super) response_token: Option<OctetString>,
    #[rasn(tag(explicit(3)))]
    pub(super) mech_list_mic: Option<OctetString>,
}

/// Reads a NegotiationToken; trailing octets are ignored.
pub(super) fn negotiation_token(octets: &[u8]) -> Option<NegotiationToken> {
    rasn::ber::decode_with_remainder(octets)
        .ok()
        .map(|(token, _)| token)
}
