//! The uplink against a server in the same process: real TLS, real certificates, real breaks.

use super::*;
use crate::spool::Appended;
use crate::wire;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, IsCa, Issuer, KeyPair,
};
use realmward_event::batch::Batch;
use realmward_vocab::Order;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let certificate = params.self_signed(&key).unwrap();
        Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    fn token(&self) -> String {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        format!("c2VjcmV0.{}", engine.encode(Fingerprint::of(&self.der).0))
    }
}

/// A server that remembers what it took, and misbehaves on request.
struct Server {
    authority: Authority,
    address: Address,
    taken: Mutex<Vec<u64>>,
    /// Requests to come that are answered with this status, after they were taken if it is 0.
    trouble: Mutex<Vec<u16>>,
    requests: AtomicU64,
}

impl Server {
    fn start() -> Arc<Self> {
        let authority = Authority::new();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &authority.issuer).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der.clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![leaf.der().clone(), authority.der.clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let server = Arc::new(Self {
            authority,
            address: Address {
                host: "127.0.0.1".to_owned(),
                port: listener.local_addr().unwrap().port(),
            },
            taken: Mutex::default(),
            trouble: Mutex::default(),
            requests: AtomicU64::default(),
        });
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mine = Arc::clone(&server);
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(mine.serve(listener, acceptor));
        });
        server
    }

    async fn serve(self: Arc<Self>, listener: std::net::TcpListener, acceptor: TlsAcceptor) {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (mine, acceptor) = (Arc::clone(&self), acceptor.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let known = stream.get_ref().1.peer_certificates().is_some();
                let service = service_fn(|request| mine.answer(known, request));
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }

    async fn answer(
        &self,
        known: bool,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let path = request.uri().path().to_owned();
        let bearer = request.headers().get("authorization").cloned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let (status, text) = match path.as_str() {
            "/sensor/v1/join" => self.join(bearer.as_ref().and_then(|it| it.to_str().ok()), &body),
            "/sensor/v1/batch" if known => self.batch(&body),
            _ => (401, String::new()),
        };
        let response = Response::builder().status(status);
        Ok(response.body(Full::new(Bytes::from(text))).unwrap())
    }

    fn join(&self, bearer: Option<&str>, body: &[u8]) -> (u16, String) {
        if bearer != Some(&format!("Bearer {}", self.authority.token())) {
            return (401, String::new());
        }
        let der = CertificateSigningRequestDer::from_pem_slice(body).unwrap();
        let request = CertificateSigningRequestParams::from_der(&der).unwrap();
        let certificate = request.signed_by(&self.authority.issuer).unwrap().pem();
        let granted = serde_json::json!({
            "certificate": certificate, "ca": self.authority.pem, "sensor": 7, "name": "dc1-tap",
        });
        (200, granted.to_string())
    }

    fn batch(&self, body: &[u8]) -> (u16, String) {
        let trouble = locked(&self.trouble).pop();
        if let Some(status) = trouble
            && status != 0
        {
            return (status, "trouble".to_owned());
        }
        let sequence = wire::decode(body).unwrap().sequence;
        locked(&self.taken).push(sequence);
        if trouble == Some(0) {
            return (500, "taken, but not told".to_owned());
        }
        (200, format!("{{\"acknowledged\":{sequence}}}"))
    }
}

fn spool(folder: &Path) -> SharedSpool {
    let spool = Spool::open(&folder.join("spool"), 1 << 24).unwrap();
    Arc::new(Mutex::new(spool))
}

fn append(spool: &SharedSpool) {
    let kept = locked(spool).append(&mut Batch::default(), Order::default());
    assert!(matches!(kept.unwrap(), Appended::Kept(_)));
}

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_sensor_joins_and_its_batches_arrive_in_order() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let joined = join(
        &server.address,
        &server.authority.token(),
        None,
        folder.path(),
    )
    .unwrap();
    assert_eq!((joined.sensor, joined.name.as_str()), (7, "dc1-tap"));
    let identity = Identity::load(folder.path()).unwrap();
    assert_eq!(identity.joined, joined);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    let spool = spool(folder.path());
    append(&spool);
    let uplink = Uplink::start(Arc::clone(&spool), &identity).unwrap();
    for _ in 1..50 {
        append(&spool);
        uplink.wake();
    }
    assert_eq!(uplink.finish(PATIENCE), 0);
    assert_eq!(*locked(&server.taken), (1..=50).collect::<Vec<u64>>());
}

#[test]
fn trouble_is_waited_out_and_nothing_is_lost_or_out_of_order() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    join(
        &server.address,
        &server.authority.token(),
        None,
        folder.path(),
    )
    .unwrap();
    *locked(&server.trouble) = vec![503, 0];
    let spool = spool(folder.path());
    (0..3).for_each(|_| append(&spool));
    let identity = Identity::load(folder.path()).unwrap();
    let uplink = Uplink::start(Arc::clone(&spool), &identity).unwrap();
    assert_eq!(uplink.finish(PATIENCE), 0);
    // The one whose acknowledgement was lost is sent again; the server tells it by its number.
    assert_eq!(*locked(&server.taken), [1, 1, 2, 3]);
}

#[test]
fn what_cannot_be_sent_stays() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    join(
        &server.address,
        &server.authority.token(),
        None,
        folder.path(),
    )
    .unwrap();
    *locked(&server.trouble) = vec![403; 100];
    let spool = spool(folder.path());
    append(&spool);
    let identity = Identity::load(folder.path()).unwrap();
    let uplink = Uplink::start(Arc::clone(&spool), &identity).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let fault = uplink.state().fault.unwrap();
    assert!(fault.contains("revoked"), "{fault}");
    assert_eq!(uplink.finish(Duration::ZERO), 1);
    assert_eq!(*locked(&server.taken), [] as [u64; 0]);
}

#[test]
fn a_server_with_another_authority_is_not_spoken_to() {
    let (server, other) = (Server::start(), Server::start());
    let folder = tempfile::tempdir().unwrap();
    let token = other.authority.token();
    let fault = join(&server.address, &token, None, folder.path()).unwrap_err();
    assert!(format!("{fault:#}").contains("TLS with"), "{fault:#}");
    assert_eq!(server.requests.load(Ordering::Relaxed), 0);
    assert!(Identity::load(folder.path()).is_err());
    // A sensor that joined one does not speak to another that took its place.
    join(&other.address, &token, None, folder.path()).unwrap();
    let mut identity = Identity::load(folder.path()).unwrap();
    identity.joined.server = server.address.to_string();
    let spool = spool(folder.path());
    append(&spool);
    let uplink = Uplink::start(spool, &identity).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(uplink.state().fault.unwrap().contains("TLS with"));
    assert_eq!(uplink.finish(Duration::ZERO), 1);
    assert_eq!(server.requests.load(Ordering::Relaxed), 0);
}

#[test]
fn a_wrong_token_and_a_server_that_is_away_are_said_plainly() {
    let (server, folder) = (Server::start(), tempfile::tempdir().unwrap());
    let pin = Some(Fingerprint::of(&server.authority.der));
    let fault = join(&server.address, "wrong", pin, folder.path()).unwrap_err();
    assert!(fault.to_string().contains("token"), "{fault}");
    let away = Address {
        host: "127.0.0.1".to_owned(),
        port: 1,
    };
    let fault = join(&away, "wrong", pin, folder.path()).unwrap_err();
    assert!(fault.to_string().contains("connecting"), "{fault}");
}
