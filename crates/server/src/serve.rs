//! `serve`: the lasting server. Opens the data folder, listens, and stops in order.

pub(crate) mod authority;
mod connections;
pub(crate) mod folder;
mod housekeeping;
mod tls;

use crate::admin::ADDRESS;
use crate::engine::Engine;
use crate::options::{ServeOptions, host_name};
use crate::outputs::{self, Place};
use crate::web::role::Role;
use crate::web::route;
use crate::web::setup::{self, Invited};
use crate::web::state::{self, AppState, Parts};
use anyhow::{Context as _, Result, anyhow};
use authority::Authority;
use folder::Folder;
use realmward_pipeline::PipelineSettings;
use realmward_store::Store;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

/// What runs once the server listens.
pub(crate) struct Started {
    /// Where browsers reach it.
    pub(crate) address: String,
    pub(crate) store: Store,
    pub(crate) engine: Arc<Engine>,
    /// Becomes `true` when the server is to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Runs the server until a signal ends it.
pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode> {
    run_and(options, |_| Ok(())).await
}

/// Likewise; does `also`, which may block, as soon as the server listens.
pub(crate) async fn run_and(
    options: ServeOptions,
    also: impl FnOnce(&Started) -> Result<()> + Send + 'static,
) -> Result<ExitCode> {
    log();
    let ended = ended()?;
    let folder = Folder::open(&options.data)?;
    let _occupied = folder.occupy()?;
    let store = Store::open(folder.path())?;
    let authority = Authority::open(&folder)?;
    let listener = listen(options.listen).await?;
    let address = listener.local_addr()?;
    let own = authority.server(&options.names(address.ip()))?;
    let tls = tls::settings(&authority, own, supplied(&options)?)?;
    let engine = Arc::new(Engine::start(&store, &PipelineSettings::default())?);
    let (stop, stopping) = watch::channel(false);
    let place = Arc::new(place(&options, address, &folder));
    let state = AppState::new(Parts {
        engine: Arc::clone(&engine),
        store: store.clone(),
        authority,
        place: Arc::clone(&place),
        retention: options.retention(),
        stopping: stopping.clone(),
    })?;
    let first = first_link(&state, address).await?;
    let router = route::router(route::table(), &state);
    folder.write(ADDRESS, &format!("{}\n", place.address))?;
    crate::complain(&format!("listening on https://{address}"));
    if let Some(link) = first {
        crate::complain(&format!(
            "nobody has an account yet; within an hour, choose name and password at {link}"
        ));
    }
    let beside = tokio::spawn(futures_util::future::join(
        housekeeping::run(store.clone(), options.retention(), stopping.clone()),
        outputs::run(store.clone(), place, stopping.clone()),
    ));
    let serving = connections::serve(listener, tls, router, stopping.clone());
    tokio::pin!(serving);
    let started = Started {
        address: format!("https://{}", shown(address)),
        store,
        engine: Arc::clone(&engine),
        stopping,
    };
    let also = tokio::task::spawn_blocking(move || also(&started));
    tokio::select! {
        () = &mut serving => {}
        () = ended => {
            crate::complain("stopping");
            stop.send_replace(true);
            serving.await;
        }
    }
    also.await.context("starting")??;
    beside.await.context("outputs and housekeeping")?;
    tokio::task::spawn_blocking(move || engine.stop())
        .await
        .context("stopping the engine")?;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; stop what does, or choose another with {PORT_OPTION}")
    })
}

/// The certificate and key that were handed in, if they were.
fn supplied(options: &ServeOptions) -> Result<Option<authority::Identity>> {
    match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => authority::supplied(certificate, key).map(Some),
        _ => Ok(None),
    }
}

fn place(options: &ServeOptions, address: SocketAddr, folder: &Folder) -> Place {
    Place {
        address: format!("https://{}", options.reached_at(address)),
        host: host_name(),
        folder: folder.path().join(OUTPUTS),
    }
}

/// Warnings and faults go to standard error, which is the journal of systemd; `RUST_LOG` asks for more.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}

/// Where the first administrator chooses a password, as long as there is no account.
async fn first_link(state: &AppState, address: SocketAddr) -> Result<Option<String>> {
    let first = Invited {
        name: None,
        role: Role::Administrator,
        is_renewal: false,
    };
    let (secret, token) = setup::invite(&first, state::now())?;
    let hash = secret.hash();
    let is_first = state
        .ask(move |store| {
            store.together(|store| {
                let is_first = store.accounts()?.is_empty();
                if is_first {
                    store.put_token(hash, &token)?;
                }
                Ok(is_first)
            })
        })
        .await
        .map_err(|refusal| anyhow!(refusal.text()))?;
    Ok(is_first.then(|| format!("https://{}{}", shown(address), setup::link(&secret))))
}

/// An address that a browser on this machine can open.
fn shown(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
}

/// Done at SIGINT or SIGTERM. From this call on neither ends the process by itself.
#[cfg(unix)]
fn ended() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for signals")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done at Ctrl-C.
#[cfg(not(unix))]
fn ended() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// What says where to listen.
const PORT_OPTION: &str = "--listen ADDR:PORT (demo: --port N)";
/// Files of alerts, in the data folder.
const OUTPUTS: &str = "outputs";
