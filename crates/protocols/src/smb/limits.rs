//! Bounds, why they stand where they stand, and what is lost at them. All are of one connection.

/// Octets of a message that are looked at. Pipes carry fragments of at most 64 KiB and tokens are no
/// longer; twice that leaves room for headers. Lost: what a longer write or compound carries past it.
pub(crate) const MESSAGE_OCTETS_MAX: usize = 128 << 10;

/// Requests that await an answer. A Windows server grants 512 credits, a busy one up to 8,192, but
/// only a few hundred are ever used. Lost: the answer of the oldest, which is told without it.
pub(crate) const PENDING_MAX: usize = 1_024;

/// Sessions of one connection. A terminal server carries all its users over one. Lost: whose the
/// oldest session is.
pub(crate) const SESSIONS_MAX: usize = 256;

/// Trees of all sessions of one connection. Lost: the share's name in facts about the oldest.
pub(crate) const TREES_MAX: usize = 1_024;

/// Open files, with what was done with each. An explorer keeps dozens, a backup hundreds. Lost: what
/// the oldest is used for later, and a look at sixteen octets of each of its messages.
pub(crate) const FILES_MAX: usize = 1_024;

/// Negotiate contexts of one NEGOTIATE; seven are defined (MS-SMB2 section 2.2.3.1). Lost: the later
/// ones.
pub(crate) const NEGOTIATE_CONTEXTS_MAX: usize = 16;

/// Algorithms of one negotiate context. Lost: the later ones.
pub(crate) const ALGORITHMS_MAX: usize = 16;

/// Open pipes. Clients keep a handful; print and management servers some dozens. A pipe holds up to
/// 256 KiB in the worst case. Lost: the bindings of the oldest pipe, which then has no name.
pub(crate) const PIPES_MAX: usize = 64;

/// Messages of one compound; clients chain three or four. Lost: the later ones.
pub(crate) const COMPOUND_MAX: usize = 64;

/// Messages of one AndX chain (MS-CIFS section 2.2.3.4); clients chain two. Lost: the later ones.
/// A power of two: the place in the chain is part of a pending request's key.
pub(crate) const ANDX_MAX: usize = 8;

/// Dialects of one NEGOTIATE; there are five of SMB2 and a dozen of SMB1. Lost: the later ones.
pub(crate) const DIALECTS_MAX: usize = 64;

/// Octets of a name in a fact, as the fact promises. Lost: the beginning of the path, because the
/// end has the file's name and its ending.
pub(crate) const NAME_OCTETS_MAX: usize = 256;
