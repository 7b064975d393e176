//! The route table.

use super::{
    admin, assets, auth, csp, direct, docs, envelope::envelope, health, me, members, messages, metrics, presence, problem::Problem, rooms,
    state::State, users,
};
use crate::domain::Refusal;
use actix_web::{
    App, Error, FromRequest, Handler, HttpRequest, Responder, Route,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    guard,
    http::Method,
    middleware::{Compress, from_fn},
    web::{self, Data, PathConfig, ServiceConfig},
};

/// Where the API lives.
pub const API: &str = "/api/v1";

/// A method and a path, and what answers.
pub struct Entry {
    method: Method,
    path: &'static str,
    route: Route,
}

/// Under [`API`].
fn api() -> Vec<Entry> {
    vec![
        post("/auth/register", auth::register),
        post("/auth/login", auth::login),
        post("/auth/guest", auth::guest),
        post("/auth/logout", auth::logout),
        get("/auth/sessions", auth::sessions),
        delete("/auth/sessions/{id}", auth::end_session),
        post("/auth/password", auth::password),
        get("/auth/options", auth::options),
        get("/me", me::show),
        patch("/me", me::update),
        get("/users", users::list),
        get("/users/{user}", users::show),
        get("/rooms", rooms::mine),
        post("/rooms", rooms::create),
        get("/rooms/public", rooms::public),
        get("/rooms/{room}", rooms::show),
        patch("/rooms/{room}", rooms::update),
        delete("/rooms/{room}", rooms::delete),
        post("/rooms/{room}/join", rooms::join),
        post("/rooms/{room}/leave", rooms::leave),
        post("/direct", direct::open),
        get("/rooms/{room}/members", members::list),
        put("/rooms/{room}/members/{user}", members::put),
        delete("/rooms/{room}/members/{user}", members::remove),
        get("/rooms/{room}/messages", messages::list),
        post("/rooms/{room}/messages", messages::send),
        get("/rooms/{room}/messages/{seq}", messages::show),
        get("/rooms/{room}/messages/{seq}/receipts", messages::receipts),
        put("/rooms/{room}/read", messages::read),
        get("/presence", presence::list),
        get("/admin/stats", admin::stats::show),
        get("/admin/rooms", admin::rooms::list),
        post("/admin/rooms", admin::rooms::create),
        get("/admin/rooms/{room}", admin::rooms::show),
        patch("/admin/rooms/{room}", admin::rooms::update),
        delete("/admin/rooms/{room}", admin::rooms::delete),
        get("/admin/rooms/{room}/members", admin::members::list),
        put("/admin/rooms/{room}/members/{user}", admin::members::put),
        delete("/admin/rooms/{room}/members/{user}", admin::members::remove),
        post("/admin/rooms/{room}/announcement", admin::rooms::announce),
        get("/admin/users", admin::users::list),
        patch("/admin/users/{user}", admin::users::update),
        delete("/admin/users/{user}/sessions", admin::users::kick),
        get("/admin/invites", admin::invites::list),
        post("/admin/invites", admin::invites::create),
        delete("/admin/invites/{id}", admin::invites::revoke),
        get("/admin/audit", admin::audit::list),
        get("/openapi.json", docs::openapi),
    ]
}

/// At the root; the web client has the rest.
fn root() -> Vec<Entry> {
    vec![get("/healthz", health::healthz), get("/readyz", health::readyz), get("/metrics", metrics::on_main)]
}

/// Pages and what belongs to them; not part of the API's documents.
fn pages() -> Vec<Entry> {
    vec![get("/docs", docs::redirect), get("/docs/{file:.*}", docs::file), post(csp::REPORT, csp::report)]
}

/// All routes. [`State`] must be in the app's data, and the app wrapped as in [`app`].
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.app_data(PathConfig::default().error_handler(|error, _| Problem::from(error).into()));
    let scope = web::scope(API).configure(|cfg| register(cfg, api())).default_service(web::to(nothing));
    cfg.service(scope);
    register(cfg, root());
    register(cfg, pages());
    cfg.default_service(web::to(assets::serve));
}

/// The whole application.
pub fn app(
    state: Data<State>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>> {
    App::new().app_data(state).configure(routes).wrap(Compress::default()).wrap(from_fn(envelope))
}

/// One resource a path, which knows its methods and says so to others.
fn register(cfg: &mut ServiceConfig, mut entries: Vec<Entry>) {
    while let Some(path) = entries.first().map(|entry| entry.path) {
        let (same, rest): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| entry.path == path);
        entries = rest;
        let allow = same.iter().map(|entry| entry.method.as_str()).collect::<Vec<_>>().join(", ");
        let other = move || {
            let problem = Problem::method_not_allowed(allow.clone());
            async move { Err::<&'static str, Problem>(problem) }
        };
        let resource = same.into_iter().fold(web::resource(path), |resource, entry| resource.route(entry.route));
        cfg.service(resource.default_service(web::to(other)));
    }
}

async fn nothing(_: HttpRequest) -> Result<&'static str, Problem> {
    Err(Refusal::not_found("path").into())
}

fn entry<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    // HEAD is GET without the body, which the connection leaves out.
    let route = match method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        _ => web::method(method.clone()),
    };
    Entry { method, path, route: route.to(handler) }
}

macro_rules! methods {
    ($($name:ident $method:ident),*) => { $(
        fn $name<F, Args>(path: &'static str, handler: F) -> Entry
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            entry(Method::$method, path, handler)
        }
    )* };
}
methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn registered() -> BTreeSet<String> {
        let named = |prefix: &'static str| move |entry: Entry| format!("{} {prefix}{}", entry.method, entry.path);
        api().into_iter().map(named(API)).chain(root().into_iter().map(named(""))).collect()
    }

    fn documented() -> BTreeSet<String> {
        let document = serde_json::to_value(docs::document()).unwrap();
        let mut found = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            found.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
        }
        found
    }

    #[test]
    fn every_route_is_documented_and_every_documented_route_exists() {
        assert_eq!(registered(), documented());
    }
}
