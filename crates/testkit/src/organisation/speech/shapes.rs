//! How each implementation words a Kerberos request.

use super::Caller;
use realmward_event::kerberos::RequestShape;
use realmward_vocab::{EncryptionType, EventTime, KdcOptions, PaDataType};
use std::time::Duration;

/// What speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Software {
    Windows,
    /// Windows after it lost the password and kept the keys.
    WindowsStored,
    Mit,
    Heimdal,
    Java,
    Impacket,
    Rubeus,
    /// Rubeus that copies Windows.
    RubeusCopying,
}

impl Software {
    /// Whether a logon begins with a request without proof, which is refused.
    pub(super) const fn asks_first(self) -> bool {
        !matches!(self, Self::Rubeus)
    }

    /// Length of PA-ENC-TIMESTAMP; Rubeus leaves out the microseconds.
    pub(super) const fn proof_octets(self, etype: EncryptionType) -> u32 {
        let short = matches!(self, Self::Rubeus | Self::RubeusCopying);
        match (etype.0, short) {
            (23, false) => 52,
            (23, true) => 45,
            (_, false) => 56,
            (_, true) => 49,
        }
    }

    /// The words of an AS-REQ.
    pub(super) fn logon(
        self,
        caller: &Caller,
        now: EventTime,
        proof: Option<EncryptionType>,
        nonce: u32,
    ) -> RequestShape {
        let proven = proof.is_some();
        let usual = RequestShape {
            options: KdcOptions(0x4081_0010),
            padata: padata(if proven { &[2, 128] } else { &[128] }),
            service_name_type: 2,
            nonce,
            till: NEVER.to_owned(),
            rtime: Some(NEVER.to_owned()),
            has_cname: true,
            ..RequestShape::default()
        };
        let tomorrow = written(now.saturating_add(Duration::from_secs(86_400)));
        match self {
            Self::Windows | Self::RubeusCopying => RequestShape {
                etypes: etypes(&[18, 17, 23, 24, -135, 3]),
                netbios_address: Some(caller.host.clone()),
                ..usual
            },
            Self::WindowsStored => RequestShape {
                etypes: etypes(&[18, 23, -133, -128, 24, -135]),
                netbios_address: Some(caller.host.clone()),
                ..usual
            },
            Self::Mit => RequestShape {
                options: KdcOptions(0x10),
                etypes: etypes(&[18, 17, 20, 19, 16, 23, 25, 26]),
                padata: padata(if proven { &[2, 150, 149] } else { &[150, 149] }),
                till: tomorrow,
                rtime: None,
                ..usual
            },
            Self::Heimdal => RequestShape {
                options: KdcOptions(0x4081_0000),
                etypes: etypes(&[18, 17, 23]),
                padata: padata(if proven { &[2, 149] } else { &[149] }),
                rtime: Some(tomorrow.clone()),
                till: tomorrow,
                ..usual
            },
            Self::Java => RequestShape {
                padata: padata(if proven { &[2] } else { &[] }),
                ..java(usual)
            },
            Self::Impacket => RequestShape {
                options: KdcOptions(0x5080_0000),
                etypes: vec![proof.unwrap_or(EncryptionType::RC4_HMAC)],
                service_name_type: 1,
                rtime: Some(tomorrow.clone()),
                till: tomorrow,
                ..usual
            },
            Self::Rubeus => RequestShape {
                options: KdcOptions(0x4080_0010),
                etypes: vec![proof.unwrap_or(EncryptionType::RC4_HMAC)],
                ..usual
            },
        }
    }

    /// The words of a TGS-REQ.
    pub(super) fn ticket(self, now: EventTime, key: EncryptionType, nonce: u32) -> RequestShape {
        let tomorrow = written(now.saturating_add(Duration::from_secs(86_400)));
        let usual = RequestShape {
            options: KdcOptions(0x4081_0000),
            etypes: etypes(&[18, 17, 23, 24, -135]),
            padata: padata(&[1, 167]),
            service_name_type: 2,
            nonce,
            till: NEVER.to_owned(),
            ..RequestShape::default()
        };
        match self {
            Self::Windows | Self::WindowsStored | Self::RubeusCopying => usual,
            Self::Mit | Self::Java => RequestShape {
                options: KdcOptions(0x0081_0000),
                etypes: etypes(&[18, 17, 20, 19, 16, 23, 25, 26]),
                padata: padata(&[1, 136]),
                service_name_type: 1,
                till: tomorrow,
                ..usual
            },
            Self::Heimdal => RequestShape {
                options: KdcOptions(0x4080_0000),
                etypes: etypes(&[18, 17, 23]),
                padata: padata(&[1, 136]),
                service_name_type: 1,
                till: tomorrow,
                ..usual
            },
            Self::Impacket => RequestShape {
                options: KdcOptions(0x4081_0010),
                etypes: etypes(&[23, 16, 3, key.0]),
                padata: padata(&[1]),
                till: tomorrow,
                ..usual
            },
            Self::Rubeus => RequestShape {
                options: KdcOptions(0x4080_0010),
                etypes: etypes(&[18, 17, 23, 24]),
                padata: padata(&[1]),
                has_cname: true,
                ..usual
            },
        }
    }

    /// Length of `enc-authorization-data`.
    pub(super) const fn authorization_octets(self) -> u32 {
        match self {
            Self::Windows | Self::WindowsStored | Self::RubeusCopying => 136,
            _ => 0,
        }
    }
}

/// As long as allowed, in the words of Java.
fn java(usual: RequestShape) -> RequestShape {
    RequestShape {
        options: KdcOptions(0x10),
        etypes: etypes(&[18, 17, 23]),
        till: "19700101000000Z".to_owned(),
        rtime: None,
        ..usual
    }
}

fn padata(types: &[i32]) -> Vec<PaDataType> {
    types.iter().copied().map(PaDataType).collect()
}

fn etypes(types: &[i32]) -> Vec<EncryptionType> {
    types.iter().copied().map(EncryptionType).collect()
}

/// KerberosTime (RFC 4120 section 5.2.3) of an instant; days by H. Hinnant's `civil_from_days`.
fn written(time: EventTime) -> String {
    let seconds = time.unix_nanoseconds().div_euclid(1_000_000_000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// The end of time as Windows writes it.
const NEVER: &str = "20370913024805Z";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_standard_asks() {
        for (seconds, text) in [
            (0, "19700101000000Z"),
            (1_767_571_200, "20260105000000Z"),
            (1_709_210_096, "20240229123456Z"),
        ] {
            assert_eq!(written(EventTime::from_unix_seconds(seconds)), text);
        }
    }
}
