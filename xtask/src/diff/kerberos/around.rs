//! What stands around a message: padata, certificates, times.

use super::super::node::Node;

/// The `padata-type` nodes of a message, each with its value below.
pub(super) fn padata(node: &Node) -> impl Iterator<Item = &Node> {
    let elements = node.child("kerberos.padata").into_iter();
    let elements = elements.flat_map(|it| it.children.iter());
    elements.filter_map(|it| it.child("kerberos.padata_type"))
}

/// What stands below a padata of this type.
pub(super) fn below<'a>(node: &'a Node, kind: &str, name: &str) -> Option<&'a Node> {
    padata(node).find(|it| it.show == kind)?.find(name)
}

pub(super) fn truth(node: &Node) -> &'static str {
    if matches!(node.show.as_str(), "1" | "True") {
        "1"
    } else {
        "0"
    }
}

/// The certificates of PA-PK-AS-REQ.
pub(super) fn certificates(node: &Node) -> Vec<&Node> {
    let body = padata(node).find(|it| it.show == "16");
    let list = body.and_then(|it| it.find("cms.certificates"));
    let list = list.map(|it| it.all("x509af.signedCertificate_element"));
    list.unwrap_or_default()
}

/// The serial number of the only certificate.
pub(super) fn serial(node: &Node) -> Option<String> {
    let [only] = certificates(node)[..] else {
        return None;
    };
    let number = only.find("x509af.serialNumber")?;
    Some(number.value.to_ascii_lowercase())
}

/// A time of an error, from its octets; none if it is not there.
pub(super) fn seconds(node: &Node, name: &str) -> Option<i64> {
    let Some(found) = node.child(name) else {
        return Some(0);
    };
    let text = String::from_utf8(found.octets()).ok()?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(jiff::tz::Offset::UTC.to_timestamp(civil).ok()?.as_second())
}
