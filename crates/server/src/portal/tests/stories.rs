//! What analysts do with stories of alerts and with the log.

use super::{House, events, fixtures, links, story};
use crate::web::session::csrf;
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use std::time::Duration;
use tower::ServiceExt as _;

#[tokio::test]
async fn alerts_of_one_story_are_one_entry_that_leads_to_them_with_the_filters() {
    let house = House::with(&story());
    let (_, page) = house.get("/?severity=high").await;
    assert!(page.contains("Incident of "), "{page}");
    assert!(
        page.contains("not more than 24 hours"),
        "the rule is not told"
    );
    let place = links(&page)
        .into_iter()
        .find(|it| it.contains("incident="))
        .unwrap();
    assert!(place.contains("severity=high"), "{place}");
    let (_, incident) = house.get(&place).await;
    assert!(!incident.contains("Incident of "));
    assert!(incident.contains("<svg") && incident.contains("/alerts/"));
    let (_, single) = house.get("/?severity=high&view=alerts").await;
    assert!(!single.contains("Incident of "));
    let alert = links(&single)
        .into_iter()
        .find(|it| it.starts_with("/alerts/"))
        .unwrap();
    let (_, alert) = house.get(&alert).await;
    assert!(links(&alert).iter().any(|it| it.starts_with("/?incident=")));
}

#[tokio::test]
async fn every_cell_of_the_log_narrows_it_both_ways() {
    let house = House::with(&story());
    let (_, page) = house.get("/activities?limit=5").await;
    let without = links(&page)
        .into_iter()
        .find(|it| it.contains("not_kind="))
        .unwrap();
    let (_, rest) = house.get(&without).await;
    let title = |page: &str| {
        let rest = page.split("<td><strong>").nth(1).unwrap();
        rest.split("</strong>").next().unwrap().to_owned()
    };
    assert_ne!(title(&page), title(&rest));
    assert!(rest.contains("take away"));
    let again = links(&rest)
        .into_iter()
        .find(|it| it.matches("not_kind=").count() == 1 && it.contains("%2C"));
    assert!(again.is_some(), "a second kind cannot be left out");
}

#[tokio::test]
async fn an_open_page_hears_at_once_what_came_before_it_listened() {
    let house = House::with(&story());
    let request = Request::get("/live?status=all&changed_after=2001-01-01T00:00:00Z")
        .header("cookie", house.cookie())
        .extension(house.peer())
        .body(Body::empty())
        .unwrap();
    let answer = house.router.clone().oneshot(request).await.unwrap();
    let mut body = answer.into_body().into_data_stream();
    let told = tokio::time::timeout(Duration::from_secs(5), body.next()).await;
    let told = String::from_utf8(told.unwrap().unwrap().unwrap().to_vec()).unwrap();
    assert!(told.starts_with("event: alerts\ndata: "), "{told}");
    let more = tokio::time::timeout(Duration::from_millis(1500), body.next()).await;
    assert!(more.is_err(), "it told the same again");
}

#[tokio::test]
async fn the_reasons_of_a_priority_add_up_on_the_page() {
    let house = House::with(&story());
    let (_, users) = house.get("/users?priority=1").await;
    let mut looked_at = 0;
    for place in links(&users).iter().filter(|it| it.starts_with("/users/")) {
        let (_, page) = house.get(place).await;
        let tenths: Vec<i64> = page
            .split("class=\"amount\">")
            .skip(1)
            .map(|it| it.split('<').next().unwrap())
            .map(|it| it.replace('\u{2212}', "-").replace(['.', '+'], ""))
            .map(|it| it.parse().unwrap())
            .collect();
        let (sum, reasons) = tenths.split_last().unwrap();
        assert_eq!(reasons.iter().sum::<i64>(), *sum, "{place}: {tenths:?}");
        looked_at += 1;
    }
    assert!(1 < looked_at);
}

#[tokio::test]
async fn a_glance_says_what_matters_and_nothing_of_who_is_unknown() {
    let house = House::with(&story());
    let (_, users) = house.get("/users").await;
    let place = links(&users)
        .into_iter()
        .find(|it| it.starts_with("/users/"))
        .unwrap();
    let (status, card) = house.get(&format!("/cards{place}")).await;
    assert!(status.is_success());
    for words in ["Priority", "not closed", "last seen"] {
        assert!(card.contains(words), "{words}: {card}");
    }
    assert!(!card.contains("<html") && !card.contains("<a "));
    let (_, computers) = house.get("/computers").await;
    let place = links(&computers)
        .into_iter()
        .find(|it| it.starts_with("/computers/"))
        .unwrap();
    assert!(house.get(&format!("/cards{place}")).await.0.is_success());
    for unknown in ["/cards/users/nobody@nowhere", "/cards/computers/10.9.9.9"] {
        assert_eq!(house.get(unknown).await.0, 404, "{unknown}");
    }
}

impl House {
    async fn post(&self, path: &str, body: String) -> u16 {
        let request = Request::post(path)
            .header("cookie", self.cookie())
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(self.peer())
            .body(Body::from(body))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        answer.status().as_u16()
    }
}

#[tokio::test]
async fn a_saved_view_is_a_link_with_its_filters_until_it_is_forgotten() {
    let house = House::with(&[]);
    let form = |path: &str, rest: &str| {
        let csrf = csrf(&house.session);
        (path.to_owned(), format!("csrf={csrf}&{rest}"))
    };
    let place = "%2Factivities%3Foutcome%3Dfailure";
    let (path, body) = form("/views", &format!("name=Refused+things&place={place}"));
    assert_eq!(house.post(&path, body).await, 303);
    let (_, page) = house.get("/activities").await;
    assert!(page.contains("Refused things"), "{page}");
    assert!(links(&page).contains(&"/activities?outcome=failure".to_owned()));
    assert!(!house.get("/").await.1.contains("Refused things"));
    for bad in [
        "name=x&place=%2Fsettings",
        "name=x&place=%2F%2Felsewhere%2F%3F",
        "name=&place=%2F%3Fa",
    ] {
        let (path, body) = form("/views", bad);
        assert_eq!(house.post(&path, body).await, 400, "{bad}");
    }
    let (path, body) = form("/views/forget", &format!("place={place}"));
    assert_eq!(house.post(&path, body).await, 303);
    assert!(!house.get("/activities").await.1.contains("Refused things"));
}

#[tokio::test]
async fn a_name_that_never_got_in_leads_to_what_was_tried_under_it() {
    let guessed = fixtures().join("captures/a07_kerb_userenum.pcap.zst");
    let told = events(&[guessed]).unwrap();
    let house = House::with(&told);
    let (_, log) = house.get("/activities").await;
    let places: Vec<_> = links(&log);
    let people = places.iter().filter(|it| it.starts_with("/users/"));
    let mut never_in = 0;
    for place in people {
        let (status, _) = house.get(place).await;
        assert!(status.is_success() || status.is_redirection(), "{place}");
        never_in += usize::from(status.is_redirection());
    }
    assert!(0 < never_in, "{places:?}");
}
