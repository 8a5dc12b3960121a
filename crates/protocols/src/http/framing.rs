//! Where heads and bodies begin and end (RFC 9112 sections 2, 6 and 7).
//!
//! Bodies are passed over without a copy. The end of a head is looked for from where the last look
//! ended, so that a head that comes octet by octet costs no more than one that comes whole.

use super::parse;
use crate::wire::Framing;
use realmward_vocab::Direction;
use std::cell::Cell;

/// What the octets just delivered are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A head.
    #[default]
    Head,
    /// Something to be passed over.
    Body,
}

/// What comes after a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Follows {
    /// Another head.
    #[default]
    Head,
    /// So many octets.
    Octets(u64),
    /// Chunks.
    Chunks,
    /// Nothing that is to be read.
    Nothing,
}

/// Where one direction stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Framer {
    place: Cell<Place>,
    /// Octets of a head in which no end was found.
    scanned: Cell<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Head,
    /// A body, and whether chunks follow it.
    Octets(usize, bool),
    ChunkSize,
    Trailer,
    /// Up to the end of the connection.
    End,
}

impl Framer {
    /// The extent of what stands at the start of `octets`.
    pub(crate) fn frame(&self, direction: Direction, octets: &[u8]) -> Framing {
        match self.place.get() {
            Place::Head => self.head(direction, octets),
            Place::Octets(total, _) => Framing::Head { head: 1, total },
            Place::ChunkSize | Place::Trailer => self.line(octets),
            Place::End => Framing::Drop(octets.len()),
        }
    }

    /// What was delivered; moves on behind it.
    pub(crate) fn delivered(&self, octets: &[u8]) -> Form {
        self.scanned.set(0);
        let next = match self.place.get() {
            Place::Head => return Form::Head,
            Place::Octets(_, true) => Place::ChunkSize,
            Place::Octets(_, false) => Place::Head,
            Place::ChunkSize => match parse::chunk_size(octets) {
                Some(0) => Place::Trailer,
                // A chunk is followed by an empty line.
                Some(size) => Place::Octets(size.saturating_add(2), true),
                None => Place::Head,
            },
            Place::Trailer if octets.len() <= 2 => Place::Head,
            Place::Trailer => Place::Trailer,
            Place::End => Place::End,
        };
        self.place.set(next);
        Form::Body
    }

    /// Says what follows the head just delivered.
    pub(crate) fn body(&self, follows: Follows) {
        self.place.set(match follows {
            Follows::Head | Follows::Octets(0) => Place::Head,
            Follows::Octets(count) => {
                Place::Octets(usize::try_from(count).unwrap_or(usize::MAX), false)
            }
            Follows::Chunks => Place::ChunkSize,
            Follows::Nothing => Place::End,
        });
    }

    /// The next octets may stand anywhere.
    pub(crate) fn lost(&self) {
        self.place.set(Place::Head);
        self.scanned.set(0);
    }

    fn head(&self, direction: Direction, octets: &[u8]) -> Framing {
        let begins = parse::begins(direction, octets);
        if begins == Some(false) {
            return self.drop_to(direction, octets);
        }
        if begins.is_none() {
            return Framing::Need(octets.len() + 1);
        }
        // A head that was given up at the bound leaves its mark behind.
        let from = Some(self.scanned.get()).filter(|it| *it <= octets.len());
        let from = from.unwrap_or_default();
        match parse::head_end(octets, from) {
            Some(end) => Framing::Whole(end),
            None => {
                self.scanned.set(octets.len().saturating_sub(2));
                Framing::Need(octets.len() + 1)
            }
        }
    }

    /// A line with its end, at most `LINE_OCTETS_MAX` of it.
    fn line(&self, octets: &[u8]) -> Framing {
        let shown = octets.get(..LINE_OCTETS_MAX).unwrap_or(octets);
        match shown.iter().position(|octet| *octet == b'\n') {
            Some(end) => Framing::Whole(end + 1),
            None if shown.len() < LINE_OCTETS_MAX => Framing::Need(octets.len() + 1),
            None => {
                self.lost();
                Framing::Drop(shown.len())
            }
        }
    }

    /// Drops what stands before the next octet that may begin a head.
    fn drop_to(&self, direction: Direction, octets: &[u8]) -> Framing {
        self.scanned.set(0);
        let may_begin = |octet: &u8| match direction {
            Direction::ToServer => octet.is_ascii_uppercase(),
            Direction::ToClient => *octet == b'H',
        };
        let next = octets.iter().skip(1).position(may_begin);
        Framing::Drop(next.map_or(octets.len(), |place| place + 1))
    }
}

/// A chunk's size has a few digits; extensions are unheard of. Lost: the place in the stream.
const LINE_OCTETS_MAX: usize = 1_024;
