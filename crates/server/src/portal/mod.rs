//! The pages in which people work; one file a page.
//!
//! Every page is made whole on the server and works without a script: filters are links, decisions
//! are forms. The one script adds what needs one: live news, keys, search as you type, sorting.
//! Whatever a page shows is asked of the store; nothing is judged here.

mod activity;
mod address;
mod alert;
pub(crate) mod captures;
mod card;
mod chip;
mod computers;
mod frame;
mod graph;
mod groups;
mod health;
mod incident;
mod judge;
mod live;
mod preference;
mod proof;
mod reason;
mod row;
mod search;
mod settings;
#[cfg(test)]
mod tests;
mod timeline;
mod trend;
mod user;
mod users;
mod views;
mod watch;
mod words;

use crate::web::route::Route;

pub(crate) fn routes() -> Vec<Route> {
    [
        timeline::routes(),
        card::routes(),
        views::routes(),
        alert::routes(),
        computers::routes(),
        groups::routes(),
        search::routes(),
        health::routes(),
        settings::routes(),
        user::routes(),
        users::routes(),
        activity::routes(),
        captures::routes(),
        judge::routes(),
        live::routes(),
        preference::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
