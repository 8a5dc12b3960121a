//! Telling others of alerts: syslog collectors, webhooks and files of JSON lines.
//!
//! The engine writes with each alert what is to be told to whom; here it is told. Each output has a
//! task of its own, so one that is slow or away delays no other. A notice stays in the store until
//! the output took it, so a restart loses none; it is told twice only if the server dies between
//! the telling and the noting of it, and alert and revision say then that it is the same.
//!
//! Deliberately absent: how a line looks (that is `realmward-export`), and deciding what is news
//! (that is the engine).

pub(crate) mod channel;
mod file;
pub(crate) mod manage;
mod message;
pub(crate) mod settings;
mod syslog;
#[cfg(test)]
mod tests;
mod tls;
mod webhook;
mod worker;

use realmward_store::{Output, OutputId, Store};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What every output needs to know of this server.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Where browsers reach the server: `https://NAME:PORT`.
    pub(crate) address: String,
    /// Name of this machine.
    pub(crate) host: String,
    /// Where files of alerts go: a folder in the data folder.
    pub(crate) folder: PathBuf,
}

/// A task that serves one output as it was when the task began.
struct Serving {
    output: Output,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Serves all outputs that are not disabled, as they come and go, until `stopping`.
pub(crate) async fn run(store: Store, place: Arc<Place>, mut stopping: watch::Receiver<bool>) {
    let mut served = BTreeMap::new();
    loop {
        match wanted(&store).await {
            Ok(wanted) => arrange(&store, &place, wanted, &mut served),
            Err(why) => tracing::warn!(why, "the list of outputs cannot be read"),
        }
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    for serving in served.values() {
        serving.stop.send_replace(true);
    }
    let _ = tokio::time::timeout(STOP_TIME_MAX, async {
        for serving in served.values_mut() {
            let _ = (&mut serving.task).await;
        }
    })
    .await;
    for serving in served.values() {
        serving.task.abort();
    }
}

/// Outputs that are to be served.
async fn wanted(store: &Store) -> Result<BTreeMap<OutputId, Output>, String> {
    let outputs = ask(store, Store::outputs).await?;
    Ok(outputs
        .into_iter()
        .map(|it| it.output)
        .filter(|it| !it.disabled)
        .map(|it| (it.id, it))
        .collect())
}

/// Ends the tasks of outputs that changed or went, and begins those of new ones. A changed output
/// begins anew only after its old task ended: two at once would tell things twice.
fn arrange(
    store: &Store,
    place: &Arc<Place>,
    wanted: BTreeMap<OutputId, Output>,
    served: &mut BTreeMap<OutputId, Serving>,
) {
    for (id, serving) in served.iter() {
        if wanted.get(id) != Some(&serving.output) {
            serving.stop.send_replace(true);
        }
    }
    served.retain(|_, it| !it.task.is_finished());
    for (id, output) in wanted {
        served.entry(id).or_insert_with(|| {
            let (stop, stopping) = watch::channel(false);
            let work = worker::serve(store.clone(), Arc::clone(place), output.clone(), stopping);
            Serving {
                output,
                stop,
                task: tokio::spawn(work),
            }
        });
    }
}

/// Asks the store, on a thread that may block.
async fn ask<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    let store = store.clone();
    tokio::task::spawn_blocking(move || question(&store))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

/// How soon a changed setting counts.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is being told when the server stops may be told to its end for so long.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);
