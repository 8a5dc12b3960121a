//! A batch as octets: what the spool keeps, what the sensor sends and what the server reads.
//!
//! `RWBT`, one octet of version, then one zstd frame around one CBOR value (RFC 8949). CBOR names its
//! fields, so an older end skips what it does not know and a newer one fills in what is missing.
//! Both ends are bounded: nothing is unpacked past [`PLAIN_OCTETS_MAX`], whatever the frame claims.
//! The checksum of records is the spool's business, secrecy and origin are the connection's.

use realmward_event::batch::Batch;
use std::io::{self, Read, Write};

/// A batch cannot be packed or unpacked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// It does not begin as a batch does.
    #[error("this is no batch")]
    Magic,
    /// Written by a version this one does not know.
    #[error("batch format {0} is not known; update the server first, then its sensors")]
    Version(u8),
    /// Too long as it came.
    #[error("a batch of {0} octets is longer than {OCTETS_MAX}")]
    TooLong(usize),
    /// Too long once unpacked.
    #[error("a batch unpacks to more than {PLAIN_OCTETS_MAX} octets")]
    UnpacksTooLong,
    /// The compressed frame is damaged.
    #[error("a batch does not unpack: {0}")]
    Compression(io::Error),
    /// The value is damaged or not a batch's.
    #[error("a batch is malformed: {0}")]
    Malformed(String),
    /// Octets follow the value.
    #[error("octets follow the batch")]
    Trailing,
}

/// Packs a batch.
///
/// # Errors
///
/// [`WireError::TooLong`] and [`WireError::UnpacksTooLong`] when the other end would refuse it: send
/// it in parts.
pub fn encode(batch: &Batch) -> Result<Vec<u8>, WireError> {
    let mut plain = Bounded(Vec::new());
    match ciborium::into_writer(batch, &mut plain) {
        Ok(()) => {}
        Err(ciborium::ser::Error::Io(_)) => return Err(WireError::UnpacksTooLong),
        Err(error) => return Err(WireError::Malformed(error.to_string())),
    }
    let Bounded(plain) = plain;
    let packed = zstd::bulk::compress(&plain, LEVEL).map_err(WireError::Compression)?;
    let octets = [&MAGIC[..], &[VERSION], &packed].concat();
    if OCTETS_MAX < octets.len() {
        return Err(WireError::TooLong(octets.len()));
    }
    Ok(octets)
}

/// Octets that will not be more than are sent at a time.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if SENT_OCTETS_MAX < self.0.len() + octets.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unpacks a batch.
///
/// # Errors
///
/// A [`WireError`] that says what is wrong; hostile octets cost no more than the bounds.
pub fn decode(octets: &[u8]) -> Result<Batch, WireError> {
    if OCTETS_MAX < octets.len() {
        return Err(WireError::TooLong(octets.len()));
    }
    let rest = octets.strip_prefix(&MAGIC).ok_or(WireError::Magic)?;
    let (version, packed) = rest.split_first().ok_or(WireError::Magic)?;
    if *version != VERSION {
        return Err(WireError::Version(*version));
    }
    let plain = unpack(packed)?;
    let mut left = plain.as_slice();
    let batch = ciborium::from_reader(&mut left)
        .map_err(|error| WireError::Malformed(error.to_string()))?;
    if left.is_empty() {
        Ok(batch)
    } else {
        Err(WireError::Trailing)
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut decoder = zstd::Decoder::with_buffer(packed).map_err(WireError::Compression)?;
    decoder
        .window_log_max(WINDOW_LOG_MAX)
        .map_err(WireError::Compression)?;
    let mut plain = Vec::new();
    decoder
        .take(PLAIN_OCTETS_MAX as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(WireError::Compression)?;
    if PLAIN_OCTETS_MAX < plain.len() {
        return Err(WireError::UnpacksTooLong);
    }
    Ok(plain)
}

/// Length of a packed batch that either end takes; a full one of ours has some hundred thousand.
pub const OCTETS_MAX: usize = 4 * 1024 * 1024;

/// Length of an unpacked batch that either end takes.
pub const PLAIN_OCTETS_MAX: usize = 16 * 1024 * 1024;

/// Length of an unpacked batch that we send: what is longer is sent in parts, because here it lies
/// beside all else that must stay under a ceiling.
const SENT_OCTETS_MAX: usize = 4 * 1024 * 1024;

const MAGIC: [u8; 4] = *b"RWBT";
const VERSION: u8 = 1;
const LEVEL: i32 = 3;

/// 8 MiB: level 3 asks for 2.
const WINDOW_LOG_MAX: u32 = 23;

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_event::batch::{EvidencePacket, SensorHealth};
    use realmward_event::{Endpoint, Event, Fact, dns::NameResolved};
    use realmward_vocab::{EventTime, FileId, PacketRef};

    fn batch() -> Batch {
        let packet = PacketRef {
            file: FileId(0),
            packet: 7,
        };
        Batch {
            sequence: 3,
            dropped: 1,
            events: vec![Event {
                time: EventTime::from_unix_nanoseconds(-5),
                server: Endpoint::new("10.0.0.5".parse().unwrap(), 53),
                evidence: vec![packet],
                fact: Fact::NameResolved(NameResolved {
                    name: "dc1.corp.example".into(),
                    ..Default::default()
                }),
                ..Event::default()
            }],
            packets: vec![EvidencePacket {
                packet,
                octets: vec![0, 255, 7],
                ..EvidencePacket::default()
            }],
            health: Some(SensorHealth {
                span_s: 10.0,
                events: [("NameResolved".to_owned(), 1)].into(),
                ..SensorHealth::default()
            }),
        }
    }

    fn packed(plain: &[u8]) -> Vec<u8> {
        [b"RWBT\x01", &zstd::bulk::compress(plain, 3).unwrap()[..]].concat()
    }

    #[test]
    fn a_batch_comes_back_as_it_was() {
        for batch in [batch(), Batch::default()] {
            assert_eq!(decode(&encode(&batch).unwrap()).unwrap(), batch);
        }
    }

    #[test]
    fn an_older_end_skips_a_field_it_does_not_know() {
        let mut value = ciborium::Value::serialized(&batch()).unwrap();
        value
            .as_map_mut()
            .unwrap()
            .push((ciborium::Value::from("colour"), ciborium::Value::from(3)));
        let mut plain = Vec::new();
        ciborium::into_writer(&value, &mut plain).unwrap();
        assert_eq!(decode(&packed(&plain)).unwrap(), batch());
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let whole = encode(&batch()).unwrap();
        for cut in 0..whole.len() {
            assert!(decode(&whole[..cut]).is_err(), "cut at {cut}");
            let mut mutant = whole.clone();
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                mutant[cut] = value;
                let _ = decode(&mutant);
            }
        }
        let mut plain = Vec::new();
        ciborium::into_writer(&batch(), &mut plain).unwrap();
        for at in 0..plain.len() {
            let mut mutant = plain.clone();
            for value in [0x1b, 0x5b, 0x7b, 0x9b, 0x9f, 0xbb, 0xbf, 0xdb, 0xff] {
                mutant[at] = value;
                let _ = decode(&packed(&mutant));
            }
        }
    }

    #[test]
    fn each_bound_has_its_own_error() {
        let bomb = vec![0; PLAIN_OCTETS_MAX + 1];
        let mut trailing = Vec::new();
        ciborium::into_writer(&batch(), &mut trailing).unwrap();
        trailing.push(0);
        let nested = vec![0x81; 100_000];
        let check = |octets: &[u8], expected: &str| {
            let error = decode(octets).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(b"", "no batch");
        check(b"RWBT", "no batch");
        check(b"RWBT\x02", "format 2");
        check(&vec![0; OCTETS_MAX + 1], "longer than");
        check(&packed(&bomb), "unpacks to more");
        check(&packed(&trailing), "follow");
        check(&packed(&nested), "malformed");
        let mut long = batch();
        long.packets = vec![EvidencePacket::default(); 400_000];
        assert!(matches!(encode(&long), Err(WireError::UnpacksTooLong)));
    }
}
