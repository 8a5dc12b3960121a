//! When which capture is told: habits of an honest domain over two weeks, and the intrusion.
//!
//! A habit has days, a time, how far it strays from it and how often it is kept. Where it strays to
//! is drawn from its place in the table and the day, so every start tells the same two weeks, moved so
//! that they end now.

use super::intrusion::INTRUSION;
use super::vary::mixed;
use realmward_vocab::EventTime;
use std::time::Duration;

/// Something that is told at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scene {
    pub(super) begin: EventTime,
    pub(super) capture: &'static str,
}

/// The days of a habit, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    Every,
    Working,
    Weekend,
    Monday,
    Saturday,
    /// So many days before the last.
    Once(u64),
}

/// What people and machines of an honest domain do again and again.
struct Habit {
    days: Days,
    /// Minutes after midnight.
    at: u64,
    /// Minutes that it may be early or late.
    stray: u64,
    /// On how many days of a hundred.
    kept: u64,
    capture: &'static str,
}

/// All scenes of the story that ends at `end`, in order.
pub(super) fn scenes(end: EventTime) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = intrusion(end).collect();
    let begin = earlier(end, SPAN);
    for days_ago in 0..=DAYS {
        let midnight = midnight(earlier(end, DAY * days_ago));
        let kept = HABITS.iter().zip(1..).filter_map(|(habit, place)| {
            habit.on(
                u64::from(days_ago),
                midnight,
                mixed(place << 8 | u64::from(days_ago)),
            )
        });
        scenes.extend(kept.filter(|it| begin < it.begin && it.begin < earlier(end, LAST)));
    }
    scenes.sort_by_key(|it| (it.begin, it.capture));
    scenes
}

/// When the story that ends at `end` begins.
pub(super) fn begin(end: EventTime) -> EventTime {
    earlier(end, SPAN)
}

/// The steps of the intruder.
fn intrusion(end: EventTime) -> impl Iterator<Item = Scene> {
    INTRUSION.iter().map(move |it| {
        let (days, hours, minutes) = it.ago;
        let ago = 60 * (minutes + 60 * (hours + 24 * days));
        Scene {
            begin: earlier(end, Duration::from_secs(ago)),
            capture: it.capture,
        }
    })
}

impl Habit {
    /// The scene of one day, if the habit is kept on it.
    fn on(&self, days_ago: u64, midnight: EventTime, draw: u64) -> Option<Scene> {
        if !self.days.has(days_ago, midnight) || self.kept <= draw % 100 {
            return None;
        }
        let strays_s = (draw >> 8) % (120 * self.stray + 1);
        let second = (60 * self.at + strays_s).saturating_sub(60 * self.stray);
        Some(Scene {
            begin: midnight.saturating_add(Duration::from_secs(second)),
            capture: self.capture,
        })
    }
}

impl Days {
    fn has(self, days_ago: u64, midnight: EventTime) -> bool {
        // 1 January 1970 was a Thursday; Monday is 0.
        let day = midnight.unix_nanoseconds() / NANOSECONDS_OF_DAY;
        let weekday = (day + 3).rem_euclid(7);
        match self {
            Self::Every => true,
            Self::Working => weekday < 5,
            Self::Weekend => 5 <= weekday,
            Self::Monday => weekday == 0,
            Self::Saturday => weekday == 5,
            Self::Once(day) => day == days_ago,
        }
    }
}

fn midnight(time: EventTime) -> EventTime {
    let into_day = time.unix_nanoseconds().rem_euclid(NANOSECONDS_OF_DAY);
    EventTime::from_unix_nanoseconds(time.unix_nanoseconds() - into_day)
}

pub(super) fn earlier(time: EventTime, span: Duration) -> EventTime {
    let nanoseconds = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
    EventTime::from_unix_nanoseconds(time.unix_nanoseconds().saturating_sub(nanoseconds))
}

macro_rules! habits {
    ($($days:ident $(($ago:literal))? $hour:literal:$minute:literal $stray:literal $kept:literal $capture:ident)+) => {
        &[$(Habit {
            days: Days::$days $(($ago))?,
            at: 60 * $hour + $minute,
            stray: $stray,
            kept: $kept,
            capture: stringify!($capture),
        }),+]
    };
}

/// Days, hour:minute (UTC), minutes it strays, kept on so many days of a hundred, capture.
#[rustfmt::skip]
const HABITS: &[Habit] = habits![
    // Machines, by night and by day.
    Every      0:40   15 100  replication
    Every      1:30   10 100  backup_reads_all_users
    Every      2:15   10 100  appliance_ntlm
    Every      3:10   15 100  service_keytab
    Every      6:10   20 100  no_preauthentication
    Every      6:40   20 100  replication
    Every     12:40   20 100  replication
    Every     18:40   20 100  replication
    Every     18:15   20 100  no_preauthentication
    Every     21:50   20 100  old_names
    Every      5:20   15 100  secure_channel
    Every     11:20   15 100  application_binds
    Every     19:20   15 100  application_binds
    Saturday  22:00   30 100  vulnerability_scanner
    Working    6:50   10 100  dns_updates
    Working    7:15   10 100  services_listed
    Working    9:20   15 100  application_binds
    Working   13:20   15 100  application_binds
    Working   15:20   15 100  application_binds
    Working   10:50   40 100  rc4_printer
    Working   16:50   40  70  rc4_printer
    Working    8:50   30 100  service_acts_for_its_user
    Working   14:40   60  80  service_acts_for_its_user

    // People come, work and go.
    Working    7:40   10 100  member_looks_names_up
    Working    8:00   15 100  policies_read
    Working    8:15   20 100  sign_in
    Working    8:30   15 100  dns_search_list
    Monday     8:40   10 100  nat_mistypes
    Working    8:45   25  60  mistyped
    Working    9:00   30 100  nat_clients
    Working    9:15   30  90  address_book
    Working    9:40   50  90  directory_sealed
    Working   10:10   40  70  shares_listed
    Working   10:25   40  80  member_passes_ntlm_on
    Working   11:00   60  90  service_tickets_many
    Working   11:10   50  90  ticket_renewed
    Working   11:40   40  40  printers_listed
    Working   12:55   20  60  sign_in
    Working   13:30   40  80  address_book
    Working   14:00   60  60  rc4_legacy_client
    Working   14:20   50  70  nat_clients
    Working   15:00   60  60  member_passes_ntlm_on
    Working   16:10   60  50  shares_listed
    Working   16:30   40  60  directory_sealed
    Weekend   10:30  120  50  nat_clients
    Weekend   15:30  120  40  ticket_renewed
    Working   20:30   60  30  nat_clients
    Every     19:30   90  70  radius_accounting

    // Administrators and the helpdesk.
    Working    9:50   60 100  helpdesk_looks_one_up
    Working   14:10   90  80  helpdesk_looks_one_up
    Working   10:40   90  40  helpdesk_reset
    Working   11:30   60  70  admin_ntlm_by_address
    Working   13:10   60  50  registry_read
    Working   14:50   60  40  group_changed
    Working   15:40   50  30  helpdesk_restarts_a_service
    Working   16:00   60  50  replication_status
    Working   10:15   60  30  password_changed
    // What only a habit tells from an attack: told as medium until it is learned.
    Working   11:50   60 100  admin_looks_at_sessions
    Working   14:30   60 100  admin_creates_a_service

    // What happens now and then.
    Working   13:45   60  30  laptop_moves
    Once(9)   10:00   30 100  service_stale_password
    Once(11)  11:15   30 100  member_joins
];

const DAYS: u32 = 14;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const NANOSECONDS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000_000;

/// How long the story is.
const SPAN: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Nothing begins later, so that all has ended when the story is told; the longest takes a minute.
const LAST: Duration = Duration::from_secs(180);
