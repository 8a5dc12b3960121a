//! What a person and a program ask of a full server.

use super::words::{address, host, user_name};
use anyhow::{Context as _, Result};

use crate::house::Client;

/// Every page, every list of the API, and the filters of the long ones.
pub(super) fn questions(client: &mut Client) -> Result<Vec<String>> {
    let user = user_name(1234);
    let (workstation, controller) = (address(10, 16, 1235), address(10, 0, 1));
    let alert = first(client, "/api/v1/alerts?limit=1", "alerts")?;
    let activity = first(client, "/api/v1/activities?limit=1", "activities")?;
    let mut all: Vec<String> = PAGES.iter().map(|it| (*it).to_owned()).collect();
    for both in ["", "/api/v1"] {
        all.push(format!("{both}/users/{user}@corp.example"));
        all.push(format!("{both}/users?text=u0123"));
        all.push(format!("{both}/users?text=carla"));
        all.push(format!("{both}/computers/{workstation}"));
        all.push(format!("{both}/computers/{controller}"));
        all.push(format!("{both}/computers?text=srv01"));
        all.extend(activities(both, &user));
        all.extend(
            SEARCHES
                .iter()
                .map(|text| format!("{both}/search?text={text}")),
        );
        all.extend(
            ["severity=high", "status=open", "text=dcsync"].map(|filter| match both {
                "" => format!("/?{filter}"),
                _ => format!("{both}/alerts?{filter}"),
            }),
        );
        if let Some(alert) = &alert {
            all.push(format!("{both}/alerts/{alert}"));
        }
    }
    if let Some(activity) = activity {
        all.push(format!("/activities/{activity}"));
    }
    Ok(all)
}

fn activities(both: &str, user: &str) -> Vec<String> {
    let (workstation, controller) = (address(10, 16, 1235), address(10, 0, 1));
    let filters = [
        format!("account={user}"),
        "account=svc_000".to_owned(),
        "account=svc_000&outcome=failure".to_owned(),
        format!("account={user}&text=report"),
        format!("ip={workstation}"),
        format!("ip={controller}"),
        format!("ip={controller}&kind=NtlmAuthenticated"),
        "kind=DirectorySearched".to_owned(),
        "kind=KerberosRefused,NtlmAuthenticated".to_owned(),
        "outcome=failure".to_owned(),
        "domain=CORP.EXAMPLE".to_owned(),
        format!("text={}", host(address(10, 1, 7))),
        format!("text={user}"),
        "text=ticket".to_owned(),
        "text=ticket&kind=KerberosRefused".to_owned(),
        "text=ticket&kind=NameResolved".to_owned(),
        "account=nobody".to_owned(),
    ];
    let filters = filters.into_iter();
    filters
        .map(|it| format!("{both}/activities?{it}"))
        .collect()
}

fn first(client: &mut Client, path: &str, list: &str) -> Result<Option<String>> {
    let answer = client.get(path)?.json()?;
    let list = answer.get(list).with_context(|| answer.to_string())?;
    Ok(list
        .get(0)
        .and_then(|it| it.get("id"))
        .map(ToString::to_string))
}

const PAGES: &[&str] = &[
    "/",
    "/users",
    "/computers",
    "/activities",
    "/search",
    "/health",
    "/help",
    "/account",
    "/settings",
    "/settings/sensors",
    "/settings/exclusions",
    "/settings/tags",
    "/settings/outputs",
    "/settings/accounts",
    "/settings/audit",
    "/api/v1/alerts",
    "/api/v1/activities",
    "/api/v1/users",
    "/api/v1/computers",
    "/api/v1/sensors",
    "/api/v1/exclusions",
    "/api/v1/tags",
    "/api/v1/outputs",
    "/api/v1/accounts",
    "/api/v1/audit",
    "/api/v1/audit/verification",
    "/api/v1/health",
    "/api/v1/sessions",
    "/api/openapi.json",
    "/healthz",
];

const SEARCHES: &[&str] = &[
    "anna.u01232",
    "an",
    "srv007",
    "10.16.4.211",
    "ticket",
    "corp",
    "dcsync",
    "nothing-like-it",
];
