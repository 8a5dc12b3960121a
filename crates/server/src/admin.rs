//! `sensor add`, `user add` and `metrics token`: what must work without a browser, beside a running server or before
//! there is one. All print something that works once; neither ever sees a password.

use crate::metrics::token;
use crate::options::{MetricsCommand, SensorCommand, UserCommand};
use crate::sensors;
use crate::serve::authority::Authority;
use crate::serve::folder::Folder;
use crate::web::role::Word as _;
use crate::web::setup::{self, Invited};
use crate::web::state::now;
use anyhow::{Result, anyhow, bail};
use realmward_store::{AuditEntry, Store};
use std::io::Write as _;
use std::process::ExitCode;

/// `sensor add NAME`.
pub(crate) fn sensor(command: SensorCommand) -> Result<ExitCode> {
    let SensorCommand::Add(options) = command;
    setup::acceptable_name(&options.name).map_err(|it| anyhow!(it.text()))?;
    let folder = Folder::open(&options.data)?;
    let store = Store::open(folder.path())?;
    let authority = Authority::open(&folder)?;
    let taken = |it: &realmward_store::Sensor| it.revoked.is_none() && it.name == options.name;
    if store.sensors()?.iter().any(taken) {
        bail!(
            "there is a sensor named {}; revoke it first, or choose another name",
            options.name
        );
    }
    let (secret, token) = sensors::token(&options.name, now())?;
    store.together(|store| {
        store.put_token(secret.hash(), &token)?;
        record(store, "sensor invited", &options.name)
    })?;
    let server = address(&folder, options.server)?;
    let token = sensors::text(&secret, &authority);
    print(&format!(
        "On the machine of the sensor, once and within a day:\n\n  realmward-sensor join {server} {token}\n"
    ))
}

/// `user add NAME`.
pub(crate) fn user(command: UserCommand) -> Result<ExitCode> {
    let UserCommand::Add(options) = command;
    setup::acceptable_name(&options.name).map_err(|it| anyhow!(it.text()))?;
    let folder = Folder::open(&options.data)?;
    let store = Store::open(folder.path())?;
    let known = store.account(&options.name)?;
    let invited = Invited {
        is_renewal: known.is_some(),
        role: known.as_ref().map_or(options.role, |it| it.role),
        name: Some(known.map_or(options.name, |it| it.name)),
    };
    let (secret, token) = setup::invite(&invited, now())?;
    let name = invited.name.unwrap_or_default();
    store.together(|store| {
        store.put_token(secret.hash(), &token)?;
        record(store, "account invited", &name)
    })?;
    let server = address(&folder, options.server)?;
    let what = if invited.is_renewal {
        format!("{name} chooses another password")
    } else {
        format!(
            "{name} chooses a password and becomes {}",
            invited.role.word()
        )
    };
    print(&format!(
        "Within an hour, {what} at\n\n  {server}{}\n",
        setup::link(&secret)
    ))
}

/// `metrics token` and `metrics revoke`.
pub(crate) fn metrics(command: MetricsCommand) -> Result<ExitCode> {
    let (data, ends) = match command {
        MetricsCommand::Token(options) => (options.data, false),
        MetricsCommand::Revoke(options) => (options.data, true),
    };
    let store = Store::open(Folder::open(&data)?.path())?;
    if ends {
        store.together(|store| {
            token::end(store)?;
            record(store, "metrics token ended", "")
        })?;
        return print("No token reads /metrics any more.\n");
    }
    let secret = store.together(|store| {
        let secret = token::make(store)?;
        record(store, "metrics token made", "")?;
        anyhow::Ok(secret)
    })?;
    print(&format!("{}\n", secret.text()))
}

/// Whoever may use the data folder did it; the system knows who that was.
fn record(store: &Store, action: &str, subject: &str) -> Result<()> {
    let entry = AuditEntry {
        time: now(),
        who: "command line".into(),
        action: action.into(),
        subject: subject.into(),
        ..AuditEntry::default()
    };
    store.append_audit(&entry)?;
    Ok(())
}

/// Where the server is: as said, as it last said itself, or where it is by default.
fn address(folder: &Folder, said: Option<String>) -> Result<String> {
    let address = match said {
        Some(said) => said,
        None => folder.read(ADDRESS)?.unwrap_or_else(|| DEFAULT.into()),
    };
    Ok(address.trim().trim_end_matches('/').to_owned())
}

fn print(text: &str) -> Result<ExitCode> {
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// File in which the server says how it is reached.
pub(crate) const ADDRESS: &str = "address";

const DEFAULT: &str = "https://127.0.0.1:8443";
