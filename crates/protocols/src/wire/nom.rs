//! Our error as nom's, so that combinators and hand-written readers speak of the same faults.

use super::ParseError;
use nom::error::ErrorKind;

impl<'a> nom::error::ParseError<&'a [u8]> for ParseError {
    fn from_error_kind(_input: &'a [u8], kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Eof => Self::Incomplete { needed: 1 },
            ErrorKind::Tag => Self::Malformed { field: "signature" },
            _ => Self::Malformed { field: "structure" },
        }
    }

    fn append(_input: &'a [u8], _kind: ErrorKind, other: Self) -> Self {
        other
    }
}

/// The value of a nom parser, its remainder dropped.
pub(crate) fn value<T>(parsed: nom::IResult<&[u8], T, ParseError>) -> Result<T, ParseError> {
    match parsed {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault),
        Err(nom::Err::Incomplete(_)) => Err(ParseError::Incomplete { needed: 1 }),
    }
}
