//! Who asks the server as a browser does: HTTPS, a session, one connection that is kept open.

use anyhow::{Context as _, Result, bail, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

/// Somebody who asks.
pub(crate) struct Client {
    runtime: Runtime,
    connector: TlsConnector,
    address: SocketAddr,
    open: Option<SendRequest<Full<Bytes>>>,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// From the first octet of the question to the last of the answer.
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| self.text())
    }
}

impl Client {
    /// `authority` is the server's own, in PEM.
    pub(crate) fn new(address: SocketAddr, authority: &str) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes())?)?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            connector: TlsConnector::from(Arc::new(config)),
            address,
            open: None,
            cookies: BTreeMap::new(),
        })
    }

    /// The server is elsewhere now.
    pub(crate) fn move_to(&mut self, address: SocketAddr) {
        self.address = address;
        self.open = None;
    }

    /// Asks for a page that must be there.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        let answer = self.ask(&Method::GET, path, "")?;
        ensure!(
            answer.status.is_success(),
            "{path}: {}\n{}",
            answer.status,
            answer.text()
        );
        Ok(answer)
    }

    /// Sends a form.
    pub(crate) fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B").replace(' ', "+")));
        let body = fields.collect::<Vec<String>>().join("&");
        self.ask(&Method::POST, path, &body)
    }

    fn ask(&mut self, method: &Method, path: &str, body: &str) -> Result<Answer> {
        let question = || {
            let cookies: Vec<String> = (self.cookies.iter())
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let question = Request::builder()
                .method(method)
                .uri(path)
                .header(HOST, self.address.to_string())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(COOKIE, cookies.join("; "));
            question.body(Full::new(Bytes::from(body.to_owned())))
        };
        let question = question().with_context(|| path.to_owned())?;
        let work = async {
            let mut connection = match self.open.take() {
                Some(kept) if !kept.is_closed() => kept,
                _ => connect(self.address, &self.connector).await?,
            };
            connection.ready().await?;
            let begun = Instant::now();
            let (head, body) = connection.send_request(question).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            let answer = Answer {
                status: head.status,
                body,
                took: begun.elapsed(),
            };
            Ok::<_, anyhow::Error>((connection, head.headers, answer))
        };
        let done = self
            .runtime
            .block_on(async { tokio::time::timeout(PATIENCE, work).await });
        let Ok(done) = done else {
            bail!("{path}: no answer within {PATIENCE:?}");
        };
        let (connection, headers, answer) = done.with_context(|| path.to_owned())?;
        self.open = Some(connection);
        for line in headers.get_all(SET_COOKIE) {
            let pair = line.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie without a value")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(answer)
    }
}

async fn connect(
    address: SocketAddr,
    connector: &TlsConnector,
) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let stream = connector
        .connect(ServerName::from(address.ip()), stream)
        .await?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        // How it ended is told by the request that it breaks.
        let _ = connection.await;
    });
    Ok(sender)
}

const PATIENCE: Duration = Duration::from_secs(120);
