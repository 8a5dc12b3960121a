//! Compressed captures, told by their first octets, never by their names.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Cursor, Read};

/// The uncompressed octets of `source`; several gzip members or zstd frames in a row are one stream.
pub(super) fn plain(mut source: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut magic = Vec::with_capacity(MAGIC_OCTETS);
    source
        .by_ref()
        .take(MAGIC_OCTETS as u64)
        .read_to_end(&mut magic)?;
    let kind = match magic.as_slice() {
        [0x1f, 0x8b, ..] => Kind::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Kind::Zstd,
        _ => Kind::Plain,
    };
    let whole = Cursor::new(magic).chain(source);
    Ok(match kind {
        Kind::Plain => Box::new(whole),
        Kind::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            READ_OCTETS,
            whole,
        ))),
        Kind::Zstd => {
            let mut decoder =
                zstd::Decoder::with_buffer(BufReader::with_capacity(READ_OCTETS, whole))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(decoder)
        }
    })
}

enum Kind {
    Plain,
    Gzip,
    Zstd,
}

const MAGIC_OCTETS: usize = 4;

/// Compressed octets read in one go.
const READ_OCTETS: usize = 64 * 1024;

/// The decoder keeps a window of this many bits: 128 MiB, the most that `zstd` itself accepts without
/// being told. Levels up to 19 need 8 MiB. What asks for more is refused, not allocated.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;
