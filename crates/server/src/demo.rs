//! `demo`: the lasting server with a story in it, so that a newcomer sees what it is like.
//!
//! The story is made of captures of the project's own lab: two weeks of an honest domain ([`plan`]) and,
//! in the last days of them, one intrusion ([`intrusion`]), moved so that it ended a moment ago. It goes
//! in as a sensor would send it, so what is seen is what the server makes of real packets. It is told
//! once: a second start with the same folder shows the same alerts, judged or not. After it the sensor
//! goes on to report that it is there and that nothing more comes.

mod captures;
mod intrusion;
mod plan;
mod story;
#[cfg(test)]
mod tests;
mod vary;

use crate::complain;
use crate::options::{DemoOptions, ServeOptions};
use crate::serve::folder::Folder;
use crate::serve::{self, Started};
use crate::web::password;
use crate::web::secret::Secret;
use crate::web::state::now;
use anyhow::{Context as _, Result};
use realmward_event::batch::{Batch, SensorHealth};
use realmward_store::{Account, Role, Store, Token};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use story::Story;

/// Runs the server with the story until a signal ends it.
pub(crate) async fn run(options: DemoOptions) -> Result<ExitCode> {
    if options.reveal {
        std::io::stdout().write_all(intrusion::words().as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let data = match &options.data {
        Some(data) => data.clone(),
        None => default_folder()?,
    };
    let folder = Folder::open(&data)?;
    let password = login(&folder)?;
    let serving = ServeOptions {
        listen: ([127, 0, 0, 1], options.port).into(),
        ..ServeOptions::of(data)
    };
    serve::run_and(serving, move |started| {
        let address = started.address.clone();
        tell(started)?;
        greet(&address, &password, options.no_browser);
        report(started)
    })
    .await
}

/// Where the demonstration lives unless told: a folder of the user's cache.
fn default_folder() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set; name a folder with --data")?;
    Ok(cache.join("realmward/demo"))
}

/// The password of the account `demo`, made at the first start.
fn login(folder: &Folder) -> Result<String> {
    let store = Store::open(folder.path())?;
    if let (Some(password), Some(_)) = (folder.read(LOGIN)?, store.account(NAME)?) {
        return Ok(password.trim().to_owned());
    }
    let password: String = Secret::fresh()?.text().chars().take(PASSWORD_MAX).collect();
    store.put_account(&Account {
        name: NAME.to_owned(),
        password: password::hash(&password)?,
        role: Role::Administrator,
        disabled: false,
    })?;
    folder.write(LOGIN, &password)?;
    Ok(password)
}

/// Sends the story, unless it was sent before, and waits until it can be seen.
fn tell(started: &Started) -> Result<()> {
    let store = &started.store;
    if !store.sensors()?.is_empty() {
        return Ok(());
    }
    let secret = Secret::fresh()?.hash();
    let token = Token {
        purpose: "sensor".to_owned(),
        subject: SENSOR.to_owned(),
        expires: now().saturating_add(Duration::from_secs(60)),
    };
    store.put_token(secret, &token)?;
    let certificate = Secret::fresh()?.text();
    let sensor = store
        .enrol(secret, SENSOR, &certificate, now())?
        .context("the demonstration has no sensor")?;
    let mut story = Story::new(now())?;
    while let Some(batch) = story.next()? {
        started.engine.take(sensor.id, &batch, now())?;
    }
    started.engine.wait_for(store.appended()?, STORY_WAIT);
    Ok(())
}

/// Reports what a sensor at the end of its captures has to report, until the server stops or somebody
/// revokes it.
fn report(started: &Started) -> Result<()> {
    loop {
        let sensors = started.store.sensors()?;
        let Some(sensor) = sensors.iter().find(|it| it.revoked.is_none()) else {
            return Ok(());
        };
        let batch = Batch {
            sequence: sensor.sequence + 1,
            health: Some(SensorHealth {
                time: now(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                input: "the captures of the demonstration, which are told to their end".to_owned(),
                span_s: REPORT_EACH.as_secs_f64(),
                memory_peak_octets: realmward_sensor::service::memory_peak_octets(),
                ..SensorHealth::default()
            }),
            ..Batch::default()
        };
        started.engine.take(sensor.id, &batch, now())?;
        let next = now().saturating_add(REPORT_EACH);
        while now() < next {
            if *started.stopping.borrow() {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn greet(address: &str, password: &str, no_browser: bool) {
    complain(
        "this is a demonstration: two weeks of a test domain, with an intruder in the last days",
    );
    complain(&format!(
        "open {address} and log in as {NAME} with {password}"
    ));
    complain("the browser will warn, because the certificate was made on this machine");
    complain("find out what the intruder did; `realmward-server demo --reveal` says it");
    complain("Ctrl-C ends it");
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|it| std::env::var_os(it).is_some());
    if !no_browser && has_screen {
        // Where nothing can open it, the address was printed.
        let _ = Command::new("xdg-open")
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    }
}

const NAME: &str = "demo";
const SENSOR: &str = "demo-sensor";
const LOGIN: &str = "demo-password";

/// 120 random bits.
const PASSWORD_MAX: usize = 20;

/// More seldom than a real sensor: nothing changes.
const REPORT_EACH: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The story takes about a second; on a slow machine the page fills while it is looked at.
const STORY_WAIT: Duration = Duration::from_secs(20);
