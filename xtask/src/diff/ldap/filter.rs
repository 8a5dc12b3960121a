//! Filters: ours as text, tshark's as a tree, both to the same octets.

use crate::diff::node::Node;

/// The text of the sensor, its escapes undone.
pub(super) fn ours(text: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).and_then(|it| str::from_utf8(it).ok());
        let escaped = escaped.and_then(|it| u8::from_str_radix(it, 16).ok());
        match (first, escaped) {
            (b'\\', Some(octet)) => {
                octets.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    written(&octets)
}

/// The text of tshark's tree below `ldap.filter`.
pub(super) fn theirs(node: &Node) -> Option<String> {
    let mut octets = Vec::new();
    item(node, &mut octets)?;
    Some(written(&octets))
}

fn written(octets: &[u8]) -> String {
    octets.escape_ascii().to_string().to_lowercase()
}

/// One filter: the node shows which of RFC 4511's choices it is.
fn item(node: &Node, out: &mut Vec<u8>) -> Option<()> {
    out.push(b'(');
    match node.show.as_str() {
        "0" => set(node.find("ldap.and")?, b'&', out)?,
        "1" => set(node.find("ldap.or")?, b'|', out)?,
        "2" => {
            out.push(b'!');
            item(node.find("ldap.not")?, out)?;
        }
        "3" => assertion(node.find("ldap.equalityMatch_element")?, b"=", out)?,
        "4" => substrings(node.find("ldap.substrings_element")?, out)?,
        "5" => assertion(node.find("ldap.greaterOrEqual_element")?, b">=", out)?,
        "6" => assertion(node.find("ldap.lessOrEqual_element")?, b"<=", out)?,
        "7" => {
            out.extend(node.find("ldap.present")?.octets());
            out.extend(b"=*");
        }
        "8" => assertion(node.find("ldap.approxMatch_element")?, b"~=", out)?,
        "9" => extensible(node.find("ldap.extensibleMatch_element")?, out),
        _ => return None,
    }
    out.push(b')');
    Some(())
}

fn set(node: &Node, operator: u8, out: &mut Vec<u8>) -> Option<()> {
    out.push(operator);
    for child in &node.children {
        let mut choice = None;
        child.walk(&mut |it| {
            if choice.is_none() && it.name.ends_with("_item") {
                choice = Some(it);
            }
            choice.is_none()
        });
        item(choice?, out)?;
    }
    Some(())
}

fn assertion(node: &Node, operator: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let [attribute, value, ..] = &node.children[..] else {
        return None;
    };
    out.extend(attribute.octets());
    out.extend(operator);
    out.extend(value.octets());
    Some(())
}

fn substrings(node: &Node, out: &mut Vec<u8>) -> Option<()> {
    out.extend(node.find("ldap.type")?.octets());
    out.push(b'=');
    let mut ends_open = true;
    for (place, part) in node.all("ldap.substrings_item").into_iter().enumerate() {
        let part = part.children.first()?;
        if place != 0 || part.name != "ldap.initial" {
            out.push(b'*');
        }
        out.extend(part.octets());
        ends_open = part.name != "ldap.final";
    }
    if ends_open {
        out.push(b'*');
    }
    Some(())
}

fn extensible(node: &Node, out: &mut Vec<u8>) {
    let part = |name| node.find(name).map(Node::octets);
    out.extend(part("ldap.type").unwrap_or_default());
    if node.shown("ldap.dnAttributes").is_some_and(|it| it != "0") {
        out.extend(b":dn");
    }
    if let Some(rule) = part("ldap.matchingRule") {
        out.push(b':');
        out.extend(rule);
    }
    out.extend(b":=");
    out.extend(part("ldap.matchValue").unwrap_or_default());
}
