//! A fact from its name and fields: the default of the fact with the fields written over it.

use super::{field, shape};
use anyhow::{Context as _, Result, bail};
use realmward_event::Fact;
use realmward_event::kerberos::{
    EncryptedPart, ServiceTicketRequested, Ticket, TicketGrantRequested,
};
use serde_json::{Value, json};

macro_rules! defaults {
    ($kind:expr; $($name:ident),+ $(,)?) => {
        match $kind {
            $(stringify!($name) => Fact::$name(Default::default()),)+
            other => bail!("`{other}` is no fact"),
        }
    };
}

/// The fact `kind` with these fields.
pub(super) fn build(kind: &str, fields: &[(String, String)]) -> Result<Fact> {
    let fact = defaults!(kind;
        TicketGrantRequested, TicketGranted, ServiceTicketRequested, ServiceTicketIssued,
        KerberosRefused, TicketPresented, NtlmAuthenticated, SmbNegotiated, SmbSessionAnswered, SmbSessionEncrypted,
        ShareOpened, FileOpened, FileClosed, SmbSizesContradict, RpcBound, RpcCalled, EndpointMapped, DirectoryBound,
        DirectorySearched, DirectoryServerSeen, NameResolved,
        NamesAsked, ZoneTransferred, ZoneUpdated, AddressLeased, NetworkAccessAsked,
        NetworkSessionReported, LocalNameAsked, LocalNameAnswered, NetbiosNameClaimed,
        HostAnnounced, RemoteDesktopAsked, TlsNegotiated, DatabaseLogon,
    );
    let mut whole = serde_json::to_value(fact)?;
    let inner = whole.get_mut(kind).context("fact is not an object")?;
    for (path, text) in fields {
        set(kind, inner, path, text).with_context(|| format!("`{path}={text}`"))?;
    }
    serde_json::from_value(whole).with_context(|| format!("fields of {kind}"))
}

fn set(kind: &str, root: &mut Value, path: &str, text: &str) -> Result<()> {
    let mut place = root;
    for key in path.split('.') {
        if place.is_null() {
            bail!("nothing is known of what stands before `{key}`");
        }
        place = place
            .get_mut(key)
            .with_context(|| format!("there is no `{key}`"))?;
        if place.is_null() && path.rsplit('.').next() != Some(key) {
            *place = absent(kind, key)?;
        }
    }
    let last = path.rsplit('.').next().unwrap_or(path);
    *place = match last {
        "interface" | "class" => Value::from(shape::interface(text)?),
        "principal" => principal(text),
        "transport" => transport(text),
        "shape" => shape::request(text)?,
        "arguments" => arguments(text)?,
        _ => field::value(place, text),
    };
    Ok(())
}

/// The default of a part that a fact may lack.
fn absent(kind: &str, key: &str) -> Result<Value> {
    let value = match (kind, key) {
        ("TicketGranted", "request") => serde_json::to_value(TicketGrantRequested::default())?,
        ("ServiceTicketIssued", "request") => {
            serde_json::to_value(ServiceTicketRequested::default())?
        }
        (_, "timestamp") => serde_json::to_value(EncryptedPart::default())?,
        (_, "presented") => serde_json::to_value(Ticket::default())?,
        _ => bail!("no default for `{key}`"),
    };
    Ok(value)
}

/// `alice`, `LAB\alice`, `ticket:7`, `anonymous`, `unknown`.
fn principal(text: &str) -> Value {
    if let Some(hash) = text
        .strip_prefix("ticket:")
        .and_then(|it| it.parse::<u64>().ok())
    {
        return json!({ "ticket": hash });
    }
    match text {
        "anonymous" | "unknown" => Value::from(text),
        _ => {
            let (domain, user) = text.split_once('\\').unwrap_or(("", text));
            json!({ "ntlm": { "user": user, "domain": domain } })
        }
    }
}

/// `tcp`, `pipe:svcctl`.
fn transport(text: &str) -> Value {
    match text.strip_prefix("pipe:") {
        Some(name) => json!({ "pipe": name }),
        None => Value::from(text),
    }
}

/// `service:NAME`, `service:NAME:PATH`, `class:GUID`, or JSON.
fn arguments(text: &str) -> Result<Value> {
    if let Some(service) = text.strip_prefix("service:") {
        let (name, path) = match service.split_once(':') {
            Some((name, path)) => (name, Some(path)),
            None => (service, None),
        };
        return Ok(json!({ "service": { "name": name, "binary_path": path } }));
    }
    if let Some(class) = text.strip_prefix("class:") {
        return Ok(json!({ "activation": { "class": class } }));
    }
    Ok(serde_json::from_str(text)?)
}
