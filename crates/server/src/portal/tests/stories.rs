//! What analysts do with stories of alerts and with the log.

use super::{House, links, story};
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
