//! What is counted from the start of the process on.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use realmward_event::batch::SensorHealth;
use std::time::Duration;

/// Names of labels with their values.
pub(super) type Labels = Vec<(&'static str, String)>;

/// The meters; a clone is the same meters.
#[derive(Clone)]
pub(crate) struct Meters {
    requests: Family<Labels, Histogram, fn() -> Histogram>,
    packets: Family<Labels, Counter>,
    octets: Family<Labels, Counter>,
    dropped: Family<Labels, Counter>,
    faults: Family<Labels, Counter>,
}

impl Meters {
    pub(crate) fn new() -> Self {
        Self {
            requests: Family::new_with_constructor(|| Histogram::new(BOUNDS_S)),
            packets: Family::default(),
            octets: Family::default(),
            dropped: Family::default(),
            faults: Family::default(),
        }
    }

    /// A request was answered. Routes are those of the table, so there are not many.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = vec![
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", format!("{}xx", status / 100)),
        ];
        let request = self.requests.get_or_create(&labels);
        request.observe(took.as_secs_f64());
    }

    /// A sensor told how it was since its last report.
    pub(crate) fn reported(&self, sensor: &str, report: &SensorHealth) {
        let labels = vec![("sensor", sensor.to_owned())];
        let count = |family: &Family<Labels, Counter>, number| {
            family.get_or_create(&labels).inc_by(number);
        };
        count(&self.packets, report.packets);
        count(&self.octets, report.octets);
        count(&self.dropped, report.dropped_packets);
        count(&self.faults, report.faults.values().sum());
    }

    /// Puts all of them on a page.
    pub(super) fn register(&self, page: &mut Registry) {
        for (name, help, family) in [
            ("sensor_packets", "Packets read by a sensor", &self.packets),
            ("sensor_octets", "Octets read by a sensor", &self.octets),
            (
                "sensor_packets_dropped",
                "Packets that a sensor or its kernel had to drop",
                &self.dropped,
            ),
            (
                "sensor_faults",
                "Messages that a sensor could not read",
                &self.faults,
            ),
        ] {
            page.register(name, help, family.clone());
        }
        page.register(
            "request_seconds",
            "Time until a request was answered",
            self.requests.clone(),
        );
    }
}

/// A page takes tens of milliseconds, a login a tenth of a second, a batch what the disk takes.
const BOUNDS_S: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
