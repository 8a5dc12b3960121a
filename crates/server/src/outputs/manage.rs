//! What administrators do with outputs: each put on record, for API and portal alike.

use super::channel;
use super::settings::{Options, Settings};
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::state::AppState;
use realmward_store::{Output, OutputId, Store};

/// An output as somebody wants it.
pub(crate) struct Wanted {
    /// Its number; none for a new one.
    pub(crate) id: Option<OutputId>,
    /// Its name, for people.
    pub(crate) name: String,
    /// `syslog`, `webhook` or `jsonl`.
    pub(crate) kind: String,
    /// Where to.
    pub(crate) target: String,
    /// How.
    pub(crate) options: Options,
    /// Whether an empty secret means that the one which is there stays.
    pub(crate) keeps_secret: bool,
    /// Whether it gets nothing for now.
    pub(crate) disabled: bool,
}

/// Adds an output or changes one.
pub(crate) async fn put(
    state: &AppState,
    by: &Person,
    wanted: Wanted,
) -> Result<OutputId, Refusal> {
    let mut options = wanted.options;
    let before = match wanted.id {
        Some(id) => Some(one(state, id).await?),
        None => None,
    };
    if let Some(before) = &before
        && wanted.keeps_secret
        && options.secret.is_empty()
    {
        options.secret = options_of(before).secret;
    }
    let name = wanted.name.trim();
    if name.is_empty() || NAME_OCTETS_MAX < name.len() || name.chars().any(char::is_control) {
        return Err(Refusal::Bad("an output needs a name".into()));
    }
    let output = Output {
        id: wanted.id.unwrap_or_default(),
        name: name.to_owned(),
        kind: wanted.kind,
        target: wanted.target.trim().to_owned(),
        options: serde_json::to_value(options).map_err(|error| Refusal::fault(&error))?,
        disabled: wanted.disabled,
    };
    Settings::of(&output).map_err(Refusal::Bad)?;
    let subject = format!("{} ({})", output.name, output.kind);
    let action = match before {
        None => "output added",
        Some(_) => "output changed",
    };
    let put = move |store: &Store| Ok(store.put_output(&output)?);
    state.act(by, action, &subject, put).await
}

/// Removes an output and what it was still to be told.
pub(crate) async fn remove(state: &AppState, by: &Person, id: OutputId) -> Result<(), Refusal> {
    let output = one(state, id).await?;
    let removed = move |store: &Store| Ok(store.remove_output(id)?);
    state.act(by, "output removed", &output.name, removed).await
}

/// Lets an output be told again, or not for now. What waits, waits on.
pub(crate) async fn enable(
    state: &AppState,
    by: &Person,
    id: OutputId,
    is_enabled: bool,
) -> Result<(), Refusal> {
    let mut output = one(state, id).await?;
    let name = output.name.clone();
    output.disabled = !is_enabled;
    let action = if is_enabled {
        "output enabled"
    } else {
        "output disabled"
    };
    let put = move |store: &Store| {
        store.put_output(&output)?;
        Ok(())
    };
    state.act(by, action, &name, put).await
}

/// Sends a message that says that it is a test; says why, if it was not taken.
pub(crate) async fn test(
    state: &AppState,
    by: &Person,
    id: OutputId,
) -> Result<Result<(), String>, Refusal> {
    let output = one(state, id).await?;
    let sent = channel::test(&output, state.place()).await;
    state.audit(by, "output tested", &output.name).await?;
    Ok(sent.map_err(|it| it.why().to_owned()))
}

/// How an output is told; as nobody said, if it cannot be read.
pub(crate) fn options_of(output: &Output) -> Options {
    serde_json::from_value(output.options.clone()).unwrap_or_default()
}

/// One output.
pub(crate) async fn one(state: &AppState, id: OutputId) -> Result<Output, Refusal> {
    let outputs = state.ask(Store::outputs).await?;
    let found = outputs.into_iter().find(|it| it.output.id == id);
    Ok(found.ok_or(Refusal::Missing)?.output)
}

const NAME_OCTETS_MAX: usize = 128;
