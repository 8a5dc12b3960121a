//! Kerberos numbers that more than one floor reads.

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

crate::open_enum! {
    /// Error code of a KRB-ERROR (RFC 4120 section 7.5.9).
    pub struct KerberosError(i32);
    /// The client is not in the database.
    KDC_ERR_C_PRINCIPAL_UNKNOWN = 6,
    /// The service is not in the database.
    KDC_ERR_S_PRINCIPAL_UNKNOWN = 7,
    /// The policy does not allow it, often a delegation.
    KDC_ERR_BADOPTION = 13,
    /// No encryption type in common.
    KDC_ERR_ETYPE_NOSUPP = 14,
    /// The account is disabled or locked.
    KDC_ERR_CLIENT_REVOKED = 18,
    /// The ticket is revoked.
    KDC_ERR_TGT_REVOKED = 20,
    /// The password has expired, and was right.
    KDC_ERR_KEY_EXPIRED = 23,
    /// Wrong password or key.
    KDC_ERR_PREAUTH_FAILED = 24,
    /// The first step of an ordinary logon.
    KDC_ERR_PREAUTH_REQUIRED = 25,
    /// The ticket does not decrypt.
    KRB_AP_ERR_BAD_INTEGRITY = 31,
    /// The ticket has expired.
    KRB_AP_ERR_TKT_EXPIRED = 32,
    /// The authenticator was seen before.
    KRB_AP_ERR_REPEAT = 34,
    /// Ticket and authenticator name different clients.
    KRB_AP_ERR_BADMATCH = 36,
    /// Clocks differ too much.
    KRB_AP_ERR_SKEW = 37,
    /// A checksum is wrong.
    KRB_AP_ERR_MODIFIED = 41,
    /// No key of that version.
    KRB_AP_ERR_BADKEYVER = 44,
    /// Too large for UDP.
    KRB_ERR_RESPONSE_TOO_BIG = 52,
    /// Any other failure.
    KRB_ERR_GENERIC = 60,
    /// The realm is another.
    KDC_ERR_WRONG_REALM = 68,
}

crate::open_enum! {
    /// Type of a PA-DATA (RFC 4120 section 7.5.2, MS-KILE, MS-SFU).
    pub struct PaDataType(i32);
    /// The ticket of a TGS-REQ.
    PA_TGS_REQ = 1,
    /// An encrypted timestamp: proof of a long-term key.
    PA_ENC_TIMESTAMP = 2,
    /// Salts and encryption types.
    PA_ETYPE_INFO2 = 19,
    /// A certificate logon, request.
    PA_PK_AS_REQ = 16,
    /// Whether a PAC is wanted (MS-KILE 2.2.3).
    PA_PAC_REQUEST = 128,
    /// S4U2self by name (MS-SFU 2.2.1).
    PA_FOR_USER = 129,
    /// S4U2self by certificate or name (MS-SFU 2.2.2).
    PA_S4U_X509_USER = 130,
    /// Armour of RFC 6113.
    PA_FX_FAST = 136,
    /// Encrypted challenge inside armour (RFC 6113).
    PA_ENCRYPTED_CHALLENGE = 138,
    /// Wish for the client's long-term keys (MS-KILE 2.2.11).
    KERB_KEY_LIST_REQ = 161,
    /// The client's long-term keys (MS-KILE 2.2.12).
    KERB_KEY_LIST_REP = 162,
    /// A certificate logon, reply.
    PA_PK_AS_REP = 17,
    /// Options such as resource-based delegation (MS-KILE 2.2.10).
    PA_PAC_OPTIONS = 167,
}

/// The option word of a KDC-REQ (RFC 4120 section 5.4.1), most significant bit first.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KdcOptions(pub u32);

impl KdcOptions {
    /// `forwarded`.
    pub const FORWARDED: u32 = 0x2000_0000;
    /// `cname-in-addl-tkt` (MS-SFU): a constrained delegation.
    pub const CNAME_IN_ADDL_TKT: u32 = 0x0002_0000;
    /// `enc-tkt-in-skey`: user to user.
    pub const ENC_TKT_IN_SKEY: u32 = 0x0000_0008;
    /// `renew`.
    pub const RENEW: u32 = 0x0000_0002;

    /// Whether all bits of `mask` are set.
    #[must_use]
    pub const fn has(self, mask: u32) -> bool {
        self.0 & mask == mask
    }
}

impl fmt::Debug for KdcOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Identity of a ticket: the first 16 octets of SHA-256 over the ciphertext of its `enc-part`.
///
/// Two tickets with the same ciphertext are the same ticket, whoever carries them; no key is needed.
///
/// Where people and other programs read it (JSON), it is written as 32 hexadecimal digits, because a
/// number of 128 bits loses some in most of them; in snapshots and on the wire it is the number.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketHash(pub u128);

impl Serialize for TicketHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let mut digits = [0; 32];
            for (place, digit) in (0..).step_by(4).zip(digits.iter_mut().rev()) {
                *digit = hexadecimal(self.0 >> place);
            }
            serializer.serialize_str(str::from_utf8(&digits).unwrap_or_default())
        } else {
            serializer.serialize_u128(self.0)
        }
    }
}

/// The lowest four bits as a digit.
const fn hexadecimal(number: u128) -> u8 {
    let digit = number.to_le_bytes()[0] & 0xf;
    match digit {
        0..10 => b'0' + digit,
        _ => b'a' + digit - 10,
    }
}

impl<'de> Deserialize<'de> for TicketHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Digits);
        }
        u128::deserialize(deserializer).map(Self)
    }
}

/// Reads what is written for people, and the numbers that earlier builds wrote there.
struct Digits;

impl Visitor<'_> for Digits {
    type Value = TicketHash;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 hexadecimal digits")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TicketHash, E> {
        u128::from_str_radix(text, 16)
            .map(TicketHash)
            .map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<TicketHash, E> {
        Ok(TicketHash(number.into()))
    }

    fn visit_u128<E: serde::de::Error>(self, number: u128) -> Result<TicketHash, E> {
        Ok(TicketHash(number))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what the number has lost it had lost when it was read; the cast saturates"
    )]
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<TicketHash, E> {
        Ok(TicketHash(number as u128))
    }
}

impl fmt::Debug for TicketHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TicketHash {
    /// The first eight hexadecimal digits, enough to tell tickets apart in a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0 >> 96)
    }
}
