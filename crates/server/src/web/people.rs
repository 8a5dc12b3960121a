//! Accounts and sessions: what the portal and the API do with them.
//!
//! A password is chosen by its owner on a link that works once; no administrator ever knows one. The
//! last administrator who can log in can neither be disabled nor become less. Whoever is disabled or
//! gets another role is logged out everywhere.

use super::password;
use super::person::Person;
use super::refusal::Refusal;
use super::role::{Role, Word as _};
use super::setup::{self, Invited};
use super::state::{AppState, now};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use realmward_store::{Account, Session, Store};

/// All accounts, by name.
pub(crate) async fn accounts(state: &AppState) -> Result<Vec<Account>, Refusal> {
    state.ask(Store::accounts).await
}

/// A link on which somebody chooses a password, for a new account; the path of it.
pub(crate) async fn invite(
    state: &AppState,
    by: &Person,
    name: &str,
    role: Role,
) -> Result<String, Refusal> {
    setup::acceptable_name(name)?;
    let wanted = name.to_owned();
    if state
        .ask(move |store| store.account(&wanted))
        .await?
        .is_some()
    {
        return Err(Refusal::Conflict("there is an account of this name".into()));
    }
    let invited = Invited {
        name: Some(name.to_owned()),
        role,
        is_renewal: false,
    };
    let detail = format!("{name} as {}", role.word());
    link(state, by, &invited, "account invited", &detail).await
}

/// A link on which the owner of an account chooses another password.
pub(crate) async fn renew(state: &AppState, by: &Person, name: &str) -> Result<String, Refusal> {
    let account = account(state, name).await?;
    let invited = Invited {
        name: Some(account.name.clone()),
        role: account.role,
        is_renewal: true,
    };
    link(state, by, &invited, "password link made", &account.name).await
}

/// Gives an account another role, or closes or opens it.
pub(crate) async fn change(
    state: &AppState,
    by: &Person,
    name: &str,
    role: Option<Role>,
    disabled: Option<bool>,
) -> Result<(), Refusal> {
    let known = account(state, name).await?;
    let mut detail = format!("{}: {}", known.name, role.unwrap_or(known.role).word());
    if disabled.unwrap_or(known.disabled) {
        detail.push_str(", disabled");
    }
    let changed = move |store: &Store| {
        let old = store.account(&known.name)?.ok_or(Refusal::Missing)?;
        let new = Account {
            role: role.unwrap_or(old.role),
            disabled: disabled.unwrap_or(old.disabled),
            ..old.clone()
        };
        let leads = |it: &Account| it.role == Role::Administrator && !it.disabled;
        let others = store.accounts()?;
        if leads(&old) && !leads(&new) && !others.iter().any(|it| leads(it) && it.name != old.name)
        {
            return Err(Refusal::Conflict(
                "this is the last administrator; make another one first".into(),
            ));
        }
        store.end_sessions_of(&new.name)?;
        store.put_account(&new)?;
        Ok(())
    };
    state.act(by, "account changed", &detail, changed).await
}

/// Changes the password of whoever is logged in; other sessions end.
pub(crate) async fn change_password(
    state: &AppState,
    person: &Person,
    old: String,
    new: String,
) -> Result<(), Refusal> {
    password::acceptable(&new)?;
    state.charge(person.address, &person.name)?;
    let account = account(state, &person.name).await?;
    let fits = state
        .passwords()
        .check(old, Some(account.password.clone()))
        .await?;
    if !fits {
        return Err(Refusal::Bad("the old password is wrong".into()));
    }
    state.attempts().forgive(person.address, &person.name);
    let password = state.passwords().hash(new).await?;
    let mine = person.session;
    let before = account.password;
    let changed = move |store: &Store| {
        let account = store.account(&account.name)?.ok_or(Refusal::Missing)?;
        if account.password != before {
            return Err(Refusal::Conflict(
                "the password was changed meanwhile; log in anew".into(),
            ));
        }
        for (hash, _) in store.sessions_of(&account.name)? {
            if hash != mine {
                store.end_session(hash)?;
            }
        }
        store.put_account(&Account {
            password,
            ..account
        })?;
        Ok(())
    };
    state
        .act(person, "password changed", &person.name, changed)
        .await
}

/// The sessions of whoever is logged in, with the id by which each can be ended.
pub(crate) async fn sessions(
    state: &AppState,
    person: &Person,
) -> Result<Vec<(String, Session)>, Refusal> {
    let name = person.name.clone();
    let sessions = state.ask(move |store| store.sessions_of(&name)).await?;
    Ok(sessions
        .into_iter()
        .map(|(hash, session)| (id(&hash), session))
        .collect())
}

/// Ends one of the sessions of whoever is logged in.
pub(crate) async fn end_session(
    state: &AppState,
    person: &Person,
    wanted: &str,
) -> Result<(), Refusal> {
    let (name, wanted) = (person.name.clone(), wanted.to_owned());
    let ended = move |store: &Store| {
        let sessions = store.sessions_of(&name)?;
        let found = sessions.iter().find(|(hash, _)| id(hash) == wanted);
        let (hash, _) = found.ok_or(Refusal::Missing)?;
        store.end_session(*hash)?;
        Ok(())
    };
    state
        .act(person, "session ended", &person.name, ended)
        .await
}

/// By what a session is called: it tells its secret to nobody.
pub(crate) fn id(hash: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(hash).chars().take(16).collect()
}

async fn account(state: &AppState, name: &str) -> Result<Account, Refusal> {
    let name = name.to_owned();
    state
        .ask(move |store| store.account(&name))
        .await?
        .ok_or(Refusal::Missing)
}

async fn link(
    state: &AppState,
    by: &Person,
    invited: &Invited,
    action: &str,
    subject: &str,
) -> Result<String, Refusal> {
    let (secret, token) = setup::invite(invited, now()).map_err(|error| Refusal::fault(&error))?;
    let hash = secret.hash();
    let kept = move |store: &Store| Ok(store.put_token(hash, &token)?);
    state.act(by, action, subject, kept).await?;
    Ok(setup::link(&secret))
}
