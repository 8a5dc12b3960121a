//! Capture files: pcap and pcapng, plain or compressed, read as a stream within a bounded buffer.
//!
//! Whatever stands before the damage in a damaged file is delivered; then the reader says in one
//! [`CaptureFault`] which file, where and what. Lengths in the file are checked against bounds before
//! anything is reserved for them.
//!
//! The blocks are cut here and not by a library: `pcap-parser` 0.17 reads `if_tsoffset` of big-endian
//! sections wrongly, knows no binary `if_tsresol`, and refuses a packet for its options.
//! Sources: the pcap and pcapng drafts of the IETF opsawg working group.

mod compress;
mod fault;
mod interface;
mod pcap;
mod pcapng;
mod window;

pub use fault::{CaptureDamage, CaptureFault};

use realmward_vocab::EventTime;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use window::Window;

/// A link type as registered for capture files (LINKTYPE_ numbers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: four octets of address family, in the writer's order.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Raw IP as some BSDs number it.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP as OpenBSD numbers it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IP.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: four octets of address family, big-endian.
    pub const LOOP: Self = Self(108);
    /// Linux "cooked", version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux "cooked", version 2.
    pub const LINUX_SLL2: Self = Self(276);
}

/// One frame as the file has it.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When it was captured.
    pub time: EventTime,
    /// Its number within the file, from 1.
    pub packet: u64,
    /// What it begins with.
    pub link: LinkType,
    /// The octets captured.
    pub data: &'a [u8],
    /// How long it was on the wire, in octets.
    pub original_length: u32,
}

/// Where a frame stands in the window, and what its header said.
#[derive(Clone, Debug, Default)]
struct Placed {
    time: EventTime,
    link: LinkType,
    original_length: u32,
    /// Within the window's available octets.
    octets: Range<usize>,
    /// Octets of the whole record, to be consumed before the next.
    record: usize,
}

#[derive(Debug)]
enum Format {
    Pcap(pcap::Layout),
    Pcapng(pcapng::Section),
}

/// Reads the frames of one capture.
#[derive(Debug)]
pub struct CaptureReader {
    file: String,
    window: Window,
    format: Option<Format>,
    current: Placed,
    packets: u64,
    over: bool,
}

impl CaptureReader {
    /// Opens a file, whatever its format and compression.
    ///
    /// # Errors
    ///
    /// A [`CaptureFault`] when the file cannot be opened, is empty or is no capture.
    pub fn open(path: &Path) -> Result<Self, CaptureFault> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::new(name, Box::new(file)),
            Err(error) => Err(CaptureFault {
                file: name,
                offset: 0,
                packets: 0,
                damage: error.into(),
            }),
        }
    }

    /// Reads a capture from anywhere, like standard input; `file` names it in faults.
    ///
    /// # Errors
    ///
    /// A [`CaptureFault`] when there is nothing or no capture.
    pub fn new(file: String, source: Box<dyn Read + Send>) -> Result<Self, CaptureFault> {
        let mut reader = Self {
            file,
            window: Window::new(Box::new(std::io::empty())),
            format: None,
            current: Placed::default(),
            packets: 0,
            over: false,
        };
        match compress::plain(source) {
            Ok(source) => reader.window = Window::new(source),
            Err(error) => return Err(reader.fault(error.into())),
        }
        match reader.begin() {
            Ok(format) => reader.format = Some(format),
            Err(damage) => return Err(reader.fault(damage)),
        }
        Ok(reader)
    }

    /// Moves to the next frame; `false` at the end.
    ///
    /// # Errors
    ///
    /// A [`CaptureFault`] once, where the file is damaged; after it the file is at its end.
    pub fn advance(&mut self) -> Result<bool, CaptureFault> {
        if self.over {
            return Ok(false);
        }
        self.window.consume(self.current.record);
        self.current.record = 0;
        let placed = match &mut self.format {
            Some(Format::Pcap(layout)) => layout.next(&mut self.window),
            Some(Format::Pcapng(section)) => section.next(&mut self.window),
            None => Ok(None),
        };
        match placed {
            Ok(Some(placed)) => {
                self.current = placed;
                self.packets += 1;
                Ok(true)
            }
            Ok(None) => {
                self.over = true;
                Ok(false)
            }
            Err(damage) => {
                self.over = true;
                Err(self.fault(damage))
            }
        }
    }

    /// The frame that [`Self::advance`] moved to.
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            time: self.current.time,
            packet: self.packets,
            link: self.current.link,
            data: self
                .window
                .available()
                .get(self.current.octets.clone())
                .unwrap_or_default(),
            original_length: self.current.original_length,
        }
    }

    /// The name by which faults call it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many frames were delivered so far.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }

    /// How many octets of the capture, uncompressed, were read so far.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.window.offset()
    }

    fn begin(&mut self) -> Result<Format, CaptureDamage> {
        self.window.fill(4)?;
        let Some(magic) = self.window.available().first_chunk::<4>().copied() else {
            return Err(if self.window.available().is_empty() {
                CaptureDamage::Empty
            } else {
                CaptureDamage::UnknownFormat
            });
        };
        if magic == pcapng::SECTION_HEADER_MAGIC {
            return Ok(Format::Pcapng(pcapng::Section::default()));
        }
        pcap::Layout::read(magic, &mut self.window).map(Format::Pcap)
    }

    fn fault(&self, damage: CaptureDamage) -> CaptureFault {
        CaptureFault {
            file: self.file.clone(),
            offset: self.window.offset(),
            packets: self.packets,
            damage,
        }
    }
}

/// No link carries longer packets, offloading network cards included (64 KiB) and jumbo frames of
/// loopback and USB with room to spare; a length past it is damage or an attack on memory.
pub(crate) const PACKET_OCTETS_MAX: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests;
