//! Which sensor sees which domain controller: a table, and what is missing in it.

use crate::portal::words::{self, Link, When};
use realmward_export::words::number;
use realmward_store::{ComputerRecord, Covered, Sensor};
use std::net::IpAddr;

/// The table.
pub(super) struct Matrix {
    /// Names of the sensors.
    pub(super) sensors: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A domain controller.
pub(super) struct Row {
    pub(super) link: Link,
    pub(super) address: String,
    /// What is missing, in words; empty if nothing.
    pub(super) fault: String,
    /// A cell a sensor.
    pub(super) cells: Vec<Option<Cell>>,
}

/// What a sensor sees of it.
pub(super) struct Cell {
    pub(super) protocols: String,
    pub(super) events: String,
    pub(super) seen: When,
}

/// Puts together who is known and who is seen.
pub(super) fn matrix(
    controllers: &[ComputerRecord],
    sensors: &[&Sensor],
    covered: &[Covered],
) -> Matrix {
    Matrix {
        sensors: sensors.iter().map(|it| it.name.clone()).collect(),
        rows: controllers
            .iter()
            .map(|it| row(it, sensors, covered))
            .collect(),
    }
}

fn row(controller: &ComputerRecord, sensors: &[&Sensor], covered: &[Covered]) -> Row {
    let of_it: Vec<&Covered> = covered
        .iter()
        .filter(|it| it.address == controller.address)
        .filter(|it| sensors.iter().any(|sensor| sensor.id == it.sensor))
        .collect();
    Row {
        link: Link {
            text: name(controller),
            href: words::computer_place(controller.address),
        },
        address: controller.address.to_string(),
        fault: fault(controller.address, &of_it),
        cells: sensors
            .iter()
            .map(|sensor| {
                let seen = of_it.iter().filter(|it| it.sensor == sensor.id);
                cell(&seen.copied().collect::<Vec<_>>())
            })
            .collect(),
    }
}

fn cell(seen: &[&Covered]) -> Option<Cell> {
    let last = seen.iter().map(|it| it.last_seen).max()?;
    let protocols: Vec<&str> = seen.iter().map(|it| it.protocol.as_str()).collect();
    Some(Cell {
        protocols: protocols.join(", "),
        events: number(seen.iter().map(|it| it.events).sum()),
        seen: When::new(last),
    })
}

fn fault(address: IpAddr, seen: &[&Covered]) -> String {
    if seen.is_empty() {
        return format!(
            "Known from others' traffic, but no sensor sees its own: mirror the port of {address} to \
             a sensor, or run one on it."
        );
    }
    let is_seen = |protocol: &&&str| seen.iter().any(|it| it.protocol == **protocol);
    let missing: Vec<&str> = NEEDED.iter().filter(|it| !is_seen(it)).copied().collect();
    if missing.is_empty() {
        return String::new();
    }
    format!(
        "No {} seen of it. A domain controller that is used speaks it all day: see whether the mirror \
         leaves it out.",
        missing.join(" and no ")
    )
}

fn name(it: &ComputerRecord) -> String {
    match &it.name {
        Some(name) => name.to_string(),
        None => it.address.to_string(),
    }
}

/// What every domain controller that is used speaks.
const NEEDED: &[&str] = &["Kerberos", "LDAP"];

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_store::SensorId;
    use realmward_vocab::EventTime;

    fn sensor(id: u32) -> Sensor {
        Sensor {
            id: SensorId(id),
            name: format!("tap{id}"),
            certificate: String::new(),
            certified: EventTime::default(),
            joined: EventTime::default(),
            revoked: None,
            last_seen: None,
            sequence: 0,
            batches: 0,
            events: 0,
            missing: 0,
            last_event: None,
        }
    }

    #[test]
    fn what_is_known_and_not_seen_is_told_apart_from_what_is_half_seen() {
        let controllers = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|it| ComputerRecord {
            address: it.parse().unwrap(),
            name: None,
            is_domain_controller: true,
            first_seen: EventTime::default(),
            last_seen: EventTime::default(),
            last_account: "".into(),
        });
        let seen = |address: &str, sensor, protocol: &str| Covered {
            sensor: SensorId(sensor),
            address: address.parse().unwrap(),
            protocol: protocol.into(),
            first_seen: EventTime::default(),
            last_seen: EventTime::default(),
            events: 1,
        };
        let covered = [
            seen("10.0.0.1", 1, "Kerberos"),
            seen("10.0.0.1", 2, "LDAP"),
            seen("10.0.0.2", 2, "Kerberos"),
            seen("10.0.0.3", 9, "Kerberos"),
        ];
        let (one, two) = (sensor(1), sensor(2));
        let found = matrix(&controllers, &[&one, &two], &covered);
        let faults: Vec<&str> = found.rows.iter().map(|it| it.fault.as_str()).collect();
        assert_eq!(faults[0], "");
        assert!(faults[1].starts_with("No LDAP seen"), "{}", faults[1]);
        assert!(faults[2].starts_with("Known from others"), "{}", faults[2]);
        let cells: Vec<bool> = found.rows[1].cells.iter().map(Option::is_some).collect();
        assert_eq!(cells, [false, true]);
    }
}
