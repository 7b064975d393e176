//! Who asks.

use super::{problem::Problem, state::State};
use crate::{
    auth::{Presented, Via, presented},
    domain::{Refusal, ServerRole, SessionId, User},
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, header::HeaderMap},
    web::Data,
};
use futures_util::future::LocalBoxFuture;

/// Pages of other sites cannot set this header without being asked for permission first, which they don't get.
const MARK: (&str, &str) = ("x-requested-with", "chirm");

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: User,
    /// By which sign-in.
    pub session: SessionId,
}

/// A signed-in user who manages the server.
#[derive(Clone, Debug)]
pub struct AdminCaller(pub Caller);

async fn caller(state: Data<State>, presented: Option<Presented>, safe: bool) -> Result<Caller, Problem> {
    let Presented { token, via } = presented.ok_or_else(Refusal::unauthorized)?;
    let signed = state.hub.signed_in(&token).await?;
    if via == Via::Cookie && !safe {
        return Err(Refusal::forbidden("With a cookie, send the header X-Requested-With: chirm.").into());
    }
    Ok(Caller { user: signed.user, session: signed.session })
}

/// Whether a request changes nothing, or says that no other site's page made it.
pub fn is_safe(method: &Method, headers: &HeaderMap) -> bool {
    method.is_safe() || headers.get(MARK.0).is_some_and(|value| value == MARK.1)
}

fn of(request: &HttpRequest) -> LocalBoxFuture<'static, Result<Caller, Problem>> {
    let Some(state) = request.app_data::<Data<State>>().cloned() else {
        return Box::pin(async { Err(Refusal::internal().into()) });
    };
    let presented = presented(request.headers(), state.config.secure());
    let safe = is_safe(request.method(), request.headers());
    Box::pin(caller(state, presented, safe))
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        of(request)
    }
}

impl FromRequest for AdminCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = of(request);
        Box::pin(async move {
            let caller = caller.await?;
            match caller.user.role {
                ServerRole::Owner | ServerRole::Admin => Ok(Self(caller)),
                ServerRole::Member => Err(Refusal::forbidden("This is for administrators.").into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn unsafe_methods_need_the_mark() {
        let (bare, mut marked) = (HeaderMap::new(), HeaderMap::new());
        marked.insert(HeaderName::from_static(MARK.0), HeaderValue::from_static(MARK.1));
        assert!(is_safe(&Method::GET, &bare) && is_safe(&Method::HEAD, &bare));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(!is_safe(&method, &bare) && is_safe(&method, &marked), "{method}");
        }
    }
}
