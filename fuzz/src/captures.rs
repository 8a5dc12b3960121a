//! Octets as a capture file, read by the whole sensor.

use realmward_sensor::{Input, Sensor, SensorOptions};
use std::io::Cursor;

/// Reads a capture to its end. Nothing may panic, and the events do not depend on the workers.
pub fn capture(octets: &[u8]) {
    let one = events(octets, 1);
    let three = events(octets, 3);
    assert_eq!(one, three, "events differ by the number of workers");
}

/// How many events the sensor makes of a capture.
fn events(octets: &[u8], workers: usize) -> usize {
    let mut count = 0;
    let source = Box::new(Cursor::new(octets.to_vec()));
    let inputs = vec![Input::Stream("fuzz".to_owned(), source)];
    Sensor::new(SensorOptions { workers }).run(inputs, |events| count += events.len(), |_| {});
    count
}
