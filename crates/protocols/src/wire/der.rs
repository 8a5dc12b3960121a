//! The tags and lengths of DER and BER (X.690), as far as Kerberos, SPNEGO and LDAP need them.

use super::{ParseError, Reader};

/// One element: its first identifier octet and its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet: class, constructed bit and number below 31.
    pub tag: u8,
    /// The content octets.
    pub content: &'a [u8],
}

/// Reads one element with a one-octet tag and a definite length.
///
/// # Errors
///
/// [`ParseError::Incomplete`] when it goes on; [`ParseError::Malformed`] for a multi-octet tag or an
/// indefinite or overlong length, none of which these protocols use.
pub fn element<'a>(reader: &mut Reader<'a>) -> Result<Element<'a>, ParseError> {
    let mut ahead = *reader;
    let (tag, length) = header(&mut ahead)?;
    let content = ahead.take(length)?;
    *reader = ahead;
    Ok(Element { tag, content })
}

/// Reads one element and demands its tag.
///
/// # Errors
///
/// As [`element`], and [`ParseError::Malformed`] with `field` when the tag is another.
pub fn expect<'a>(
    reader: &mut Reader<'a>,
    tag: u8,
    field: &'static str,
) -> Result<&'a [u8], ParseError> {
    let found = element(reader)?;
    if found.tag == tag {
        Ok(found.content)
    } else {
        Err(ParseError::Malformed { field })
    }
}

/// Reads an identifier octet and a definite length; leaves the content unread.
///
/// # Errors
///
/// As [`element`].
pub fn header(reader: &mut Reader<'_>) -> Result<(u8, usize), ParseError> {
    let mut ahead = *reader;
    let tag = ahead.u8()?;
    if tag & 0x1f == 0x1f {
        return Err(ParseError::Malformed {
            field: "identifier",
        });
    }
    let first = ahead.u8()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => {
            let mut length = 0_usize;
            for octet in ahead.take(usize::from(first & 0x7f))? {
                length = (length << 8) | usize::from(*octet);
            }
            length
        }
        _ => return Err(ParseError::Malformed { field: "length" }),
    };
    *reader = ahead;
    Ok((tag, length))
}

/// The value of an INTEGER's content as a signed 64-bit number.
///
/// # Errors
///
/// [`ParseError::Malformed`] when it is empty or longer than eight octets.
pub fn integer(content: &[u8]) -> Result<i64, ParseError> {
    let Some(first) = content.first() else {
        return Err(ParseError::Malformed { field: "INTEGER" });
    };
    if 8 < content.len() {
        return Err(ParseError::Malformed { field: "INTEGER" });
    }
    let start = if *first & 0x80 == 0 { 0 } else { -1 };
    Ok(content
        .iter()
        .fold(start, |value, octet| (value << 8) | i64::from(*octet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_short_and_long() {
        let mut reader = Reader::new(&[0x04, 0x81, 0x02, 0xaa, 0xbb, 0x05, 0x00]);
        assert_eq!(
            element(&mut reader),
            Ok(Element {
                tag: 4,
                content: &[0xaa, 0xbb]
            })
        );
        assert_eq!(
            element(&mut reader),
            Ok(Element {
                tag: 5,
                content: &[]
            })
        );
        assert!(reader.is_empty());
    }

    #[test]
    fn an_element_cut_short_says_what_is_missing() {
        let mut reader = Reader::new(&[0x30, 0x05, 0x01]);
        assert_eq!(
            element(&mut reader),
            Err(ParseError::Incomplete { needed: 4 })
        );
    }

    #[test]
    fn integers_keep_their_sign() {
        assert_eq!(integer(&[0xff, 0x7b]), Ok(-133));
        assert_eq!(integer(&[0x17]), Ok(23));
        assert!(integer(&[]).is_err());
    }
}
