//! Controls (RFC 4511 section 4.1.11), and of their values the numbers.

use super::{OCTET_STRING, SEQUENCE};
use crate::wire::{ParseError, Reader, der};

/// A control that came with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Control<'a> {
    /// `controlType`.
    pub(crate) control_type: &'a [u8],
    /// `criticality`.
    pub(crate) criticality: bool,
    /// The first INTEGER of its value.
    pub(crate) number: Option<i64>,
    /// Whether the value's cookie is not empty.
    pub(crate) has_cookie: bool,
}

/// The controls in `octets`, which is what follows an operation, up to the first that cannot be read.
///
/// ```text
/// Controls ::= [0] SEQUENCE OF SEQUENCE { controlType LDAPOID, criticality BOOLEAN DEFAULT FALSE,
///     controlValue OCTET STRING OPTIONAL }
/// ```
pub(crate) fn controls(octets: &[u8]) -> impl Iterator<Item = Control<'_>> {
    let list = der::expect(&mut Reader::new(octets), 0xa0, "controls").unwrap_or_default();
    let mut reader = Reader::new(list);
    std::iter::from_fn(move || {
        if reader.is_empty() {
            return None;
        }
        control(&mut reader).ok()
    })
}

fn control<'a>(reader: &mut Reader<'a>) -> Result<Control<'a>, ParseError> {
    let mut inside = Reader::new(der::expect(reader, SEQUENCE, "Control")?);
    let mut control = Control {
        control_type: der::expect(&mut inside, OCTET_STRING, "controlType")?,
        ..Control::default()
    };
    while let Ok(element) = der::element(&mut inside) {
        match element.tag {
            0x01 => control.criticality = element.content.iter().any(|octet| *octet != 0),
            OCTET_STRING => value(element.content, &mut control),
            _ => {}
        }
    }
    Ok(control)
}

/// `SEQUENCE { INTEGER, ... cookie OCTET STRING }`: paging (RFC 2696), `DirSync` and security
/// descriptor flags (MS-ADTS sections 3.1.1.3.4.1.3 and 3.1.1.3.4.1.11) are all of this kind.
fn value(octets: &[u8], control: &mut Control<'_>) {
    let Ok(content) = der::expect(&mut Reader::new(octets), SEQUENCE, "controlValue") else {
        return;
    };
    let mut inside = Reader::new(content);
    while let Ok(element) = der::element(&mut inside) {
        match element.tag {
            0x02 if control.number.is_none() => control.number = der::integer(element.content).ok(),
            OCTET_STRING => control.has_cookie = !element.content.is_empty(),
            _ => {}
        }
    }
}
