//! Accepts connections and ends them: bounded in number, in time to shake hands and in time to send
//! a head, and given a while to finish when the server stops.

use crate::web::peer::Peer;
use crate::web::secret::fingerprint;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// Serves until `stopping` becomes true, then lets what runs finish.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let (stream, address) = match accepted {
            Ok(it) => it,
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be accepted");
                sleep(AFTER_A_FAULT).await;
                continue;
            }
        };
        let connection = Connection {
            acceptor: acceptor.clone(),
            router: router.clone(),
            watcher: graceful.watcher(),
        };
        tokio::spawn(async move {
            connection.run(stream, address).await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(FINISH_TIME_MAX, graceful.shutdown()).await;
}

/// One connection.
struct Connection {
    acceptor: TlsAcceptor,
    router: Router,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream, address: SocketAddr) {
        let _ = stream.set_nodelay(true);
        let shaken = timeout(HANDSHAKE_TIME_MAX, self.acceptor.accept(stream)).await;
        let Ok(Ok(stream)) = shaken else {
            return;
        };
        let certificates = stream.get_ref().1.peer_certificates();
        let peer = Peer {
            address,
            certificate: certificates
                .and_then(<[_]>::first)
                .map(|it| fingerprint(it)),
        };
        let router = self.router;
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer.clone());
            router.clone().oneshot(request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .max_concurrent_streams(STREAMS_MAX);
        let connection = builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let _ = self.watcher.watch(connection).await;
    }
}

/// Sensors hold one each, browsers a few; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// Who needs longer is not there.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// Likewise, for the head of a request; an idle connection is closed by it too.
const HEAD_TIME_MAX: Duration = Duration::from_secs(60);
/// An HTTP/2 connection whose other end is gone is closed after this.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// When too many files are open, trying again at once helps nobody.
const AFTER_A_FAULT: Duration = Duration::from_millis(100);
/// systemd waits 90 seconds before it kills.
const FINISH_TIME_MAX: Duration = Duration::from_secs(10);
