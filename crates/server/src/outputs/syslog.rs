//! Syslog over UDP (RFC 5426), TCP with octet counting (RFC 6587) and TLS (RFC 5425).
//!
//! Syslog does not acknowledge. What can be seen is seen: a port where nobody listens, a connection
//! that the collector closed. What a collector loses after it took it is lost.

use super::channel::Failure;
use super::settings::{Address, Transport};
use super::tls;
use futures_util::FutureExt as _;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio_rustls::TlsConnector;

/// A collector.
pub(super) struct Syslog {
    address: Address,
    connector: Option<TlsConnector>,
    open: Option<Box<dyn Stream>>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

impl Syslog {
    pub(super) fn new(address: Address, authority: &str) -> Result<Self, String> {
        let connector = match address.transport {
            Transport::Tls => Some(tls::connector(authority, None)?),
            Transport::Udp | Transport::Tcp => None,
        };
        Ok(Self {
            address,
            connector,
            open: None,
        })
    }

    pub(super) async fn send(&mut self, message: String) -> Result<(), Failure> {
        let sent = match self.address.transport {
            Transport::Udp => self.datagram(message).await,
            Transport::Tcp | Transport::Tls => self.frame(&message).await,
        };
        let (host, port) = (&self.address.host, self.address.port);
        sent.map_err(|error| Failure::Away(format!("{host} port {port}: {error}")))
    }

    async fn datagram(&self, mut message: String) -> io::Result<()> {
        message.truncate(message.floor_char_boundary(DATAGRAM_OCTETS_MAX));
        let to = self.resolve().await?;
        let from: SocketAddr = match to {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(from).await?;
        socket.connect(to).await?;
        socket.send(message.as_bytes()).await?;
        // Where nobody listens, the other machine says so, if at all, at once.
        match tokio::time::timeout(REFUSAL_WAIT, socket.recv(&mut [0])).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(_)) | Err(_) => Ok(()),
        }
    }

    async fn resolve(&self) -> io::Result<SocketAddr> {
        let found = lookup_host((self.address.host.as_str(), self.address.port)).await?;
        let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        found.into_iter().next().ok_or_else(none)
    }

    async fn frame(&mut self, message: &str) -> io::Result<()> {
        let mut stream = match self.open.take().and_then(still_open) {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let framed = format!("{} {message}", message.len());
        stream.write_all(framed.as_bytes()).await?;
        stream.flush().await?;
        self.open = Some(stream);
        Ok(())
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let host = self.address.host.as_str();
        let stream = TcpStream::connect((host, self.address.port)).await?;
        stream.set_nodelay(true)?;
        let Some(connector) = &self.connector else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a host")
        })?;
        Ok(Box::new(connector.connect(name, stream).await?))
    }
}

/// The stream, unless the collector closed it: what is written then would be lost unseen. Whatever
/// the collector says, which no standard knows, is ignored.
fn still_open(mut stream: Box<dyn Stream>) -> Option<Box<dyn Stream>> {
    let mut said = [0; 256];
    match stream.read(&mut said).now_or_never() {
        Some(Ok(0) | Err(_)) => None,
        Some(Ok(_)) | None => Some(stream),
    }
}

/// The longest datagram of IPv4 (RFC 5426 section 3.2); the end of a longer message is cut.
const DATAGRAM_OCTETS_MAX: usize = 65_507;

const REFUSAL_WAIT: Duration = Duration::from_millis(50);
