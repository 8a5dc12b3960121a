//! Packets that prove what was told, and the numbers that make sensors' inputs distinct.

use crate::codec::{count, number, time};
use crate::open::Fault;
use crate::{SensorId, Store, StoreError};
use realmward_event::batch::EvidencePacket;
use realmward_vocab::{FileId, PacketRef};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

impl Store {
    /// A number, unique among all sensors, for each of a sensor's inputs; the same for ever.
    ///
    /// # Errors
    /// As any writing.
    pub fn file_numbers(
        &self,
        sensor: SensorId,
        files: &[FileId],
    ) -> Result<BTreeMap<FileId, FileId>, StoreError> {
        self.write(|it| {
            let mut numbers = BTreeMap::new();
            for file in files {
                if !numbers.contains_key(file) {
                    numbers.insert(*file, file_number(it, sensor, *file)?);
                }
            }
            Ok(numbers)
        })
    }

    /// The packets among `packets` that are still kept, in their order, each once.
    ///
    /// # Errors
    /// As any reading.
    pub fn evidence(&self, packets: &[PacketRef]) -> Result<Vec<EvidencePacket>, StoreError> {
        let mut packets = packets.to_vec();
        packets.sort_unstable();
        packets.dedup();
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT time, link_type, octets_on_wire, octets FROM packets \
                 WHERE file = ? AND packet = ?",
            )?;
            let mut found = Vec::new();
            for packet in packets {
                let row =
                    statement.query_row(params![packet.file.0, number(packet.packet)], |row| {
                        Ok(EvidencePacket {
                            packet,
                            time: time(row, 0)?,
                            link_type: row.get(1)?,
                            octets_on_wire: row.get(2)?,
                            octets: row.get(3)?,
                        })
                    });
                found.extend(row.optional()?);
            }
            Ok(found)
        })
    }

    /// Which sensor's input a number stands for.
    ///
    /// # Errors
    /// As any reading.
    pub fn file_origin(&self, file: FileId) -> Result<Option<(SensorId, FileId)>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached("SELECT sensor, file FROM files WHERE number = ?")?
                .query_row([file.0], |row| {
                    Ok((SensorId(row.get(0)?), FileId(row.get(1)?)))
                })
                .optional()?)
        })
    }
}

fn file_number(it: &Connection, sensor: SensorId, file: FileId) -> Result<FileId, Fault> {
    let known = it
        .prepare_cached("SELECT number FROM files WHERE sensor = ? AND file = ?")?
        .query_row(params![sensor.0, file.0], |row| count(row, 0))
        .optional()?;
    let number = match known {
        Some(number) => number,
        None => it
            .prepare_cached("INSERT INTO files (sensor, file) VALUES (?, ?) RETURNING number")?
            .query_row(params![sensor.0, file.0], |row| count(row, 0))?,
    };
    Ok(FileId(u32::try_from(number).unwrap_or(u32::MAX)))
}

pub(crate) fn put(it: &Connection, packets: &[EvidencePacket]) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(
        "INSERT INTO packets (file, packet, time, link_type, octets_on_wire, octets) \
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (file, packet) DO NOTHING",
    )?;
    for packet in packets {
        statement.execute(params![
            packet.packet.file.0,
            number(packet.packet.packet),
            packet.time.unix_nanoseconds(),
            packet.link_type,
            packet.octets_on_wire,
            packet.octets,
        ])?;
    }
    Ok(())
}
