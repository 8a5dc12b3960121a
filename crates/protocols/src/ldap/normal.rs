//! Filters in a normal form, so that the same question is one text however it is put.
//!
//! Names are in lower case, object identifiers of well-known attributes are names, operands are sorted
//! and each stands once, `&` in `&` and `|` in `|` are one, what is always so is left out, `!` is moved
//! inwards to single tests, bit rules (MS-ADTS section 3.1.1.3.4.4) name one bit at a time, and numbers,
//! wildcards and escapes are written in one way. What remains is compared as text.
//!
//! The tree is bounded in depth, in nodes and in text; past a bound there is no normal form, and the
//! filter as written is all there is.

mod test;

use super::limits::{FILTER_DEPTH_MAX, FILTER_NODES_MAX, FILTER_NORMAL_OCTETS_MAX};
use crate::wire::{ParseError, Reader, der};

/// The normal form of the filter that `filter` is, whole.
///
/// # Errors
///
/// [`ParseError::Limit`] past a bound; other faults as the filter's text has them.
pub(crate) fn normal(filter: &[u8]) -> Result<String, ParseError> {
    let mut nodes = FILTER_NODES_MAX;
    let element = der::element(&mut Reader::new(filter))?;
    Ok(form(element, false, FILTER_DEPTH_MAX, &mut nodes)?.text())
}

/// A filter in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Everything.
    All,
    /// Nothing.
    None,
    /// One test, perhaps negated.
    One(String),
    /// Both, or more.
    And(Vec<String>),
    /// Any.
    Or(Vec<String>),
}

impl Form {
    fn text(self) -> String {
        match self {
            Self::All => "(objectclass=*)".to_owned(),
            Self::None => "(!(objectclass=*))".to_owned(),
            Self::One(test) => test,
            Self::And(parts) => format!("(&{})", parts.concat()),
            Self::Or(parts) => format!("(|{})", parts.concat()),
        }
    }
}

/// Brings a filter, or its opposite, into normal form.
fn form(
    filter: der::Element<'_>,
    negated: bool,
    depth: usize,
    nodes: &mut usize,
) -> Result<Form, ParseError> {
    let (Some(depth), Some(left)) = (depth.checked_sub(1), nodes.checked_sub(1)) else {
        return Err(TOO_LARGE);
    };
    *nodes = left;
    match filter.tag {
        0xa0 | 0xa1 => {
            let mut reader = Reader::new(filter.content);
            let mut forms = Vec::new();
            while !reader.is_empty() {
                forms.push(form(der::element(&mut reader)?, negated, depth, nodes)?);
            }
            joined((filter.tag == 0xa0) != negated, forms)
        }
        0xa2 => {
            let inner = der::element(&mut Reader::new(filter.content))?;
            form(inner, !negated, depth, nodes)
        }
        _ => Ok(opposite(test::of(filter)?, negated)),
    }
}

/// A single test, or a bit rule's tests, negated if asked.
fn opposite(form: Form, negated: bool) -> Form {
    let not = |test: String| format!("(!{test})");
    match form {
        form if !negated => form,
        Form::All => Form::None,
        Form::None => Form::All,
        Form::One(test) => Form::One(not(test)),
        Form::And(tests) => Form::Or(tests.into_iter().map(not).collect()),
        Form::Or(tests) => Form::And(tests.into_iter().map(not).collect()),
    }
}

/// Joins filters by `&` if `all`, else by `|`.
fn joined(all: bool, forms: Vec<Form>) -> Result<Form, ParseError> {
    let mut parts = Vec::new();
    let mut others = Vec::new();
    for form in forms {
        match (all, form) {
            (true, Form::All) | (false, Form::None) => {}
            (true, Form::None) => return Ok(Form::None),
            (false, Form::All) => return Ok(Form::All),
            (_, Form::One(test)) => parts.push(test),
            (true, Form::And(tests)) | (false, Form::Or(tests)) => parts.extend(tests),
            (_, Form::And(tests) | Form::Or(tests)) => others.push(tests),
        }
    }
    parts.sort_unstable();
    parts.dedup();
    for tests in others {
        // A or (A and B) is A; A and (A or B) is A.
        if !tests.iter().any(|it| parts.binary_search(it).is_ok()) {
            let inner = if all {
                Form::Or(tests)
            } else {
                Form::And(tests)
            };
            let place = parts.len();
            parts.insert(place, inner.text());
        }
        parts.sort_unstable();
    }
    parts.dedup();
    if FILTER_NORMAL_OCTETS_MAX < parts.iter().map(String::len).sum() {
        return Err(TOO_LARGE);
    }
    Ok(match (parts.len(), all) {
        (0, true) => Form::All,
        (0, false) => Form::None,
        (1, _) => Form::One(parts.concat()),
        (_, true) => Form::And(parts),
        (_, false) => Form::Or(parts),
    })
}

const TOO_LARGE: ParseError = ParseError::Limit {
    bound: "ldap_filter_normal",
};
