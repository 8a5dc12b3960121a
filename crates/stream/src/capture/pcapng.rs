//! pcapng: sections of blocks (draft-ietf-opsawg-pcapng).

use super::interface::{Interface, Resolution};
use super::window::Window;
use super::{CaptureDamage, LinkType, PACKET_OCTETS_MAX, Placed};
use realmward_vocab::EventTime;

/// The block type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER_MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// The section being read.
#[derive(Debug, Default)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Simple packet blocks have no time: they get that of the packet before.
    latest: EventTime,
}

/// The body of a block, and the numbers in it.
#[derive(Clone, Copy)]
struct Body<'a> {
    octets: &'a [u8],
    big_endian: bool,
}

impl Section {
    /// Places the next packet; blocks without one are read or passed over.
    pub(super) fn next(&mut self, window: &mut Window) -> Result<Option<Placed>, CaptureDamage> {
        loop {
            let Some((kind, length)) = self.block(window)? else {
                return Ok(None);
            };
            let octets = window
                .available()
                .get(BLOCK_HEADER..length - BLOCK_TRAILER)
                .unwrap_or_default();
            let body = Body {
                octets,
                big_endian: self.big_endian,
            };
            let placed = match kind {
                SECTION_HEADER => {
                    self.interfaces.clear();
                    None
                }
                INTERFACE_DESCRIPTION => {
                    self.interface(body)?;
                    None
                }
                ENHANCED_PACKET => Some(self.enhanced(body)?),
                SIMPLE_PACKET => Some(self.simple(body)?),
                OBSOLETE_PACKET => Some(self.obsolete(body)?),
                _ => None,
            };
            match placed {
                Some(mut placed) => {
                    placed.record = length;
                    self.latest = placed.time;
                    return Ok(Some(placed));
                }
                None => window.consume(length),
            }
        }
    }

    /// Makes the next block available; its type and length.
    fn block(&mut self, window: &mut Window) -> Result<Option<(u32, usize)>, CaptureDamage> {
        if !window.fill(BLOCK_HEADER)? {
            if window.available().is_empty() {
                return Ok(None);
            }
            window.demand(BLOCK_HEADER, "a block header")?;
        }
        if window.available().starts_with(&SECTION_HEADER_MAGIC) {
            self.begin(window)?;
        }
        let header = Body {
            octets: window.available(),
            big_endian: self.big_endian,
        };
        let (kind, length) = (header.u32(0)?, header.u32(4)?);
        let impossible = CaptureDamage::Length {
            field: "a block",
            length: length.into(),
        };
        // Writers exist that do not pad the length to four octets, so only the bounds are checked.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if !(BLOCK_HEADER + BLOCK_TRAILER..=BLOCK_OCTETS_MAX).contains(&length) {
            return Err(impossible);
        }
        window.demand(length, "a block")?;
        let whole = Body {
            octets: window.available(),
            big_endian: self.big_endian,
        };
        if usize::try_from(whole.u32(length - BLOCK_TRAILER)?) != Ok(length) {
            return Err(CaptureDamage::Malformed {
                field: "the second length of a block",
            });
        }
        Ok(Some((kind, length)))
    }

    /// Learns the byte order of a section.
    fn begin(&mut self, window: &mut Window) -> Result<(), CaptureDamage> {
        window.demand(12, "a section header")?;
        self.big_endian = match window.available().get(8..12) {
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => true,
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => false,
            _ => {
                return Err(CaptureDamage::Malformed {
                    field: "the byte-order magic of a section",
                });
            }
        };
        Ok(())
    }

    fn interface(&mut self, body: Body<'_>) -> Result<(), CaptureDamage> {
        if INTERFACES_MAX <= self.interfaces.len() {
            return Err(CaptureDamage::Malformed {
                field: "the number of interfaces",
            });
        }
        let mut interface = Interface {
            link: LinkType(body.u16(0)?),
            snap_length: body.u32(4)?,
            resolution: Resolution::default(),
            offset_s: 0,
        };
        let mut at = 8;
        while let (Ok(code), Ok(length)) = (body.u16(at), body.u16(at + 2)) {
            let length = usize::from(length);
            match (code, body.octets.get(at + 4..at + 4 + length)) {
                (0, _) | (_, None) => break,
                (IF_TSRESOL, Some([resolution, ..])) => {
                    interface.resolution = Resolution::read(*resolution)?;
                }
                (IF_TSOFFSET, Some([_, _, _, _, _, _, _, _])) => {
                    interface.offset_s = body.u64(at + 4)?.cast_signed();
                }
                _ => {}
            }
            at += 4 + length.next_multiple_of(4);
        }
        self.interfaces.push(interface);
        Ok(())
    }

    fn enhanced(&self, body: Body<'_>) -> Result<Placed, CaptureDamage> {
        let interface = self.by_index(body.u32(0)?)?;
        self.packet(body, interface, 4, 20)
    }

    fn obsolete(&self, body: Body<'_>) -> Result<Placed, CaptureDamage> {
        let interface = self.by_index(body.u16(0)?.into())?;
        self.packet(body, interface, 4, 20)
    }

    /// A packet with a time at `at`, then both lengths, then its octets at `start`.
    fn packet(
        &self,
        body: Body<'_>,
        interface: &Interface,
        at: usize,
        start: usize,
    ) -> Result<Placed, CaptureDamage> {
        let units = (u64::from(body.u32(at)?) << 32) | u64::from(body.u32(at + 4)?);
        let (captured, original) = (body.u32(at + 8)?, body.u32(at + 12)?);
        let length = usize::try_from(captured).unwrap_or(usize::MAX);
        if PACKET_OCTETS_MAX < length || body.octets.len() - start < length {
            return Err(CaptureDamage::Length {
                field: "a packet",
                length: captured.into(),
            });
        }
        Ok(Placed {
            time: interface.time(units),
            link: interface.link,
            original_length: original.max(captured),
            octets: BLOCK_HEADER + start..BLOCK_HEADER + start + length,
            record: 0,
        })
    }

    /// A packet of the first interface, cut at its snap length and at the block's end.
    fn simple(&self, body: Body<'_>) -> Result<Placed, CaptureDamage> {
        let interface = self.by_index(0)?;
        let original = body.u32(0)?;
        let snap = match interface.snap_length {
            0 => u32::MAX,
            snap => snap,
        };
        let length = usize::try_from(original.min(snap)).unwrap_or(usize::MAX);
        if body.octets.len() - 4 < length {
            return Err(CaptureDamage::Length {
                field: "a packet",
                length: original.into(),
            });
        }
        Ok(Placed {
            time: self.latest,
            link: interface.link,
            original_length: original,
            octets: BLOCK_HEADER + 4..BLOCK_HEADER + 4 + length,
            record: 0,
        })
    }

    fn by_index(&self, index: u32) -> Result<&Interface, CaptureDamage> {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.interfaces.get(index))
            .ok_or(CaptureDamage::Malformed {
                field: "the interface of a packet",
            })
    }
}

impl Body<'_> {
    fn field<const N: usize>(&self, at: usize) -> Result<[u8; N], CaptureDamage> {
        self.octets
            .get(at..)
            .and_then(<[u8]>::first_chunk::<N>)
            .copied()
            .ok_or(CaptureDamage::Malformed {
                field: "a block too short for its type",
            })
    }

    fn u16(&self, at: usize) -> Result<u16, CaptureDamage> {
        let field = self.field(at)?;
        Ok(if self.big_endian {
            u16::from_be_bytes(field)
        } else {
            u16::from_le_bytes(field)
        })
    }

    fn u32(&self, at: usize) -> Result<u32, CaptureDamage> {
        let field = self.field(at)?;
        Ok(if self.big_endian {
            u32::from_be_bytes(field)
        } else {
            u32::from_le_bytes(field)
        })
    }

    fn u64(&self, at: usize) -> Result<u64, CaptureDamage> {
        let field = self.field(at)?;
        Ok(if self.big_endian {
            u64::from_be_bytes(field)
        } else {
            u64::from_le_bytes(field)
        })
    }
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
const BLOCK_HEADER: usize = 8;
const BLOCK_TRAILER: usize = 4;

/// A packet with its header and comments; what is longer is damage or an attack on memory.
const BLOCK_OCTETS_MAX: usize = PACKET_OCTETS_MAX + 256 * 1024;

/// A capture on every port of a large switch has some hundred; past this the section is damaged.
const INTERFACES_MAX: usize = 16_384;
