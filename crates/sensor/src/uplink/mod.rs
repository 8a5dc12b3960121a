//! From the spool to the server, in order, each batch until it is acknowledged.
//!
//! A thread of its own with a small runtime; nothing else in the sensor waits for the network. One
//! batch is under way at a time: the server commits it before it answers, so a broken connection
//! leaves one batch in doubt, which is sent again and ignored if it was known.
//! A batch that the server says it can never take is set aside after some tries, so that one bad
//! batch does not stop a sensor for ever; the gap in the numbers tells.

mod address;
pub(crate) mod backoff;
mod client;
pub(crate) mod identity;
mod join;
mod renew;
#[cfg(test)]
mod tests;
mod trust;

pub use address::{Address, Fingerprint};
pub use client::PROTOCOL;
pub use identity::{Identity, Joined, keep};
pub use join::{greet, join};

use crate::spool::Spool;
use anyhow::{Context as _, Result, bail};
use backoff::Backoff;
use client::{Answer, Client, Question};
use renew::Renewal;
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// The spool as the writer and the uplink share it.
pub type SharedSpool = Arc<Mutex<Spool>>;

/// The thread that sends.
#[derive(Debug)]
pub struct Uplink {
    spool: SharedSpool,
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    state: Arc<Mutex<LinkState>>,
    thread: Option<JoinHandle<()>>,
}

/// How it is with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// Batches acknowledged.
    pub acknowledged: u64,
    /// Batches that the server would never take.
    pub refused: u64,
    /// Why the last try failed, if it did.
    pub fault: Option<String>,
}

#[derive(Deserialize)]
struct Acknowledged {
    acknowledged: u64,
}

impl Uplink {
    /// Begins to send what is in the spool, and what will be.
    ///
    /// # Errors
    ///
    /// When the identity is of no use or there can be no thread.
    pub fn start(spool: SharedSpool, identity: &Identity) -> Result<Self> {
        let client = Client::new(identity.address()?, trust::mutual(identity)?);
        let renewal = Renewal::of(identity)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = watch::channel(false);
        let (wake, state) = (Arc::new(Notify::new()), Arc::default());
        let mut sender = Sender {
            client,
            renewal,
            spool: Arc::clone(&spool),
            wake: Arc::clone(&wake),
            state: Arc::clone(&state),
            backoff: Backoff::default(),
            refusals: 0,
        };
        let thread = std::thread::Builder::new()
            .name("uplink".to_owned())
            .spawn(move || runtime.block_on(sender.run(stopped)))
            .context("starting the uplink")?;
        Ok(Self {
            spool,
            wake,
            stop,
            state,
            thread: Some(thread),
        })
    }

    /// There is something new in the spool.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// How it is with the server.
    #[must_use]
    pub fn state(&self) -> LinkState {
        locked(&self.state).clone()
    }

    /// Waits until all is sent, at most for `patience`, then stops. What is left stays in the spool.
    /// Returns how many batches are left.
    pub fn finish(mut self, patience: Duration) -> u64 {
        let begun = Instant::now();
        self.wake();
        while 0 < locked(&self.spool).waiting() && begun.elapsed() < patience {
            std::thread::sleep(FINISH_PAUSE);
        }
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        locked(&self.spool).waiting()
    }
}

struct Sender {
    client: Client,
    renewal: Renewal,
    spool: SharedSpool,
    wake: Arc<Notify>,
    state: Arc<Mutex<LinkState>>,
    backoff: Backoff,
    /// How often the oldest batch was refused.
    refusals: u32,
}

impl Sender {
    async fn run(&mut self, mut stopped: watch::Receiver<bool>) {
        let wake = Arc::clone(&self.wake);
        loop {
            let pause = tokio::select! {
                biased;
                _ = stopped.wait_for(|it| *it) => return,
                pause = self.step() => pause,
            };
            tokio::select! {
                biased;
                _ = stopped.wait_for(|it| *it) => return,
                () = pause.wait(&wake) => {}
            }
        }
    }

    /// Sends one batch, if there is one; says how to wait before the next.
    async fn step(&mut self) -> Pause {
        if self.renewal.is_due() {
            self.renew().await;
        }
        let oldest = locked(&self.spool).oldest();
        let outcome = match oldest {
            Ok(None) => return Pause::Idle,
            Ok(Some((sequence, octets))) => self.send(sequence, octets).await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => {
                self.backoff.succeeded();
                if locked(&self.state).fault.take().is_some() {
                    tracing::info!("the server takes batches again");
                }
                Pause::None
            }
            Err(error) => {
                let text = format!("{error:#}");
                let before = locked(&self.state).fault.replace(text.clone());
                if before.as_ref() != Some(&text) {
                    tracing::warn!(error = text, "sending failed; batches stay in the spool");
                }
                Pause::For(self.backoff.failed())
            }
        }
    }

    async fn renew(&mut self) {
        match self.renewal.renew(&mut self.client).await {
            Ok(client) => {
                self.client = client;
                tracing::info!("the certificate of this sensor was renewed");
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "the certificate of this sensor was not renewed yet");
            }
        }
    }

    async fn send(&mut self, sequence: u64, body: Vec<u8>) -> Result<()> {
        let answer = self.client.post(Question {
            path: "/sensor/v1/batch",
            content_type: CONTENT_TYPE,
            token: None,
            body,
        });
        let answer = answer.await?;
        match answer.status.as_u16() {
            200 => self.acknowledged(sequence, &answer),
            401 | 403 => bail!("the server does not know this sensor any more, or revoked it"),
            415 => bail!(
                "the server does not know the form of this sensor's batches: update realmward-server \
                 to {} or later; until then batches stay in the spool",
                env!("CARGO_PKG_VERSION")
            ),
            // What is wrong with the batch itself will not mend.
            status @ (400 | 413 | 422) => self.refused(sequence, status, &answer),
            status => bail!("the server said {status}: {}", words(&answer)),
        }
    }

    fn acknowledged(&mut self, sequence: u64, answer: &Answer) -> Result<()> {
        let Acknowledged { acknowledged } = serde_json::from_slice(&answer.body)
            .context("the server's answer is not understood")?;
        if acknowledged < sequence {
            bail!("the server acknowledged {acknowledged} instead of {sequence}");
        }
        self.refusals = 0;
        locked(&self.spool).acknowledge(sequence)?;
        locked(&self.state).acknowledged += 1;
        Ok(())
    }

    fn refused(&mut self, sequence: u64, status: u16, answer: &Answer) -> Result<()> {
        let said = words(answer);
        self.refusals += 1;
        if self.refusals < REFUSALS_MAX {
            bail!("the server refuses batch {sequence} with {status}: {said}");
        }
        tracing::error!(
            sequence,
            status,
            said,
            "batch given up: the server refuses it"
        );
        self.refusals = 0;
        locked(&self.spool).acknowledge(sequence)?;
        locked(&self.state).refused += 1;
        Ok(())
    }
}

/// What the server said, as far as it fits into a line.
fn words(answer: &Answer) -> String {
    let said: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let message = said
        .as_ref()
        .and_then(|it| it.pointer("/error/message")?.as_str());
    let plain = String::from_utf8_lossy(&answer.body);
    message.unwrap_or(&plain).chars().take(200).collect()
}

enum Pause {
    None,
    Idle,
    For(Duration),
}

impl Pause {
    async fn wait(self, wake: &Notify) {
        match self {
            Self::None => {}
            Self::Idle => {
                let _ = tokio::time::timeout(IDLE_MAX, wake.notified()).await;
            }
            Self::For(span) => tokio::time::sleep(span).await,
        }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Whoever panicked with it is gone; what it guards is whole between calls.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a batch is to HTTP.
pub const CONTENT_TYPE: &str = "application/vnd.realmward.batch";

/// With the pauses between, some minutes: time for a server that is being updated.
const REFUSALS_MAX: u32 = 12;

/// A lost wake-up costs at most this.
const IDLE_MAX: Duration = Duration::from_secs(5);

const FINISH_PAUSE: Duration = Duration::from_millis(20);
