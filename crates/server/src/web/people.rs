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
    let link = link(state, &invited).await?;
    let detail = format!("{name} as {}", role.word());
    state.audit(by, "account invited", &detail).await?;
    Ok(link)
}

/// A link on which the owner of an account chooses another password.
pub(crate) async fn renew(state: &AppState, by: &Person, name: &str) -> Result<String, Refusal> {
    let account = account(state, name).await?;
    let invited = Invited {
        name: Some(account.name.clone()),
        role: account.role,
        is_renewal: true,
    };
    let link = link(state, &invited).await?;
    state.audit(by, "password link made", &account.name).await?;
    Ok(link)
}

/// Gives an account another role, or closes or opens it.
pub(crate) async fn change(
    state: &AppState,
    by: &Person,
    name: &str,
    role: Option<Role>,
    disabled: Option<bool>,
) -> Result<(), Refusal> {
    let old = account(state, name).await?;
    let new = Account {
        role: role.unwrap_or(old.role),
        disabled: disabled.unwrap_or(old.disabled),
        ..old.clone()
    };
    let detail = format!(
        "{}: {}{}",
        new.name,
        new.role.word(),
        if new.disabled { ", disabled" } else { "" }
    );
    let is_done = state
        .ask(move |store| {
            let leads = |it: &Account| it.role == Role::Administrator && !it.disabled;
            let others = store.accounts()?;
            let is_last = leads(&old)
                && !leads(&new)
                && !others.iter().any(|it| leads(it) && it.name != old.name);
            if is_last {
                return Ok(false);
            }
            store.end_sessions_of(&new.name)?;
            store.put_account(&new)?;
            Ok::<_, realmward_store::StoreError>(true)
        })
        .await?;
    if !is_done {
        return Err(Refusal::Conflict(
            "this is the last administrator; make another one first".into(),
        ));
    }
    state.audit(by, "account changed", &detail).await
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
    let account = Account {
        password: state.passwords().hash(new).await?,
        ..account
    };
    let mine = person.session;
    state
        .ask(move |store| {
            for (hash, _) in store.sessions_of(&account.name)? {
                if hash != mine {
                    store.end_session(hash)?;
                }
            }
            store.put_account(&account)
        })
        .await?;
    state.audit(person, "password changed", &person.name).await
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
    let ended = state
        .ask(move |store| {
            let sessions = store.sessions_of(&name)?;
            let found = sessions.iter().find(|(hash, _)| id(hash) == wanted);
            match found {
                Some((hash, _)) => store.end_session(*hash).map(|()| true),
                None => Ok(false),
            }
        })
        .await?;
    if !ended {
        return Err(Refusal::Missing);
    }
    state.audit(person, "session ended", &person.name).await
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

async fn link(state: &AppState, invited: &Invited) -> Result<String, Refusal> {
    let (secret, token) = setup::invite(invited, now()).map_err(|error| Refusal::fault(&error))?;
    let hash = secret.hash();
    state
        .ask(move |store| store.put_token(hash, &token))
        .await?;
    Ok(setup::link(&secret))
}
