//! The link between sensor and server: a TCP proxy, slow so that bodies take a while, that breaks
//! connections at a chosen octet.

use anyhow::Result;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A proxy; it goes with the process.
#[derive(Clone)]
pub(super) struct Link {
    /// Where the sensor finds it.
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Where the server is; nobody is let through before it has said so.
    server: Mutex<Option<SocketAddr>>,
    fuse: Mutex<Option<Fuse>>,
    broken: AtomicU32,
}

/// Breaks the connection that carries the octet after so many.
#[derive(Clone, Copy)]
pub(super) struct Fuse {
    /// Counts what the sensor sends; otherwise what the server answers.
    pub(super) up: bool,
    pub(super) octets: usize,
}

impl Link {
    pub(super) fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let link = Self {
            address: listener.local_addr()?,
            shared: Arc::default(),
        };
        let shared = Arc::clone(&link.shared);
        thread::spawn(move || {
            for sensor in listener.incoming().map_while(Result::ok) {
                shared.carry(&sensor);
            }
        });
        Ok(link)
    }

    /// The server is here now.
    pub(super) fn lead_to(&self, server: SocketAddr) {
        *locked(&self.shared.server) = Some(server);
    }

    /// Lights a fuse, unless one burns.
    pub(super) fn light(&self, fuse: Fuse) {
        locked(&self.shared.fuse).get_or_insert(fuse);
    }

    /// Puts out the fuse that burns.
    pub(super) fn put_out(&self) {
        *locked(&self.shared.fuse) = None;
    }

    pub(super) fn is_lit(&self) -> bool {
        locked(&self.shared.fuse).is_some()
    }

    /// Connections broken so far.
    pub(super) fn broken(&self) -> u32 {
        self.shared.broken.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn carry(self: &Arc<Self>, sensor: &TcpStream) {
        let Some(address) = *locked(&self.server) else {
            return;
        };
        let Ok(server) = TcpStream::connect(address) else {
            return;
        };
        for (up, from, to) in [(true, sensor, &server), (false, &server, sensor)] {
            let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
                return;
            };
            let shared = Arc::clone(self);
            thread::spawn(move || {
                shared.pump(up, &from, &to);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }

    fn pump(&self, up: bool, mut from: &TcpStream, mut to: &TcpStream) {
        let mut buffer = [0; PIECE];
        loop {
            let octets = match from.read(&mut buffer) {
                Ok(octets) if 0 < octets => octets,
                _ => return,
            };
            thread::sleep(PIECE_TIME);
            let passed = self.passed(up, octets);
            let whole = to.write_all(buffer.get(..passed).unwrap_or_default());
            if passed < octets || whole.is_err() {
                return;
            }
        }
    }

    /// How many of these octets pass before the fuse has burnt down.
    fn passed(&self, up: bool, octets: usize) -> usize {
        let mut lit = locked(&self.fuse);
        match lit.as_mut() {
            Some(fuse) if fuse.up == up && fuse.octets < octets => {
                let passed = fuse.octets;
                *lit = None;
                self.broken.fetch_add(1, Ordering::Relaxed);
                passed
            }
            Some(fuse) if fuse.up == up => {
                fuse.octets -= octets;
                octets
            }
            _ => octets,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const PIECE: usize = 2048;

/// With the piece, at most 4 megabits a second.
const PIECE_TIME: Duration = Duration::from_millis(4);
