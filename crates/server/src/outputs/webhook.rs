//! Alerts as JSON to an address that takes POST.

use super::channel::Failure;
use super::{settings, tls};
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{Request, StatusCode, Uri};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use sha2::Sha256;
use std::fmt::Display;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// An address that takes POST.
pub(super) struct Webhook {
    uri: Uri,
    host: String,
    secret: String,
    connector: Option<TlsConnector>,
}

impl Webhook {
    pub(super) fn new(uri: Uri, secret: &str, authority: &str) -> Result<Self, String> {
        let connector = match uri.scheme_str() {
            Some("https") => Some(tls::connector(authority, Some("http/1.1"))?),
            _ => None,
        };
        Ok(Self {
            host: settings::host(&uri).unwrap_or_default(),
            uri,
            secret: secret.to_owned(),
            connector,
        })
    }

    pub(super) async fn send(&self, body: std::io::Result<Vec<u8>>) -> Result<(), Failure> {
        let body = body.map_err(|error| Failure::Refused(error.to_string()))?;
        let port = match (self.uri.port_u16(), &self.connector) {
            (Some(port), _) => port,
            (None, Some(_)) => 443,
            (None, None) => 80,
        };
        let stream = TcpStream::connect((self.host.as_str(), port))
            .await
            .map_err(|error| self.away(&error))?;
        let Some(connector) = &self.connector else {
            return self.post(stream, body).await;
        };
        let name = ServerName::try_from(self.host.clone()).map_err(|error| self.away(&error))?;
        let stream = connector.connect(name, stream).await;
        self.post(stream.map_err(|error| self.away(&error))?, body)
            .await
    }

    async fn post<S>(&self, stream: S, body: Vec<u8>) -> Result<(), Failure>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let request = self.request(body).map_err(|error| self.away(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.away(&error))?;
        let answer = async {
            let answer = sender.send_request(request).await;
            answer.map(|it| it.status())
        };
        tokio::pin!(answer);
        let status = tokio::select! {
            status = &mut answer => status,
            // How the connection ended is told by the request that it breaks.
            _ = connection => answer.await,
        };
        self.judge(status.map_err(|error| self.away(&error))?)
    }

    fn request(&self, body: Vec<u8>) -> axum::http::Result<Request<Full<Bytes>>> {
        let path = self.uri.path_and_query().map_or("/", |it| it.as_str());
        let authority = self.uri.authority().map_or("", |it| it.as_str());
        let mut request = Request::post(path)
            .header(HOST, authority)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, USER_AGENT_TEXT);
        if !self.secret.is_empty() {
            request = request.header(SIGNATURE, signature(&self.secret, &body));
        }
        request.body(Full::new(Bytes::from(body)))
    }

    /// What is wrong with this message stays wrong; anything else may pass.
    fn judge(&self, status: StatusCode) -> Result<(), Failure> {
        if status.is_success() {
            return Ok(());
        }
        let why = format!("{} answered {status}", self.host);
        Err(match status {
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => Failure::Refused(why),
            _ => Failure::Away(why),
        })
    }

    fn away(&self, error: &dyn Display) -> Failure {
        Failure::Away(format!("{}: {error}", self.host))
    }
}

/// HMAC-SHA-256 (RFC 2104) of the body, in hex.
pub(super) fn signature(secret: &str, body: &[u8]) -> String {
    // Any length is a key; the empty one of the other branch cannot be.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    format!("sha256={hex}")
}

const SIGNATURE: &str = "x-realmward-signature";
const USER_AGENT_TEXT: &str = concat!("realmward-server/", env!("CARGO_PKG_VERSION"));

/// RFC 4231 section 4.3.
#[test]
fn a_signature_is_that_of_the_standard() {
    let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
}
