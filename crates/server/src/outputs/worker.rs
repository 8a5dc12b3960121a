//! One output, told one notice after the other.

use super::channel::{Channel, Failure};
use super::{Place, ask};
use crate::web::state::now;
use realmward_store::{DueNotice, Output, Store};
use realmward_vocab::EventTime;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Tells one output all that is due, until `stopping`.
pub(super) async fn serve(
    store: Store,
    place: Arc<Place>,
    output: Output,
    mut stopping: watch::Receiver<bool>,
) {
    let mut channel = Channel::open(&output, &place);
    // A start and a changed setting are reasons to try at once.
    let mut due = EventTime::from_unix_nanoseconds(i64::MAX);
    while !*stopping.borrow() {
        let id = output.id;
        let wait = match ask(&store, move |it| it.next_notice(id, due)).await {
            Ok(Some(notice)) => tell(&store, &mut channel, &output, notice).await,
            Ok(None) => LOOK_EVERY,
            Err(why) => {
                tracing::warn!(why, output = output.name, "what is due cannot be read");
                LOOK_EVERY
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|it| *it) => return,
            () = tokio::time::sleep(wait) => {}
        }
        due = now();
    }
}

/// Tells one notice and notes what came of it; returns how long to let the output alone.
async fn tell(
    store: &Store,
    channel: &mut Result<Channel, String>,
    output: &Output,
    notice: DueNotice,
) -> Duration {
    let sent = match channel {
        Ok(channel) => {
            let sending = channel.send(&notice.record, notice.notice.is_new);
            tokio::time::timeout(SEND_TIME_MAX, sending)
                .await
                .unwrap_or_else(|_| Err(Failure::Away("it did not answer in time".into())))
        }
        Err(why) => Err(Failure::Away(why.clone())),
    };
    let id = notice.id;
    let Err(failure) = sent else {
        // Until this is noted nothing else is told, or it would be told again.
        while let Err(why) = ask(store, move |it| it.notice_sent(id, now())).await {
            tracing::warn!(why, output = output.name, "what was told cannot be noted");
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        return Duration::ZERO;
    };
    let wait = pause(notice.tries);
    let (why, rest) = match failure {
        Failure::Away(why) => (why, wait),
        // It is there, but does not want this one: the others need not wait for it.
        Failure::Refused(why) => (why, Duration::ZERO),
    };
    if notice.tries == 0 {
        tracing::warn!(why, output = output.name, "an output did not take an alert");
    }
    let retry_at = now().saturating_add(wait);
    let noted = ask(store, move |it| it.notice_failed(id, retry_at, &why)).await;
    noted.map_or(LOOK_EVERY, |()| rest)
}

/// The wait after so many tries that failed and one more: it doubles up to a bound.
fn pause(tries: u64) -> Duration {
    let doublings = u32::try_from(tries.min(16)).unwrap_or(16);
    FIRST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE)
}

/// How soon an alert is told.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A collector that takes longer takes nothing.
const SEND_TIME_MAX: Duration = Duration::from_secs(20);

const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A collector that is back hears of what it missed within this time.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

#[test]
fn pauses_double_to_a_bound() {
    let pauses: Vec<u64> = [0, 1, 2, 8, 9, 60, u64::MAX]
        .map(|it| pause(it).as_secs())
        .into();
    assert_eq!(pauses, [1, 2, 4, 256, 300, 300, 300]);
}
