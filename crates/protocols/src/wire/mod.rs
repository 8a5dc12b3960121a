//! Reading untrusted bytes without panicking, looping or allocating on the sender's word.

mod assembler;
pub mod der;
mod error;
mod nom;
mod reader;
mod text;
mod waiting;

pub(crate) use self::nom::value;
pub use assembler::{Assembler, Framing, Piece};
pub use error::ParseError;
pub use reader::{Reader, slice_at};
pub use text::{begins_with, cut, hex};
pub use waiting::Waiting;
