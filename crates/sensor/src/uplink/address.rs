//! Where the server is, and the token by which a sensor first speaks to it.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Uri;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// A server, by host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an address, IPv6 without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let uri: Uri = text
            .parse()
            .with_context(|| format!("{text} is no address"))?;
        if uri.scheme_str() != Some("https") {
            bail!("{text} does not begin with https://");
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            bail!("{text} has more than a host and a port");
        }
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || text.contains('@') {
            bail!("{text} names no host");
        }
        Ok(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(HTTPS_PORT),
        })
    }
}

impl Address {
    /// Host and port as HTTP and URLs write them.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority())
    }
}

/// SHA-256 of a certificate in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// That of a certificate.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// The second part of a token: `<secret>.<fingerprint>`, both base64url without padding.
    ///
    /// # Errors
    ///
    /// When the token has no such part.
    pub fn of_token(token: &str) -> Result<Self> {
        let (_, part) = token
            .split_once('.')
            .context("the token has no fingerprint; copy it whole, or add --fingerprint")?;
        let octets = URL_SAFE_NO_PAD
            .decode(part)
            .ok()
            .and_then(|it| it.try_into().ok());
        octets
            .map(Self)
            .context("the fingerprint in the token is damaged; copy the token whole")
    }
}

impl FromStr for Fingerprint {
    type Err = anyhow::Error;

    /// Hexadecimal, with or without colons, as certificate tools print it.
    fn from_str(text: &str) -> Result<Self> {
        let digits: String = text.chars().filter(|it| *it != ':').collect();
        let octets: Option<Vec<u8>> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        octets
            .and_then(|it| it.try_into().ok())
            .map(Self)
            .context("a fingerprint is 64 hexadecimal digits (SHA-256)")
    }
}

const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_with_host_and_port_and_nothing_else() {
        for (text, expected) in [
            ("https://server.example", Some("https://server.example:443")),
            (
                "https://server.example:8443/",
                Some("https://server.example:8443"),
            ),
            (
                "https://[2001:db8::1]:8443",
                Some("https://[2001:db8::1]:8443"),
            ),
            ("http://server.example", None),
            ("server.example", None),
            ("https://server.example/path", None),
            ("https://user@server.example", None),
            ("https://", None),
            ("", None),
        ] {
            let address = text.parse::<Address>().map(|it| it.to_string()).ok();
            assert_eq!(address.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_token_carries_the_fingerprint_and_a_cut_one_is_refused() {
        let fingerprint = Fingerprint::of(b"certificate");
        let token = format!("c2VjcmV0.{}", URL_SAFE_NO_PAD.encode(fingerprint.0));
        assert_eq!(Fingerprint::of_token(&token).unwrap(), fingerprint);
        for cut in 0..token.len() {
            let part: String = token.chars().take(cut).collect();
            assert!(Fingerprint::of_token(&part).is_err());
        }
        let hex: Vec<String> = fingerprint.0.iter().map(|it| format!("{it:02X}")).collect();
        assert_eq!(hex.join(":").parse::<Fingerprint>().unwrap(), fingerprint);
        assert_eq!(hex.concat().parse::<Fingerprint>().unwrap(), fingerprint);
        assert!(hex[1..].concat().parse::<Fingerprint>().is_err());
        assert!("zz".repeat(32).parse::<Fingerprint>().is_err());
    }
}
