//! Bounds, why they stand where they stand, and what is lost at them.

/// Octets of a message that are looked at. Requests of real clients are below 8 KiB; a server
/// accepts more (MS-ADTS `MaxReceiveBuffer`). Lost: the end of a longer filter or attribute list.
pub(crate) const MESSAGE_OCTETS_MAX: usize = 64 << 10;

/// A message that claims to be longer is no message: servers stop at 10 MiB, entries with photographs
/// and certificates of a large group stay well below. Lost: the stream until the next boundary.
pub(crate) const MESSAGE_OCTETS_PLAUSIBLE: usize = 64 << 20;

/// RFC 4422 section 3.7 allows what three octets can count and a little more; clients offer less.
pub(crate) const WRAPPED_OCTETS_PLAUSIBLE: usize = 1 << 24;

/// Searches that await their end. Clients pipeline a handful; persistent searches stay for ever.
/// Lost: the result of the oldest, which is told without it.
pub(crate) const SEARCHES_MAX: usize = 64;

/// Octets of a filter's text, as the fact promises. Lost: the rest of the text.
pub(crate) const FILTER_OCTETS_MAX: usize = 1_024;

/// Nested filters. The longest of known tools nest 8 deep. Lost: the text from there on.
pub(crate) const FILTER_DEPTH_MAX: usize = 64;

/// Attributes of a search, as the fact promises. Lost: the later ones.
pub(crate) const ATTRIBUTES_MAX: usize = 64;

/// Octets of an attribute's name with its options. Lost: the rest of the name.
pub(crate) const ATTRIBUTE_OCTETS_MAX: usize = 128;

/// Octets of a distinguished name. Lost: its end, the part nearest the root.
pub(crate) const NAME_OCTETS_MAX: usize = 1_024;

/// Octets of a mechanism's name; RFC 4422 allows 20. Lost: the rest.
pub(crate) const MECHANISM_OCTETS_MAX: usize = 20;

/// Tests and operators of a filter that is brought into normal form; tools write up to 40. Lost: the
/// normal form.
pub(crate) const FILTER_NODES_MAX: usize = 256;

/// Octets of the operands of one operator in normal form. Lost: the normal form.
pub(crate) const FILTER_NORMAL_OCTETS_MAX: usize = 4_096;

/// Octets of a value in normal form: a distinguished name fits. Lost: the normal form.
pub(crate) const FILTER_VALUE_OCTETS_MAX: usize = 512;

/// Changes that await their answer. Clients wait for each. Lost: the result of the oldest, which is
/// told without it.
pub(crate) const CHANGES_MAX: usize = 64;

/// Attributes of a change, as the fact promises. Lost: the later ones.
pub(crate) const CHANGED_ATTRIBUTES_MAX: usize = 64;

/// Values of a changed attribute that are kept, as the fact promises. Lost: the later ones, which are
/// counted.
pub(crate) const CHANGED_VALUES_MAX: usize = 16;

/// Octets of such a value, as the fact promises. Lost: the rest.
pub(crate) const CHANGED_VALUE_OCTETS_MAX: usize = 256;

/// Controls of a request, as the fact promises; clients send up to four. Lost: the later ones.
pub(crate) const CONTROLS_MAX: usize = 8;

/// Octets of an object identifier in dots. Lost: the rest.
pub(crate) const OID_OCTETS_MAX: usize = 64;
