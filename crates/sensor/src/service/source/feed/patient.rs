//! A connection that waits as long as it takes, but not past the end of the work.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A connection that ends with the work.
#[derive(Debug)]
pub(super) struct Patient {
    stream: TcpStream,
    stop: Arc<AtomicBool>,
}

impl Patient {
    pub(super) fn new(stream: TcpStream, stop: Arc<AtomicBool>) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(LOOK_EVERY))?;
        stream.set_write_timeout(Some(WRITE_TIME_MAX))?;
        keep_alive(&stream)?;
        Ok(Self { stream, stop })
    }
}

impl Read for Patient {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            match self.stream.read(room) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                read => return read,
            }
        }
    }
}

impl Write for Patient {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A quiet night is no broken line, but a machine that is gone must be noticed.
fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    setsockopt(stream, sockopt::KeepAlive, &true)?;
    #[cfg(target_os = "linux")]
    {
        setsockopt(stream, sockopt::TcpKeepIdle, &30)?;
        setsockopt(stream, sockopt::TcpKeepInterval, &10)?;
        setsockopt(stream, sockopt::TcpKeepCount, &3)?;
    }
    Ok(())
}

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Only TLS writes, and little.
const WRITE_TIME_MAX: Duration = Duration::from_secs(10);
