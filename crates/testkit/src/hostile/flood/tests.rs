use super::*;
use std::process::Command;

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: realmward_sensor::Counting = realmward_sensor::Counting;

/// Not a test by itself: one flood in a process of its own.
#[expect(clippy::print_stdout, reason = "by its words it answers the test")]
#[test]
fn flooded_child() {
    let Ok(name) = std::env::var("FLOOD_OF_CHILD") else {
        return;
    };
    let (name, way) = name.split_once(' ').unwrap();
    let (flood, way) = (Flood::named(name).unwrap(), Way::named(way).unwrap());
    let flooded = flood.run(PACKETS, CEILING_MIB << 20, way).unwrap();
    println!("PEAK {} {:?}", flooded.peak_octets >> 20, flooded.bounds);
}

#[test]
fn a_flood_of_any_kind_stays_under_the_ceiling_and_what_was_given_up_is_counted() {
    for (flood, way) in (FLOODS.iter()).zip(Way::ALL.iter().cycle()) {
        let out = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "hostile::flood::tests::flooded_child",
                "--nocapture",
            ])
            .env("FLOOD_OF_CHILD", format!("{} {}", flood.name, way.as_str()))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&out.stdout).into_owned();
        let told = words.lines().find_map(|it| it.split_once("PEAK "));
        let (_, told) = told.unwrap_or_else(|| panic!("{flood:?}: {words}"));
        let (peak, bounds) = told.split_once(' ').unwrap();
        let peak: u64 = peak.parse().unwrap();
        eprintln!("{}: {peak} MiB, {bounds}", flood.name);
        assert!(peak <= CEILING_MIB, "{flood:?}: {told}");
    }
}

#[test]
fn what_is_flooded_is_read_as_what_it_is_meant_to_be() {
    for name in TELLING {
        let flood = Flood::named(name).unwrap();
        let flooded = flood.run(20_000, 0, Way::Alone).unwrap();
        assert_eq!(flooded.packets, 20_000);
        assert!(9_000 < flooded.facts, "{flood:?} told {}", flooded.facts);
    }
}

/// Of each packet, or each two, something is told at the latest when its connection ends.
const TELLING: [&str; 9] = [
    "smb_handles",
    "rpc_calls",
    "ldap",
    "leap",
    "answers",
    "nbns",
    "llmnr",
    "dhcp",
    "radius",
];

#[test]
fn what_thousands_of_connections_tell_at_once_is_the_same_on_any_number_of_workers() {
    for name in ["leap", "dns", "dhcp"] {
        let told = |workers| {
            let mut events = Vec::new();
            let sensor = realmward_sensor::Sensor::new(realmward_sensor::SensorOptions { workers });
            let input = Flood::named(name).unwrap().input(20_000);
            sensor.run(vec![input], |some| events.extend(some), |_| {});
            events
        };
        let alone = told(1);
        assert!(alone.is_sorted_by(|a, b| a.order < b.order), "{name}");
        for workers in [2, 5] {
            assert_eq!(told(workers), alone, "{name} on {workers}");
        }
    }
}

const PACKETS: u64 = 60_000;
const CEILING_MIB: u64 = 64;
