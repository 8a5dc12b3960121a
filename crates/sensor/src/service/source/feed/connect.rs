//! Feeds of a tool that listens: we connect, and again when it breaks.

use super::patient::Patient;
use super::tls::Ends;
use super::{Feed, Origin};
use anyhow::{Context as _, Result, bail};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Connects to one tool.
#[derive(Debug)]
pub(super) struct Caller {
    host: String,
    port: u16,
    tls: Option<Ends>,
    stop: Arc<AtomicBool>,
}

impl Caller {
    pub(super) fn new(address: &str, tls: Option<&Ends>) -> Result<Self> {
        let parts = address.rsplit_once(':');
        let Some((host, Ok(port))) = parts.map(|(host, port)| (host, port.parse())) else {
            bail!("{address} is no HOST:PORT");
        };
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            tls: tls.cloned(),
            stop: Arc::default(),
        })
    }

    /// Waits for nothing any more once the work is stopped.
    pub(super) fn until(self, stop: &Arc<AtomicBool>) -> Self {
        Self {
            stop: Arc::clone(stop),
            ..self
        }
    }

    fn connect(&self) -> Result<TcpStream> {
        let mut last = None;
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIME_MAX) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        match last {
            Some(error) => Err(error.into()),
            None => bail!("the name has no address"),
        }
    }
}

impl Origin for Caller {
    fn next(&mut self) -> Result<Option<Feed>> {
        let from = format!("{}:{}", self.host, self.port);
        let stream = self.connect().with_context(|| from.clone())?;
        let stream = Patient::new(stream, Arc::clone(&self.stop))?;
        let octets: Box<dyn std::io::Read + Send> = match &self.tls {
            Some(tls) => tls.call(&self.host, stream).with_context(|| from.clone())?,
            None => Box::new(stream),
        };
        Ok(Some(Feed { from, octets }))
    }
}

const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
