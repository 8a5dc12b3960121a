//! Feeds of tools that connect: one door, through which each of them comes to a free slot.

use super::patient::Patient;
use super::tls::Ends;
use super::{Feed, Origin};
use crate::service::source::PATIENCE;
use anyhow::Result;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Where tools connect to.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    from: Vec<IpAddr>,
    tls: Option<Ends>,
}

/// A slot that waits for a connection.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    entered: Receiver<(TcpStream, SocketAddr)>,
    tls: Option<Ends>,
    stop: Arc<AtomicBool>,
}

impl Door {
    pub(super) fn open(address: SocketAddr, from: &[IpAddr], tls: Option<&Ends>) -> Result<Self> {
        if let Some(tls) = tls {
            tls.can_listen()?;
        }
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            from: from.to_vec(),
            tls: tls.cloned(),
        })
    }

    /// Lets tools in, until the work is stopped, to so many slots.
    pub(super) fn wait(self, slots: usize, stop: &Arc<AtomicBool>) -> Vec<Waiting> {
        let (enter, entered) = bounded(0);
        let waiting = Waiting {
            entered,
            tls: self.tls,
            stop: Arc::clone(stop),
        };
        let (listener, from, stop) = (self.listener, self.from, Arc::clone(stop));
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "waiting for feeds");
        }
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                if !let_in(listener.accept(), &from, &enter) {
                    std::thread::sleep(LOOK_EVERY);
                }
            }
        });
        vec![waiting; slots]
    }
}

/// Whether somebody came; who may not enter or finds no slot is turned away.
fn let_in(
    came: io::Result<(TcpStream, SocketAddr)>,
    from: &[IpAddr],
    enter: &Sender<(TcpStream, SocketAddr)>,
) -> bool {
    let Ok((stream, peer)) = came else {
        return false;
    };
    if !from.is_empty() && !from.contains(&peer.ip().to_canonical()) {
        tracing::warn!(%peer, "a feed was turned away: its address is none of those let in");
    } else if enter.send_timeout((stream, peer), SLOT_TIME_MAX).is_err() {
        tracing::warn!(%peer, "a feed was turned away: there are as many as can be");
    }
    true
}

impl Origin for Waiting {
    fn next(&mut self) -> Result<Option<Feed>> {
        let (stream, peer) = match self.entered.recv_timeout(PATIENCE) {
            Ok(entered) => entered,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(PATIENCE);
                return Ok(None);
            }
        };
        let stream = Patient::new(stream, Arc::clone(&self.stop))?;
        let octets: Box<dyn io::Read + Send> = match &self.tls {
            Some(tls) => tls.answer(stream)?,
            None => Box::new(stream),
        };
        Ok(Some(Feed {
            from: peer.to_string(),
            octets,
        }))
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Free slots look for a connection all the time.
const SLOT_TIME_MAX: Duration = Duration::from_secs(1);
