//! The way to one output, whatever its kind.

use super::Place;
use super::file::Lines;
use super::message::{self, Messages};
use super::settings::{Destination, Settings};
use super::syslog::Syslog;
use super::webhook::Webhook;
use realmward_store::{AlertRecord, Output};
use std::sync::Arc;
use std::time::Duration;

/// The way to one output.
pub(crate) struct Channel {
    messages: Messages,
    way: Way,
}

enum Way {
    Syslog(Syslog),
    Webhook(Webhook),
    Lines(Lines),
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The output is away, or does not work now: nothing else would be taken either.
    Away(String),
    /// The output works and does not want this message.
    Refused(String),
}

impl Failure {
    /// Why, in words.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Away(why) | Self::Refused(why) => why,
        }
    }
}

impl Channel {
    /// Opens the way; connects to nothing yet.
    ///
    /// # Errors
    /// When the settings are wrong, and how.
    pub(crate) fn open(output: &Output, place: &Arc<Place>) -> Result<Self, String> {
        let settings = Settings::of(output)?;
        let options = settings.options;
        let way = match settings.destination {
            Destination::Syslog(address) => Way::Syslog(Syslog::new(address, &options.authority)?),
            Destination::Webhook(uri) => {
                Way::Webhook(Webhook::new(uri, &options.secret, &options.authority)?)
            }
            Destination::Lines(name) => Way::Lines(Lines::new(&place.folder, &name)),
        };
        let messages = Messages::new(Arc::clone(place), options.format, options.envelope);
        Ok(Self { messages, way })
    }

    /// Tells of an alert.
    pub(crate) async fn send(&mut self, record: &AlertRecord, is_new: bool) -> Result<(), Failure> {
        match &mut self.way {
            Way::Syslog(it) => it.send(self.messages.syslog(record, is_new)).await,
            Way::Webhook(it) => it.send(self.messages.json(record, is_new)).await,
            Way::Lines(it) => it.send(self.messages.json(record, is_new)).await,
        }
    }
}

/// Tells an output of an alert that is none, to see whether it listens.
///
/// # Errors
/// Why it did not take it.
pub(crate) async fn test(output: &Output, place: &Arc<Place>) -> Result<(), Failure> {
    let mut channel = Channel::open(output, place).map_err(Failure::Away)?;
    let sample = message::sample(&output.name);
    tokio::time::timeout(TEST_TIME_MAX, channel.send(&sample, true))
        .await
        .unwrap_or_else(|_| Err(Failure::Away("it did not answer in time".into())))
}

/// Somebody waits for the answer.
const TEST_TIME_MAX: Duration = Duration::from_secs(10);
