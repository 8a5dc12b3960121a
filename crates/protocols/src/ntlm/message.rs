//! The three messages of MS-NLMP section 2.2.1 in its own words, borrowed.

use std::borrow::Cow;

/// Bits of `NegotiateFlags` that decide how a message is read (MS-NLMP section 2.2.2.5).
pub mod flags {
    /// `NTLMSSP_NEGOTIATE_UNICODE`: strings are UTF-16, else in the sender's OEM code page.
    pub const UNICODE: u32 = 0x0000_0001;
    /// `NTLMSSP_NEGOTIATE_VERSION`: the `Version` field is filled.
    pub const VERSION: u32 = 0x0200_0000;
}

/// VERSION (MS-NLMP section 2.2.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// `ProductMajorVersion`.
    pub major: u8,
    /// `ProductMinorVersion`.
    pub minor: u8,
    /// `ProductBuild`.
    pub build: u16,
}

/// A string as it lies in the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a> {
    /// The octets.
    pub octets: &'a [u8],
    /// Whether they are UTF-16, little-endian.
    pub unicode: bool,
}

impl<'a> Text<'a> {
    /// The text, at most `TEXT_OCTETS_MAX` octets of it. Octets of an unknown code page that are
    /// no UTF-8 are read as Latin-1: wrong letters still tell two names apart.
    #[must_use]
    pub fn decode(self) -> Cow<'a, str> {
        let octets = self.octets.get(..TEXT_OCTETS_MAX).unwrap_or(self.octets);
        if self.unicode {
            let units = octets.chunks_exact(2).map(|pair| match pair {
                [low, high] => u16::from_le_bytes([*low, *high]),
                _ => 0,
            });
            return char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect::<String>()
                .into();
        }
        match std::str::from_utf8(octets) {
            Ok(text) => text.into(),
            Err(_) => octets
                .iter()
                .copied()
                .map(char::from)
                .collect::<String>()
                .into(),
        }
    }
}

/// NEGOTIATE_MESSAGE (MS-NLMP section 2.2.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Negotiate<'a> {
    /// `NegotiateFlags`.
    pub negotiate_flags: u32,
    /// `DomainName`, always in the OEM code page.
    pub domain_name: Text<'a>,
    /// `Workstation`, always in the OEM code page.
    pub workstation: Text<'a>,
    /// `Version`.
    pub version: Option<Version>,
}

/// CHALLENGE_MESSAGE (MS-NLMP section 2.2.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// `TargetName`.
    pub target_name: Text<'a>,
    /// `NegotiateFlags`.
    pub negotiate_flags: u32,
    /// `ServerChallenge`, read as it is printed: first octet most significant.
    pub server_challenge: u64,
    /// `TargetInfo`.
    pub target_info: AvPairs<'a>,
    /// `Version`.
    pub version: Option<Version>,
}

/// AUTHENTICATE_MESSAGE (MS-NLMP section 2.2.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authenticate<'a> {
    /// `LmChallengeResponse`.
    pub lm_challenge_response: &'a [u8],
    /// `NtChallengeResponse`.
    pub nt_challenge_response: &'a [u8],
    /// `DomainName`.
    pub domain_name: Text<'a>,
    /// `UserName`.
    pub user_name: Text<'a>,
    /// `Workstation`.
    pub workstation: Text<'a>,
    /// `NegotiateFlags`; 0 in the short form of the oldest clients.
    pub negotiate_flags: u32,
    /// `Version`.
    pub version: Option<Version>,
    /// `MIC`, if the header has room for it.
    pub mic: Option<[u8; 16]>,
}

/// What the client answered the challenge with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    /// No name and no response (MS-NLMP section 3.2.5.1.2).
    Anonymous,
    /// NTLM_RESPONSE (section 2.2.2.6) or an LM_RESPONSE alone (section 2.2.2.3).
    V1 {
        /// The NT response, empty if only LM was used.
        nt: &'a [u8],
    },
    /// NTLMv2_RESPONSE (section 2.2.2.8).
    V2(Response2<'a>),
}

/// NTLMv2_RESPONSE with its NTLMv2_CLIENT_CHALLENGE (MS-NLMP sections 2.2.2.8 and 2.2.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Response2<'a> {
    /// `Response`, which other texts call NTProofStr.
    pub nt_proof_str: [u8; 16],
    /// `TimeStamp`, a FILETIME.
    pub time_stamp: u64,
    /// `ChallengeFromClient`.
    pub challenge_from_client: [u8; 8],
    /// `AvPairs`.
    pub av_pairs: AvPairs<'a>,
}

impl<'a> Authenticate<'a> {
    /// What the client answered the challenge with, told apart by length as servers do.
    #[must_use]
    pub fn response(&self) -> Response<'a> {
        let nt = self.nt_challenge_response;
        if nt.is_empty() && self.user_name.octets.is_empty() && self.lm_challenge_response.len() < 2
        {
            return Response::Anonymous;
        }
        if nt.len() <= RESPONSE_1_OCTETS {
            return Response::V1 { nt };
        }
        super::parse::response_2(nt).map_or(Response::V1 { nt }, Response::V2)
    }
}

/// A list of AV_PAIR (MS-NLMP section 2.2.2.1), still encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AvPairs<'a>(pub &'a [u8]);

impl<'a> AvPairs<'a> {
    /// The pairs up to `MsvAvEOL` or the first that does not fit, at most `AV_PAIRS_MAX`.
    pub fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (after, (id, value)) = super::parse::av_pair(rest).ok()?;
            rest = after;
            (id != av::EOL).then_some((id, value))
        })
        .take(AV_PAIRS_MAX)
    }

    /// The value of the first pair of this id.
    #[must_use]
    pub fn find(self, id: u16) -> Option<&'a [u8]> {
        self.iter()
            .find(|(it, _)| *it == id)
            .map(|(_, value)| value)
    }

    /// As [`AvPairs::find`], for a pair whose value is a number of 32 bits.
    #[must_use]
    pub fn number(self, id: u16) -> Option<u32> {
        let octets = self.find(id)?.first_chunk()?;
        Some(u32::from_le_bytes(*octets))
    }

    /// `MsvAvTimestamp`, a FILETIME.
    #[must_use]
    pub fn timestamp(self) -> Option<u64> {
        let octets = self.find(av::TIMESTAMP)?.first_chunk()?;
        Some(u64::from_le_bytes(*octets))
    }

    /// The first eight octets of `MachineID` in the Single_Host_Data of `MsvAvSingleHost` (section
    /// 2.2.2.2): `Size, Z4, CustomData[8], MachineID[32]`. First octet most significant.
    #[must_use]
    pub fn machine_id(self) -> Option<u64> {
        let octets = self.find(av::SINGLE_HOST)?.get(16..)?.first_chunk()?;
        Some(u64::from_be_bytes(*octets))
    }

    /// As [`AvPairs::find`], for a pair whose value is text; the text is always UTF-16.
    #[must_use]
    pub fn text(self, id: u16) -> Option<Text<'a>> {
        self.find(id).map(|octets| Text {
            octets,
            unicode: true,
        })
    }
}

/// `AvId` of an AV_PAIR (MS-NLMP section 2.2.2.1).
pub mod av {
    /// `MsvAvEOL`.
    pub const EOL: u16 = 0;
    /// `MsvAvNbComputerName`.
    pub const NB_COMPUTER_NAME: u16 = 1;
    /// `MsvAvNbDomainName`.
    pub const NB_DOMAIN_NAME: u16 = 2;
    /// `MsvAvDnsComputerName`.
    pub const DNS_COMPUTER_NAME: u16 = 3;
    /// `MsvAvDnsDomainName`.
    pub const DNS_DOMAIN_NAME: u16 = 4;
    /// `MsvAvFlags`.
    pub const FLAGS: u16 = 6;
    /// `MsvAvTimestamp`.
    pub const TIMESTAMP: u16 = 7;
    /// `MsvAvSingleHost`.
    pub const SINGLE_HOST: u16 = 8;
    /// `MsvAvTargetName`.
    pub const TARGET_NAME: u16 = 9;
    /// `MsvAvChannelBindings`.
    pub const CHANNEL_BINDINGS: u16 = 10;
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// The client offers.
    Negotiate(Negotiate<'a>),
    /// The server challenges.
    Challenge(Challenge<'a>),
    /// The client answers.
    Authenticate(Authenticate<'a>),
}

/// An NTLM_RESPONSE has 24 octets; what is longer is an NTLMv2_RESPONSE.
const RESPONSE_1_OCTETS: usize = 24;

/// Names are cut at 256 octets of UTF-8 anyway; 1,024 octets here keep the longest of them whole.
const TEXT_OCTETS_MAX: usize = 1024;

/// MS-NLMP knows eleven kinds of pair; a list of more than 64 hides nothing we look for.
const AV_PAIRS_MAX: usize = 64;
