//! Every bound of an RPC conversation, why it has that size, and what is lost at it.

/// Presentation contexts remembered. Windows lets one connection have some hundreds; DCOM clients use
/// dozens. Past it, calls of later contexts have no interface.
pub(super) const CONTEXTS_MAX: usize = 512;

/// Binds that wait for an answer. The protocol allows one at a time. Past it, the oldest is reported
/// as unanswered.
pub(super) const BINDS_PENDING_MAX: usize = 4;

/// Calls that wait for an answer. Clients send one at a time, or a few concurrently. Past it, the
/// oldest is reported as an attempt.
pub(super) const CALLS_PENDING_MAX: usize = 64;

/// Calls over datagrams that are over, remembered because both ends repeat themselves. Lost: the
/// repetition of an older one is told as one more attempt.
pub(super) const CALLS_DONE_MAX: usize = 32;

/// Octets of stub data kept of one side of one call, for its decoder. Arguments worth keeping come
/// first; the longest, a task as XML, is a few kilobytes. What is past it is only counted.
pub(super) const STUB_OCTETS_MAX: usize = 64 * 1024;

/// Octets of stub data kept in one conversation, over all pending calls. Past it, stubs are only
/// counted and calls have no arguments.
pub(super) const STUBS_OCTETS_MAX: usize = 128 * 1024;

/// Context handles with a name. Tools that walk all services open and close a few hundred, one at a
/// time. Past it, the oldest is forgotten and a call that uses it has no name.
pub(super) const HANDLES_MAX: usize = 64;

/// Security contexts of one connection. DCOM clients use two or three. Past it, the oldest is
/// reported as it stands and forgotten.
pub(super) const SECURITY_CONTEXTS_MAX: usize = 8;

/// Packets remembered of each side of a call; a call of more fragments names its first ones.
pub(super) const EVIDENCE_SIDE_MAX: usize = 8;

/// Octets at the end of a stub in which a verification trailer is looked for: its signature and the
/// three commands there are have less than ninety (MS-RPCE section 2.2.2.13).
pub(super) const TRAILER_OCTETS_MAX: usize = 128;

/// `frag_length` has 16 bits, so no fragment is longer and none is lost.
pub(super) const FRAGMENT_OCTETS_MAX: usize = 0xffff;
