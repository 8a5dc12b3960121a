//! The walk: what an analyst does with the portal on the first day, in sentences.
//!
//! What each sentence means is in [`deeds`]. To add something: one more sentence at its
//! place in [`tell`], and a deed of that name.

use super::deeds::{self, DOWNLOADS};
use super::doubt;
use super::look::Looker;
use super::person::Person;
use super::server::Server;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::time::Instant;

/// Who walks, and with what.
pub(super) struct Cast {
    pub(super) me: Person,
    pub(super) looker: Looker,
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
}

/// The whole story; what is not as it should be ends it.
pub(super) fn tell(cast: &mut Cast) -> Result<()> {
    step("doubts that the walk finds faults", || {
        doubt::cast(&mut cast.me, &cast.looker, &cast.folder)
    })?;
    let mut server = starts(cast)?;
    let (me, looker) = (&mut cast.me, &cast.looker);
    let downloads = cast.folder.join(DOWNLOADS);

    step("logs in with what the demonstration printed", || {
        deeds::logs_in(me, looker, &server)
    })?;
    step("is at every page by Tab and Enter alone", || {
        deeds::goes_around(me, looker)
    })?;
    step("is at the pages by two keys each", || {
        deeds::uses_shortcuts(me)
    })?;
    let incident = step("opens an incident from the timeline", || {
        deeds::opens_incident(me)
    })?;
    let alert = step("opens an alert of it", || deeds::opens_alert(me, &incident))?;
    step("downloads the packets that prove it", || {
        deeds::downloads_packets(me, &alert, &downloads)
    })?;
    step("goes on to the user behind it", || deeds::goes_to_user(me))?;
    step("finds a computer with Ctrl-K", || {
        deeds::searches(me, looker)
    })?;
    step("finds it by the field in the head, too", || {
        deeds::searches_by_field(me, looker)
    })?;
    step("takes a wrong turn and finds back", || {
        deeds::goes_astray(me, looker)
    })?;
    step(
        "drops a capture on the page and reads what is in it",
        || deeds::drops_capture(me, looker),
    )?;
    step(
        "excludes alerts like it, seeing first what that hides",
        || deeds::excludes(me, looker, &alert),
    )?;
    step("closes the alert with a verdict and a comment", || {
        deeds::closes(me, &alert)
    })?;
    step("turns the pages dark, and back, by keys", || {
        deeds::turns_dark(me)
    })?;
    step("invites a colleague, who chooses a password", || {
        deeds::invites(me, looker)
    })?;
    step("stops the server", || {
        me.looks_away()?;
        server.stop()
    })?;
    let _server = step("starts it again with the same folder", || starts(cast))?;
    step("finds the alert still closed", || {
        deeds::finds_it_closed(&mut cast.me, &alert)
    })
}

fn starts(cast: &mut Cast) -> Result<Server> {
    let data = cast.folder.join("data");
    let server = Server::start(&cast.program, &data)?;
    cast.me.moves_to(&server.greeting.address);
    Ok(server)
}

/// Does what the sentence says, and says it.
fn step<T>(sentence: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let since = Instant::now();
    let done = work().with_context(|| format!("the analyst {sentence}"))?;
    let seconds = since.elapsed().as_secs_f64();
    eprintln!("e2e: the analyst {sentence} ({seconds:.1} s)");
    Ok(done)
}
