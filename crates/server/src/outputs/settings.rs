//! What people say of an output, checked before it is kept.

use super::tls;
use axum::http::Uri;
use realmward_store::Output;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An output as it is to be opened.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) destination: Destination,
    pub(super) options: Options,
}

/// Where to.
#[derive(Clone, Debug)]
pub(super) enum Destination {
    /// A syslog collector.
    Syslog(Address),
    /// An address that takes POST.
    Webhook(Uri),
    /// A file in the folder for files of alerts.
    Lines(String),
}

/// Where a syslog collector listens.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) transport: Transport,
    pub(super) host: String,
    pub(super) port: u16,
}

/// How messages get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// RFC 5426.
    Udp,
    /// RFC 6587.
    Tcp,
    /// RFC 5425.
    Tls,
}

/// How an output is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// Syslog: `cef`, or `cef_microsoft` in the words of Azure ATP.
    pub(crate) format: Format,
    /// Syslog: `rfc5424`, or the older `rfc3164`.
    pub(crate) envelope: Envelope,
    /// Webhook: with what messages are signed; never given out again.
    pub(crate) secret: String,
    /// TLS: the certificates of authorities to believe, in PEM; those of the system if empty.
    pub(crate) authority: String,
}

/// Whose words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Ours.
    #[default]
    Cef,
    /// Those of Azure ATP and Defender for Identity.
    CefMicrosoft,
}

/// Which envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Envelope {
    /// RFC 5424.
    #[default]
    Rfc5424,
    /// RFC 3164.
    Rfc3164,
}

impl Settings {
    /// The settings of an output.
    ///
    /// # Errors
    /// What is wrong with them, for people.
    pub(super) fn of(output: &Output) -> Result<Self, String> {
        let options: Options = serde_json::from_value(output.options.clone())
            .map_err(|error| format!("the options: {error}"))?;
        let destination = match output.kind.as_str() {
            "syslog" => Destination::Syslog(address(&output.target)?),
            "webhook" => Destination::Webhook(webhook(&output.target)?),
            "jsonl" => Destination::Lines(file_name(&output.target)?),
            _ => return Err("the kind is one of syslog, webhook and jsonl".into()),
        };
        if !options.authority.is_empty() {
            tls::roots(&options.authority)?;
        }
        Ok(Self {
            destination,
            options,
        })
    }
}

fn address(target: &str) -> Result<Address, String> {
    let wrong = || "a syslog target is udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT";
    let uri: Uri = target.parse().map_err(|_| wrong())?;
    let transport = match uri.scheme_str() {
        Some("udp") => Transport::Udp,
        Some("tcp") => Transport::Tcp,
        Some("tls") => Transport::Tls,
        _ => return Err(wrong().into()),
    };
    let port = uri.port_u16().ok_or_else(wrong)?;
    if port == 0 || !matches!(uri.path(), "" | "/") || uri.query().is_some() || has_user(&uri) {
        return Err(wrong().into());
    }
    Ok(Address {
        transport,
        host: host(&uri).ok_or_else(wrong)?,
        port,
    })
}

fn webhook(target: &str) -> Result<Uri, String> {
    let wrong = || "a webhook target is https://HOST/PATH or http://HOST/PATH".to_owned();
    let uri: Uri = target.parse().map_err(|_| wrong())?;
    let is_web = matches!(uri.scheme_str(), Some("https" | "http"));
    if !is_web || host(&uri).is_none() || has_user(&uri) {
        return Err(wrong());
    }
    Ok(uri)
}

/// Only a name, so that no output can write elsewhere.
fn file_name(target: &str) -> Result<String, String> {
    let fits = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
    let is_name = target.len() <= FILE_NAME_OCTETS_MAX
        && target.bytes().all(fits)
        && !target.starts_with(['.', '-'])
        && target
            .strip_suffix(".jsonl")
            .is_some_and(|it| !it.is_empty());
    if is_name {
        return Ok(target.to_owned());
    }
    Err(
        "a jsonl target is a file name of letters, digits, dots and hyphens that ends in .jsonl; \
         the file is in the folder `outputs` of the data folder"
            .into(),
    )
}

/// The host of an address, without the brackets of IPv6.
pub(super) fn host(uri: &Uri) -> Option<String> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| host.to_owned())
}

fn has_user(uri: &Uri) -> bool {
    uri.authority().is_some_and(|it| it.as_str().contains('@'))
}

const FILE_NAME_OCTETS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_store::OutputId;
    use serde_json::json;

    fn read(kind: &str, target: &str, options: serde_json::Value) -> Result<Settings, String> {
        Settings::of(&Output {
            id: OutputId(0),
            name: "siem".into(),
            kind: kind.into(),
            target: target.into(),
            options,
            disabled: false,
        })
    }

    #[test]
    fn only_what_can_be_served_is_taken() {
        for (is_good, kind, target) in [
            (true, "syslog", "udp://siem.example:514"),
            (true, "syslog", "tls://[2001:db8::1]:6514"),
            (true, "webhook", "https://hooks.example/a?b=c"),
            (true, "jsonl", "alerts.jsonl"),
            (false, "syslog", "siem.example:514"),
            (false, "syslog", "udp://siem.example"),
            (false, "syslog", "ftp://siem.example:21"),
            (false, "syslog", "tcp://siem.example:601/path"),
            (false, "webhook", "file:///etc/passwd"),
            (false, "webhook", "https://user:word@hooks.example/"),
            (false, "jsonl", "../realmward.jsonl"),
            (false, "jsonl", "/tmp/a.jsonl"),
            (false, "jsonl", ".jsonl"),
            (false, "jsonl", "realmward.db"),
            (false, "mail", "ann@corp.example"),
        ] {
            let found = read(kind, target, json!({}));
            assert_eq!(found.is_ok(), is_good, "{kind} {target}: {found:?}");
        }
        for (is_good, options) in [
            (
                true,
                json!({"format": "cef_microsoft", "envelope": "rfc3164"}),
            ),
            (false, json!({"format": "leef"})),
            (false, json!({"fromat": "cef"})),
            (false, json!({"authority": "no certificate"})),
        ] {
            let found = read("syslog", "tls://h:1", options.clone());
            assert_eq!(found.is_ok(), is_good, "{options}");
        }
    }
}
