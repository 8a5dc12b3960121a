use super::super::super::tests::{captures, events, expected, joined, spooled};
use super::*;
use realmward_event::Fact;
use std::io::Write as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;

fn plain(path: &PathBuf) -> Vec<u8> {
    zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap()
}

fn start(feed: &FeedOptions, options: &Options) -> JoinHandle<Result<Summary>> {
    let (feed, options) = (feed.clone(), options.clone());
    std::thread::spawn(move || feeds(&feed)?.follow(&options))
}

/// Waits until so many facts are in the spool or it takes too long; what is there then.
fn facts_after(working: JoinHandle<Result<Summary>>, options: &Options) -> (Vec<Fact>, Summary) {
    std::thread::sleep(Duration::from_millis(1500));
    options.stop.store(true, Ordering::Relaxed);
    let summary = working.join().unwrap().unwrap();
    let facts = events(&spooled(options)).into_iter().map(|it| it.fact);
    (facts.collect(), summary)
}

fn free_port() -> SocketAddr {
    let any = TcpListener::bind("127.0.0.1:0").unwrap();
    any.local_addr().unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    for _ in 0..100 {
        if let Ok(stream) = TcpStream::connect(address) {
            return stream;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody listens at {address}");
}

fn facts(paths: &[PathBuf]) -> Vec<Fact> {
    expected(paths).into_iter().map(|it| it.fact).collect()
}

#[test]
fn a_tool_that_listens_is_connected_to_again_after_a_break_and_after_nonsense() {
    let path = captures(&["a14_pass_the_hash.pcap.zst"]);
    let capture = plain(&path[0]);
    let tool = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tool.local_addr().unwrap().to_string();
    let (_folder, options) = joined();
    let feed = FeedOptions {
        connect: vec![address],
        ..FeedOptions::default()
    };
    let working = start(&feed, &options);
    let (mut first, _) = tool.accept().unwrap();
    first.write_all(b"SSH-2.0-nonsense").unwrap();
    drop(first);
    // The capture in two connections, each with the header of the file, as a tool would begin again.
    let mut middle = 24;
    while middle < capture.len() / 2 {
        let length = capture[middle + 8..][..4].try_into().unwrap();
        middle += 16 + usize::try_from(u32::from_le_bytes(length)).unwrap();
    }
    let (mut second, _) = tool.accept().unwrap();
    second.write_all(&capture[..middle]).unwrap();
    second.shutdown(Shutdown::Both).unwrap();
    let (mut third, _) = tool.accept().unwrap();
    third.write_all(&capture[..24]).unwrap();
    third.write_all(&capture[middle..]).unwrap();
    let (told, summary) = facts_after(working, &options);
    assert_eq!(told, facts(&path));
    assert_eq!(summary.dropped_packets, 0);
}

#[test]
fn tools_that_connect_are_followed_side_by_side_and_others_are_turned_away() {
    let paths = captures(&["a14_pass_the_hash.pcap.zst", "a28_smbexec.pcap.zst"]);
    let address = free_port();
    let (_folder, options) = joined();
    let mut feed = FeedOptions {
        listen: Some(address),
        from: vec!["127.0.0.1".parse().unwrap()],
        ..FeedOptions::default()
    };
    let working = start(&feed, &options);
    let streams: Vec<TcpStream> = paths
        .iter()
        .map(|path| {
            let mut stream = connect(address);
            stream.write_all(&plain(path)).unwrap();
            stream
        })
        .collect();
    let (told, _) = facts_after(working, &options);
    drop(streams);
    assert_eq!(told.len(), facts(&paths).len());
    for fact in facts(&paths) {
        assert!(told.contains(&fact));
    }

    options.stop.store(false, Ordering::Relaxed);
    feed.from = vec!["192.0.2.7".parse().unwrap()];
    let working = start(&feed, &options);
    let mut stream = connect(address);
    let _ = stream.write_all(&plain(&paths[0]));
    assert_eq!(facts_after(working, &options).0, []);
}

/// An authority, a certificate of it for this machine, and a stranger, as PEM files.
fn identities(folder: &std::path::Path) -> (Tls, Tls) {
    let files = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(parameters, key);
        let own_key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["127.0.0.1".to_owned()];
        let own = rcgen::CertificateParams::new(names).unwrap();
        let own = own.signed_by(&own_key, &issuer).unwrap();
        let (roots, identity) = (folder.join(format!("{name}-ca")), folder.join(name));
        std::fs::write(&roots, authority.pem()).unwrap();
        let pem = [own_key.serialize_pem(), own.pem()].concat();
        std::fs::write(&identity, pem).unwrap();
        Tls {
            authority: Some(roots),
            identity: Some(identity),
        }
    };
    (files("house"), files("stranger"))
}

#[test]
fn within_tls_both_ends_prove_themselves_and_strangers_tell_nothing() {
    let path = captures(&["a14_pass_the_hash.pcap.zst"]);
    let pem = tempfile::tempdir().unwrap();
    let (house, stranger) = identities(pem.path());
    let address = free_port();
    for (tool, is_told) in [(&house, true), (&stranger, false)] {
        let (_folder, options) = joined();
        let feed = FeedOptions {
            listen: Some(address),
            tls: Some(house.clone()),
            ..FeedOptions::default()
        };
        let working = start(&feed, &options);
        // The tool believes the house, and shows its own certificate.
        let ends = Tls {
            authority: house.authority.clone(),
            identity: tool.identity.clone(),
        };
        let config = ends.load().unwrap().client_of_test();
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        let connection = rustls::ClientConnection::new(config, name).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, connect(address));
        let _ = stream.write_all(&plain(&path[0]));
        let _ = stream.flush();
        let (told, _) = facts_after(working, &options);
        let expected = if is_told { facts(&path) } else { Vec::new() };
        assert_eq!(told, expected);
    }
}

#[test]
fn without_what_tls_needs_the_message_names_the_option() {
    let feed = FeedOptions {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        tls: Some(Tls::default()),
        ..FeedOptions::default()
    };
    let error = format!("{:#}", feeds(&feed).unwrap_err());
    assert!(error.contains("--tls-identity"), "{error}");
}
