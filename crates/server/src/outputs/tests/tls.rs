//! Outputs against collectors that speak TLS, with certificates that are right and wrong.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A collector of its own authority.
struct Collector {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    authority: String,
}

impl Collector {
    /// With a certificate for this name, on a port of its own.
    async fn named(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Self {
            listener,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority,
        }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// The next who connects; whether they agree is in the answer.
    async fn shake(&self) -> std::io::Result<BufReader<TlsStream<TcpStream>>> {
        let (stream, _) = timeout(LONG, self.listener.accept()).await.unwrap()?;
        let shaken = timeout(LONG, self.acceptor.accept(stream)).await.unwrap();
        shaken.map(BufReader::new)
    }

    async fn accept(&self) -> BufReader<TlsStream<TcpStream>> {
        self.shake().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn syslog_over_tls_frames_each_alert_and_believes_the_named_authority() {
    let collector = Collector::named("localhost").await;
    let mut house = House::open();
    let target = format!("tls://localhost:{}", collector.port());
    let options = json!({"authority": collector.authority});
    let id = house.output("syslog", &target, options);
    house.alert(1, 1);
    house.alert(2, 1);
    let mut stream = collector.accept().await;
    for number in ["/alerts/1 ", "/alerts/2 "] {
        let message = frame(&mut stream).await;
        assert!(
            message.contains("CEF:0|Realmward") && message.contains(number),
            "{message}"
        );
    }
    house.wait_until_told(id).await;
    // The collector goes and comes back: what it took is not told again, what comes is.
    drop(stream);
    house.alert(3, 1);
    let mut stream = collector.accept().await;
    let message = frame(&mut stream).await;
    assert!(message.contains("/alerts/3 "), "{message}");
    house.wait_until_told(id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_over_https_is_signed_and_told_once() {
    let collector = Collector::named("localhost").await;
    let mut house = House::open();
    let target = format!("https://localhost:{}/hook", collector.port());
    let options = json!({"authority": collector.authority, "secret": "s3cret"});
    let id = house.output("webhook", &target, options);
    house.alert(1, 1);
    let mut stream = collector.accept().await;
    let (headers, body) = answer(&mut stream, "200 OK").await;
    assert_eq!(headers[""], "POST /hook HTTP/1.1");
    let signature = super::super::webhook::signature("s3cret", &body);
    assert_eq!(headers["x-realmward-signature"], signature);
    assert_eq!(headers["content-type"], "application/json");
    house.wait_until_told(id).await;
    let again = timeout(Duration::from_millis(1500), collector.listener.accept());
    assert!(again.await.is_err(), "it is told once");
}

/// Another authority than the named one, and a certificate for another host.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_with_a_wrong_certificate_is_told_nothing_and_nothing_is_lost() {
    let known = Collector::named("localhost").await;
    for (kind, scheme, path) in [("syslog", "tls", ""), ("webhook", "https", "/hook")] {
        for (wrong, authority) in [
            (Collector::named("localhost").await, Some(&known.authority)),
            (Collector::named("elsewhere.example").await, None),
        ] {
            let authority = authority.unwrap_or(&wrong.authority).clone();
            let mut house = House::open();
            let target = format!("{scheme}://localhost:{}{path}", wrong.port());
            house.output(kind, &target, json!({"authority": authority}));
            house.alert(1, 1);
            // TLS 1.3 lets the collector believe for a moment that all is well.
            if let Ok(mut stream) = wrong.shake().await {
                let mut said = Vec::new();
                let _ = timeout(LONG, stream.read_to_end(&mut said)).await.unwrap();
                assert!(said.is_empty(), "{kind}: {said:?}");
            }
            house.wait_until_failed().await;
            let state = house.store.outputs().unwrap().remove(0);
            assert_eq!(state.waiting, 1, "{kind}");
            assert!(0 < state.failures, "{kind}");
            assert!(
                state.last_error.contains("certificate"),
                "{}",
                state.last_error
            );
            house.stop().await;
        }
    }
}
