//! Octets to NTLM messages, without state.
//!
//! Every string and response is named by length and offset of the sender's choice, so each is taken
//! from the message only if it lies in it; one that does not is read as empty. `Version` and `MIC`
//! are there only if no payload begins before their end: old clients leave them out.

use super::message::{
    Authenticate, AvPairs, Challenge, Message, Negotiate, Response2, Text, Version, flags,
};
use crate::wire::{ParseError, slice_at, value};
use nom::Parser as _;
use nom::bytes::complete::{tag, take};
use nom::combinator::{map, opt, rest};
use nom::number::complete::{be_u64, le_u16, le_u32, le_u64, u8};
use nom::sequence::preceded;

type Parsed<'a, T> = nom::IResult<&'a [u8], T, ParseError>;

/// The eight octets that begin every NTLM message.
pub const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Reads the message that `octets` is; offsets count from their start.
///
/// # Errors
///
/// [`ParseError`] when the signature, the type or a fixed field is missing.
pub fn message(octets: &[u8]) -> Result<Message<'_>, ParseError> {
    let (message_type, rest) = value((preceded(tag(&SIGNATURE[..]), le_u32), rest).parse(octets))?;
    match message_type {
        1 => value(negotiate(octets, rest)).map(Message::Negotiate),
        2 => value(challenge(octets, rest)).map(Message::Challenge),
        3 => value(authenticate(octets, rest)).map(Message::Authenticate),
        _ => Err(ParseError::Malformed {
            field: "MessageType",
        }),
    }
}

/// `NegotiateFlags, DomainNameFields, WorkstationFields, Version`; all but the first may be missing.
fn negotiate<'a>(message: &'a [u8], input: &'a [u8]) -> Parsed<'a, Negotiate<'a>> {
    let (rest, negotiate_flags) = le_u32.parse(input)?;
    let (rest, fields) = opt((field, field)).parse(rest)?;
    let (domain, workstation) = fields.unwrap_or_default();
    let oem = |field: Field| field.text(message, false);
    let version = version_at(
        message,
        negotiate_flags,
        NEGOTIATE_VERSION_AT,
        &[domain, workstation],
    );
    Ok((
        rest,
        Negotiate {
            negotiate_flags,
            domain_name: oem(domain),
            workstation: oem(workstation),
            version,
        },
    ))
}

/// `TargetNameFields, NegotiateFlags, ServerChallenge, Reserved, TargetInfoFields, Version`; what
/// follows the challenge may be missing.
fn challenge<'a>(message: &'a [u8], input: &'a [u8]) -> Parsed<'a, Challenge<'a>> {
    let (rest, (target_name, negotiate_flags, server_challenge)) =
        (field, le_u32, be_u64).parse(input)?;
    let (rest, info) = opt((take(8_usize), field)).parse(rest)?;
    let info = info.map(|(_, info)| info).unwrap_or_default();
    let unicode = negotiate_flags & flags::UNICODE != 0;
    Ok((
        rest,
        Challenge {
            target_name: target_name.text(message, unicode),
            negotiate_flags,
            server_challenge,
            target_info: AvPairs(info.octets(message)),
            version: version_at(
                message,
                negotiate_flags,
                CHALLENGE_VERSION_AT,
                &[target_name, info],
            ),
        },
    ))
}

/// `LmChallengeResponseFields, NtChallengeResponseFields, DomainNameFields, UserNameFields,
/// WorkstationFields, EncryptedRandomSessionKeyFields, NegotiateFlags, Version, MIC`; the last four
/// may be missing.
fn authenticate<'a>(message: &'a [u8], input: &'a [u8]) -> Parsed<'a, Authenticate<'a>> {
    let (rest, (lm, nt, domain, user, workstation)) =
        (field, field, field, field, field).parse(input)?;
    let named = [lm, nt, domain, user, workstation];
    let room = payload_start(message, &named);
    let (rest, tail) = opt((field, le_u32)).parse(rest)?;
    let (key, negotiate_flags) = tail
        .filter(|_| AUTHENTICATE_FLAGS_END <= room)
        .unwrap_or_default();
    let unicode = negotiate_flags & flags::UNICODE != 0;
    let all = [lm, nt, domain, user, workstation, key];
    let mic = (AUTHENTICATE_MIC_AT + MIC_OCTETS <= payload_start(message, &all))
        .then(|| slice_at(message, AUTHENTICATE_MIC_AT, MIC_OCTETS))
        .flatten()
        .and_then(|octets| octets.first_chunk().copied());
    Ok((
        rest,
        Authenticate {
            lm_challenge_response: lm.octets(message),
            nt_challenge_response: nt.octets(message),
            domain_name: domain.text(message, unicode),
            user_name: user.text(message, unicode),
            workstation: workstation.text(message, unicode),
            negotiate_flags,
            version: version_at(message, negotiate_flags, AUTHENTICATE_VERSION_AT, &all),
            mic,
        },
    ))
}

/// NTLMv2_RESPONSE: `Response, RespType, HiRespType, Reserved1, Reserved2, TimeStamp,
/// ChallengeFromClient, Reserved3, AvPairs`.
pub(super) fn response_2(nt: &[u8]) -> Option<Response2<'_>> {
    let parsed: Parsed<'_, _> = (
        take(16_usize),
        take(8_usize),
        le_u64,
        take(8_usize),
        opt(take(4_usize)),
    )
        .parse(nt);
    let (av_pairs, (proof, _, time_stamp, challenge, _)) = parsed.ok()?;
    Some(Response2 {
        nt_proof_str: proof.first_chunk().copied()?,
        time_stamp,
        challenge_from_client: challenge.first_chunk().copied()?,
        av_pairs: AvPairs(av_pairs),
    })
}

/// AV_PAIR: `AvId, AvLen, Value`.
pub(super) fn av_pair(input: &[u8]) -> Parsed<'_, (u16, &[u8])> {
    (le_u16, nom::multi::length_data(le_u16)).parse(input)
}

/// `Len, MaxLen, BufferOffset`.
#[derive(Clone, Copy, Default)]
struct Field {
    len: u16,
    buffer_offset: u32,
}

fn field(input: &[u8]) -> Parsed<'_, Field> {
    map((le_u16, le_u16, le_u32), |(len, _, buffer_offset)| Field {
        len,
        buffer_offset,
    })
    .parse(input)
}

impl Field {
    /// The octets named, if the message has them.
    fn octets(self, message: &[u8]) -> &[u8] {
        usize::try_from(self.buffer_offset)
            .ok()
            .and_then(|offset| slice_at(message, offset, usize::from(self.len)))
            .unwrap_or_default()
    }

    fn text(self, message: &[u8], unicode: bool) -> Text<'_> {
        Text {
            octets: self.octets(message),
            unicode,
        }
    }
}

/// Where the first payload begins: the end of the header.
fn payload_start(message: &[u8], fields: &[Field]) -> usize {
    fields
        .iter()
        .filter(|field| field.len != 0)
        .filter_map(|field| usize::try_from(field.buffer_offset).ok())
        .fold(message.len(), usize::min)
}

/// `Version` at `offset`, if the flag is set and the header has room for it.
fn version_at(message: &[u8], flags: u32, offset: usize, fields: &[Field]) -> Option<Version> {
    if flags & flags::VERSION == 0 || payload_start(message, fields) < offset + VERSION_OCTETS {
        return None;
    }
    let parsed: Parsed<'_, _> = (u8, u8, le_u16).parse(slice_at(message, offset, VERSION_OCTETS)?);
    let (_, (major, minor, build)) = parsed.ok()?;
    Some(Version {
        major,
        minor,
        build,
    })
}

/// Offset of `Version` in a NEGOTIATE_MESSAGE.
const NEGOTIATE_VERSION_AT: usize = 32;
/// Offset of `Version` in a CHALLENGE_MESSAGE.
const CHALLENGE_VERSION_AT: usize = 48;
/// Offset behind `NegotiateFlags` in an AUTHENTICATE_MESSAGE.
const AUTHENTICATE_FLAGS_END: usize = 64;
/// Offset of `Version` in an AUTHENTICATE_MESSAGE.
const AUTHENTICATE_VERSION_AT: usize = 64;
/// Offset of `MIC` in an AUTHENTICATE_MESSAGE.
const AUTHENTICATE_MIC_AT: usize = 72;
/// Length of `Version`.
const VERSION_OCTETS: usize = 8;
/// Length of `MIC`.
const MIC_OCTETS: usize = 16;
