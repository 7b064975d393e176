//! Numbers for Prometheus.

use super::{
    client::is_local,
    envelope::envelope,
    problem::{Answer, Problem},
    state::State,
};
use crate::domain::Refusal;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    http::header::AUTHORIZATION,
    middleware::from_fn,
    web::{self, Data},
};
use std::{io, net::SocketAddr};
use subtle::ConstantTimeEq;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The numbers, on the main listener: for this machine only, or whoever has the token.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text"), super::schema::Refused))]
pub async fn on_main(state: Data<State>, request: HttpRequest) -> Answer {
    let hidden = || Problem::from(Refusal::not_found("page"));
    let settings = &state.config.metrics;
    let local = request.peer_addr().is_some_and(|peer| is_local(peer.ip(), request.headers()));
    match (&settings.bind, &settings.token) {
        (Some(_), _) => Err(hidden()),
        (None, Some(token)) => has_token(&request, token).then(|| text(&state)).ok_or_else(|| Refusal::unauthorized().into()),
        (None, None) if local => Ok(text(&state)),
        (None, None) => Err(hidden()),
    }
}

/// Serves the numbers, and nothing else, at an address of their own. Runs until it is stopped.
pub fn serve_metrics(state: Data<State>, bind: SocketAddr) -> io::Result<Server> {
    let app = move || {
        let metrics = web::resource("/metrics").route(web::get().to(on_own));
        App::new().app_data(state.clone()).service(metrics).default_service(web::to(nothing)).wrap(from_fn(envelope))
    };
    Ok(HttpServer::new(app).workers(1).disable_signals().bind(bind)?.run())
}

async fn nothing() -> Answer {
    Err(Refusal::not_found("page").into())
}

async fn on_own(state: Data<State>, request: HttpRequest) -> Answer {
    match &state.config.metrics.token {
        Some(token) if !has_token(&request, token) => Err(Refusal::unauthorized().into()),
        _ => Ok(text(&state)),
    }
}

fn has_token(request: &HttpRequest, token: &str) -> bool {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    given.is_some_and(|given| given.as_bytes().ct_eq(token.as_bytes()).into())
}

fn text(state: &State) -> HttpResponse {
    let mut text = String::new();
    if prometheus_client::encoding::text::encode(&mut text, &state.registry).is_err() {
        log::error!("the metrics could not be written");
    }
    HttpResponse::Ok().content_type(OPEN_METRICS).body(text)
}
