//! Builds messages with another library than ours, which never sees what we read them with.

use crate::conversation::Record;
use rasn_ldap::{
    AuthenticationChoice, BindRequest, BindResponse, Filter, LdapMessage, LdapResult,
    PartialAttribute, ProtocolOp, ResultCode, SaslCredentials, SearchRequest,
    SearchRequestDerefAliases, SearchRequestScope, SearchResultDone, SearchResultEntry,
};
use realmward_vocab::Direction;

pub(super) fn client(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToServer, packet, octets)
}

pub(super) fn server(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToClient, packet, octets)
}

pub(super) fn message(id: u32, op: ProtocolOp) -> Vec<u8> {
    rasn::ber::encode(&LdapMessage::new(id, op)).unwrap()
}

pub(super) fn simple_bind(id: u32, name: &str, password: &str) -> Vec<u8> {
    let choice = AuthenticationChoice::Simple(password.to_owned().into_bytes().into());
    bind(id, name, choice)
}

pub(super) fn sasl_bind(id: u32, mechanism: &str, credentials: &[u8]) -> Vec<u8> {
    let credentials = SaslCredentials::new(mechanism.into(), Some(credentials.to_vec().into()));
    bind(id, "", AuthenticationChoice::Sasl(credentials))
}

fn bind(id: u32, name: &str, choice: AuthenticationChoice) -> Vec<u8> {
    let request = BindRequest::new(3, name.into(), choice);
    message(id, ProtocolOp::BindRequest(request))
}

pub(super) fn bound(id: u32, code: ResultCode, diagnostic: &str) -> Vec<u8> {
    let response = BindResponse::new(code, "".into(), diagnostic.into(), None, None);
    message(id, ProtocolOp::BindResponse(response))
}

pub(super) fn search(id: u32, base: &str, filter: Filter, attributes: &[&str]) -> Vec<u8> {
    let request = SearchRequest::new(
        base.into(),
        SearchRequestScope::WholeSubtree,
        SearchRequestDerefAliases::NeverDerefAliases,
        0,
        0,
        false,
        filter,
        attributes.iter().map(|it| (*it).into()).collect(),
    );
    message(id, ProtocolOp::SearchRequest(request))
}

pub(super) fn present(attribute: &str) -> Filter {
    Filter::Present(attribute.into())
}

pub(super) fn entry(id: u32, name: &str, attributes: &[(&str, &[&[u8]])]) -> Vec<u8> {
    let attributes = attributes
        .iter()
        .map(|(kind, values)| {
            let values: Vec<_> = values.iter().map(|it| it.to_vec().into()).collect();
            PartialAttribute::new((*kind).into(), values.into())
        })
        .collect();
    let entry = SearchResultEntry::new(name.into(), attributes);
    message(id, ProtocolOp::SearchResEntry(entry))
}

pub(super) fn done(id: u32, code: ResultCode) -> Vec<u8> {
    let result = LdapResult::new(code, "".into(), "".into());
    message(id, ProtocolOp::SearchResDone(SearchResultDone(result)))
}

/// An element with its length in four octets, as Active Directory writes it.
pub(super) fn long(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// A message whose operation has this content, in the long form.
pub(super) fn long_message(id: u8, operation: u8, content: &[u8]) -> Vec<u8> {
    long(0x30, &[&[2, 1, id], &long(operation, content)[..]].concat())
}
