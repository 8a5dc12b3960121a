//! Several captures read as one, in the order of packet time.
//!
//! Ties go to the file named first. Within one file the file's order is kept even when its clock
//! went backward. A file that is not due yet is closed after its first look, so a thousand rotated
//! files need one open file at a time.

use crate::capture::{CaptureFault, CaptureReader, Frame};
use realmward_vocab::{EventTime, FileId, PacketRef};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::io::Read;
use std::path::PathBuf;

/// Where a capture comes from.
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Anything else that can be read once, and its name in reports.
    Stream(String, Box<dyn Read + Send>),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "Path({})", path.display()),
            Self::Stream(name, _) => write!(f, "Stream({name})"),
        }
    }
}

/// A frame, whose file it is, and its place among all frames.
#[derive(Clone, Copy, Debug)]
pub struct MergedFrame<'a> {
    /// The file, by its place among the inputs.
    pub file: FileId,
    /// The place in the merged order, from 1.
    pub order: u64,
    /// The frame.
    pub frame: Frame<'a>,
}

impl MergedFrame<'_> {
    /// The packet as evidence names it.
    #[must_use]
    pub const fn reference(&self) -> PacketRef {
        PacketRef {
            file: self.file,
            packet: self.frame.packet,
        }
    }
}

/// How the reading of one file went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Its name as given.
    pub name: String,
    /// Packets delivered.
    pub packets: u64,
    /// Octets of these packets, as captured.
    pub octets: u64,
    /// Time of the first packet.
    pub first: Option<EventTime>,
    /// Time of the last packet.
    pub last: Option<EventTime>,
    /// What was wrong with it.
    pub fault: Option<CaptureFault>,
}

#[derive(Debug)]
enum Source {
    /// Looked at and closed.
    Due(PathBuf),
    /// At its next frame.
    Open(Box<CaptureReader>),
    /// Read to its end.
    Over,
}

/// Reads several captures in the order of packet time.
#[derive(Debug, Default)]
pub struct Merge {
    sources: Vec<Source>,
    reports: Vec<FileReport>,
    due: BinaryHeap<Reverse<(EventTime, usize)>>,
    current: Option<usize>,
    order: u64,
}

impl Merge {
    /// Looks at each input. Faults are kept in [`Self::reports`].
    #[must_use]
    pub fn open(inputs: Vec<Input>) -> Self {
        let mut merge = Self::default();
        let alone = inputs.len() == 1;
        for input in inputs {
            merge.add(input, alone);
        }
        merge
    }

    /// The next frame in order of time, or `None` at the end of all inputs.
    pub fn next_frame(&mut self) -> Option<MergedFrame<'_>> {
        let index = self.next_source()?;
        let Some(Source::Open(reader)) = self.sources.get(index) else {
            return None;
        };
        let frame = reader.frame();
        self.order += 1;
        if let Some(report) = self.reports.get_mut(index) {
            report.packets = frame.packet;
            report.octets += frame.data.len() as u64;
            report.first.get_or_insert(frame.time);
            report.last = Some(frame.time);
        }
        Some(MergedFrame {
            file: file_id(index),
            order: self.order,
            frame,
        })
    }

    /// How each input went so far, in the order given.
    #[must_use]
    pub fn reports(&self) -> &[FileReport] {
        &self.reports
    }

    /// Frames delivered so far.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.order
    }

    fn add(&mut self, input: Input, alone: bool) {
        let index = self.sources.len();
        let mut report = FileReport::default();
        let (opened, path) = match input {
            Input::Path(path) => {
                report.name = path.display().to_string();
                (CaptureReader::open(&path), Some(path))
            }
            Input::Stream(name, source) => {
                report.name.clone_from(&name);
                (CaptureReader::new(name, source), None)
            }
        };
        self.sources.push(Source::Over);
        self.reports.push(report);
        match opened {
            Ok(reader) => {
                if let Some(slot) = self.sources.get_mut(index) {
                    *slot = Source::Open(Box::new(reader));
                }
                if let (Some(time), Some(path), false) = (self.step(index), path, alone) {
                    self.due.push(Reverse((time, index)));
                    if let Some(slot) = self.sources.get_mut(index) {
                        *slot = Source::Due(path);
                    }
                } else {
                    self.enqueue(index);
                }
            }
            Err(fault) => self.fail(index, fault),
        }
    }

    fn enqueue(&mut self, index: usize) {
        if let Some(Source::Open(reader)) = self.sources.get(index) {
            self.due.push(Reverse((reader.frame().time, index)));
        }
    }

    /// Moves the source of the last frame on, and names the source of the next.
    fn next_source(&mut self) -> Option<usize> {
        if let Some(index) = self.current.take()
            && let Some(time) = self.step(index)
        {
            match self.due.peek() {
                Some(Reverse(next)) if *next < (time, index) => {
                    self.due.push(Reverse((time, index)));
                }
                _ => {
                    self.current = Some(index);
                    return Some(index);
                }
            }
        }
        while let Some(Reverse((_, index))) = self.due.pop() {
            if self.reopen(index) {
                self.current = Some(index);
                return Some(index);
            }
        }
        None
    }

    /// Advances one source; the time of its next frame, if there is one.
    fn step(&mut self, index: usize) -> Option<EventTime> {
        let slot = self.sources.get_mut(index)?;
        let Source::Open(reader) = slot else {
            return None;
        };
        match reader.advance() {
            Ok(true) => return Some(reader.frame().time),
            Ok(false) => *slot = Source::Over,
            Err(fault) => self.fail(index, fault),
        }
        None
    }

    /// Opens a source that is due and moves it to its first frame.
    fn reopen(&mut self, index: usize) -> bool {
        let Some(slot) = self.sources.get_mut(index) else {
            return false;
        };
        let Source::Due(path) = slot else {
            return matches!(slot, Source::Open(_));
        };
        match CaptureReader::open(path) {
            Ok(reader) => {
                *slot = Source::Open(Box::new(reader));
                self.step(index).is_some()
            }
            Err(fault) => {
                self.fail(index, fault);
                false
            }
        }
    }

    fn fail(&mut self, index: usize, fault: CaptureFault) {
        if let Some(slot) = self.sources.get_mut(index) {
            *slot = Source::Over;
        }
        if let Some(report) = self.reports.get_mut(index) {
            report.fault = Some(fault);
        }
    }
}

fn file_id(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};

    /// A raw-IP pcap with one packet at each second.
    fn pcap(seconds: &[u32]) -> Vec<u8> {
        let mut file = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101]
            .map(u32::to_le_bytes)
            .concat();
        for second in seconds {
            file.extend([*second, 0, 1, 1].map(u32::to_le_bytes).concat());
            file.push(b'x');
        }
        file
    }

    fn order(inputs: Vec<Input>) -> (Vec<(u32, u64)>, Vec<FileReport>) {
        let mut merge = Merge::open(inputs);
        let mut seen = Vec::new();
        while let Some(frame) = merge.next_frame() {
            seen.push((frame.file.0, frame.frame.packet));
            assert_eq!(frame.order, seen.len() as u64);
        }
        (seen, merge.reports().to_vec())
    }

    #[test]
    fn files_and_streams_merge_by_time_ties_by_place_and_each_keeps_its_order() {
        let files = [pcap(&[5, 6, 6]), pcap(&[1, 9, 2, 9]), pcap(&[6])];
        let expected = [
            (1, 1),
            (0, 1),
            (0, 2),
            (0, 3),
            (2, 1),
            (1, 2),
            (1, 3),
            (1, 4),
        ];
        let streams = files
            .iter()
            .map(|file| Input::Stream("it".into(), Box::new(Cursor::new(file.clone()))));
        assert_eq!(order(streams.collect()).0, expected);
        let folder = tempfile::tempdir().unwrap();
        let paths = files.iter().enumerate().map(|(index, file)| {
            let path = folder.path().join(index.to_string());
            std::fs::File::create(&path)
                .unwrap()
                .write_all(file)
                .unwrap();
            Input::Path(path)
        });
        assert_eq!(order(paths.collect()).0, expected);
    }

    #[test]
    fn a_damaged_file_is_reported_and_the_others_are_read() {
        let mut cut = pcap(&[1, 2]);
        cut.pop();
        let inputs = vec![
            Input::Stream("cut".into(), Box::new(Cursor::new(cut))),
            Input::Path("no/such/file".into()),
            Input::Stream("good".into(), Box::new(Cursor::new(pcap(&[0, 3])))),
        ];
        let (seen, reports) = order(inputs);
        assert_eq!(seen, [(2, 1), (0, 1), (2, 2)]);
        let faults: Vec<bool> = reports.iter().map(|it| it.fault.is_some()).collect();
        assert_eq!(faults, [true, true, false]);
        let packets: Vec<u64> = reports.iter().map(|it| it.packets).collect();
        assert_eq!(packets, [1, 0, 2]);
    }
}
