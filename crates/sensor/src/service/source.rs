//! The sources: files, a folder of them, a pipe, feeds over TCP, the rings of an interface.

mod feed;
mod files;
mod folder;
mod gather;
#[cfg(target_os = "linux")]
mod interface;
mod opened;
mod stream;

pub use feed::{FeedOptions, Tls, feeds};
pub use files::read;
pub use folder::{FolderOptions, folder};
#[cfg(target_os = "linux")]
pub use interface::{LiveOptions, interface};
pub use opened::Opened;
pub use stream::pipe;

use super::watch::{Told, Watch};
use std::time::{Duration, Instant};

/// A source and its sense of time.
#[derive(Debug)]
struct Source {
    watch: Watch,
    /// When the latest packet came, and how many had come by then.
    heard: (Instant, u64),
    counted: Instant,
    settled: Instant,
}

impl Source {
    fn new(watch: Watch) -> Self {
        let now = Instant::now();
        Self {
            watch,
            heard: (now, 0),
            counted: now,
            settled: now,
        }
    }

    /// To be called when packets came and when none came: time goes on in silence, by the clock that
    /// stamps the packets.
    fn time_passes(&mut self, tell: &mut impl FnMut(Told)) {
        let seen = &self.watch.seen;
        if self.heard.1 != seen.packets {
            self.heard = (Instant::now(), seen.packets);
        } else if let Some(last) = seen.last {
            let now = last.saturating_add(self.heard.0.elapsed());
            self.watch.quiet(now, tell);
        }
    }

    /// What was told, with counts about once a second.
    fn take(&mut self) -> Told {
        if SETTLE_EACH <= self.settled.elapsed() {
            self.settled = Instant::now();
            self.watch.seen.sight.settle();
        }
        let with_counts = COUNT_EACH <= self.counted.elapsed();
        if with_counts {
            self.counted = Instant::now();
        }
        self.watch.take(with_counts)
    }

    /// What was told last, all connections ended if `whole`.
    fn finish(mut self, whole: bool, tell: &mut impl FnMut(Told)) -> Told {
        if whole {
            self.watch.finish(tell);
        }
        self.watch.seen.sight.settle();
        self.watch.take(true)
    }
}

const COUNT_EACH: Duration = Duration::from_secs(1);
const SETTLE_EACH: Duration = Duration::from_secs(10);

/// Packets followed before what they told is handed on.
const STRETCH_PACKETS: usize = 2048;

/// Silence is looked at this often.
const PATIENCE: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_stream::{Frame, LinkType};
    use realmward_vocab::{EventTime, FileId};
    use std::sync::Arc;

    #[test]
    fn time_goes_on_while_nothing_is_said() {
        let mut source = Source::new(Watch::new(Arc::default(), 0, crate::Ceiling::default()));
        source.time_passes(&mut |_| {});
        assert_eq!(source.watch.seen.until, None, "nothing was ever heard");
        source.watch.frame(
            FileId(0),
            Frame {
                time: EventTime::from_unix_seconds(1_000),
                packet: 1,
                link: LinkType::ETHERNET,
                data: &[0; 14],
                original_length: 14,
            },
            &mut |_| {},
        );
        source.time_passes(&mut |_| {});
        assert_eq!(
            source.watch.seen.until,
            Some(EventTime::from_unix_seconds(1_000))
        );
        source.heard.0 -= Duration::from_secs(70);
        source.time_passes(&mut |_| {});
        let until = source.take_all().until.unwrap();
        let since = until.saturating_since(EventTime::from_unix_seconds(1_000));
        assert!(Duration::from_secs(70) <= since && since < Duration::from_secs(80));
    }

    impl Source {
        fn take_all(&mut self) -> Box<super::super::watch::Seen> {
            self.counted -= COUNT_EACH;
            self.take().seen.unwrap()
        }
    }
}
