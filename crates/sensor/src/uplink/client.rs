//! One HTTPS connection to the server, kept open and made anew when it breaks.

use super::address::Address;
use anyhow::{Context as _, Result, anyhow, bail};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A server that can be asked.
pub(super) struct Client {
    address: Address,
    connector: TlsConnector,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// What the server said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// A question: path, type of the body, the body and perhaps a token.
pub(super) struct Question<'a> {
    pub(super) path: &'a str,
    pub(super) content_type: &'static str,
    pub(super) token: Option<&'a str>,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn new(address: Address, mut config: ClientConfig) -> Self {
        config.alpn_protocols = vec![PROTOCOL.to_vec(), b"http/1.1".to_vec()];
        Self {
            address,
            connector: TlsConnector::from(Arc::new(config)),
            open: None,
        }
    }

    /// Posts; an error means that nobody knows whether the server took it.
    pub(super) async fn post(&mut self, question: Question<'_>) -> Result<Answer> {
        let answer = timeout(ANSWER_TIME_MAX, self.try_post(question)).await;
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.open = None;
                Err(error)
            }
            Err(_) => {
                self.open = None;
                bail!("{} did not answer within {ANSWER_TIME_MAX:?}", self.address)
            }
        }
    }

    /// Connects and nothing more; TLS 1.3 tells only on reading whether the server took our
    /// certificate, so something is asked.
    pub(super) async fn greet(&mut self) -> Result<()> {
        let question = Question {
            path: "/healthz",
            content_type: "text/plain",
            token: None,
            body: Vec::new(),
        };
        self.post(question).await.map(|_| ())
    }

    async fn try_post(&mut self, question: Question<'_>) -> Result<Answer> {
        let mut request = Request::post(question.path)
            .header(HOST, self.address.authority())
            .header(CONTENT_TYPE, question.content_type)
            .header(USER_AGENT, USER_AGENT_TEXT);
        if let Some(token) = question.token {
            let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))
                .context("the token has characters that no token has")?;
            bearer.set_sensitive(true);
            request = request.header(AUTHORIZATION, bearer);
        }
        let request = request.body(Full::new(Bytes::from(question.body)))?;
        let mut connection = match self.open.take() {
            Some(connection) if !connection.is_closed() => connection,
            _ => self.connect().await?,
        };
        connection.ready().await.map_err(explained)?;
        let response = connection.send_request(request).await.map_err(explained)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_OCTETS_MAX)
            .collect()
            .await
            .map_err(|error| anyhow!("the answer broke off: {error}"))?
            .to_bytes();
        self.open = Some(connection);
        Ok(Answer { status, body })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let (host, port) = (self.address.host.as_str(), self.address.port);
        let stream = timeout(CONNECT_TIME_MAX, TcpStream::connect((host, port)))
            .await
            .map_err(|_| anyhow!("no answer within {CONNECT_TIME_MAX:?}"))
            .and_then(|it| it.map_err(Into::into))
            .with_context(|| format!("connecting to {}", self.address))?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(host.to_owned())
            .with_context(|| format!("{host} is no name of a host"))?;
        let stream = self
            .connector
            .connect(name, stream)
            .await
            .with_context(|| format!("TLS with {}", self.address))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // How it ended is told by the request that it breaks.
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// With the reason below it: "connection error" alone helps nobody.
fn explained(error: hyper::Error) -> anyhow::Error {
    match std::error::Error::source(&error) {
        Some(source) => anyhow!("{error}: {source}"),
        None => anyhow!(error),
    }
}

/// What a sensor says in its greeting (ALPN, RFC 7301), so that the server shows it the certificate of
/// the authority that sensors know, whatever it shows to browsers. It is HTTP/1.1 all the same.
pub const PROTOCOL: &[u8] = b"realmward-sensor";

const USER_AGENT_TEXT: &str = concat!("realmward-sensor/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// A server that commits a batch to a slow disk answers within seconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// Answers are a number or a few certificates.
const ANSWER_OCTETS_MAX: usize = 256 * 1024;
