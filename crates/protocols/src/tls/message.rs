//! Messages in the words of RFC 8446 and RFC 5246, as far as they are in the clear.

/// What a ClientHello says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClientHello {
    /// `server_name`.
    pub(super) server_name: Option<String>,
    /// `application_layer_protocol_negotiation`.
    pub(super) alpn: Vec<String>,
}

/// What a ServerHello says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerHello {
    /// `supported_versions`, or else `legacy_version`.
    pub(super) version: u16,
    /// `cipher_suite`.
    pub(super) cipher_suite: u16,
    /// The protocol chosen of `application_layer_protocol_negotiation`.
    pub(super) alpn: Option<String>,
    /// Whether it asks for another ClientHello (HelloRetryRequest).
    pub(super) is_retry: bool,
}

/// Types of records.
pub(super) mod content {
    pub(in crate::tls) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(in crate::tls) const ALERT: u8 = 21;
    pub(in crate::tls) const HANDSHAKE: u8 = 22;
    pub(in crate::tls) const APPLICATION_DATA: u8 = 23;
}

/// Types of handshake messages.
pub(super) mod handshake {
    pub(in crate::tls) const CLIENT_HELLO: u8 = 1;
    pub(in crate::tls) const SERVER_HELLO: u8 = 2;
    pub(in crate::tls) const CERTIFICATE: u8 = 11;
}

/// TLS 1.3: everything after the ServerHello is hidden.
pub(super) const TLS_1_3: u16 = 0x0304;
