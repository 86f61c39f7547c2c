//! Login, logout, refresh, own account.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use huddle_core::account::{Session, check_password};
use huddle_core::audit::Actor;
use huddle_core::ids::UserId;
use huddle_core::state::Refusal;
use huddle_core::units::UnixMillis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::network;
use crate::App;
use crate::act::Asker;
use crate::auth::{Caller, bearer};
use crate::body::Sent;
use crate::control::ask;
use crate::dto::{MessageBody, UserBody};
use crate::error::{ApiError, ErrorBody};
use crate::session::{access_token, ended_session_of, refresh_digest, refresh_token, split_refresh};

/// Who and the password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginBody {
    user_id: String,
    password: String,
}

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokensBody {
    message: String,
    /// Lives two hours.
    access_token: String,
    /// Lives a day; each use gives a new one.
    refresh_token: String,
    /// The password must be changed before anything else.
    must_change_password: bool,
}

/// Logs in. Five failures are free, then each doubles the wait.
#[utoipa::path(post, path = "/auth/login", operation_id = "loginUser", tag = "auth",
    request_body = LoginBody, security(),
    responses((status = 200, body = TokensBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(crate) async fn login(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    body: Sent<LoginBody>,
) -> Result<Json<TokensBody>, ApiError> {
    let body = body.read()?;
    let (user, from) = (UserId::from(body.user_id), network(address.ip()).to_string());
    let (asked, by) = (user.clone(), from.clone());
    let hash: Option<String> = ask(&*app.control, move |state, ctx| {
        // Counted before the password is looked at, so that parallel tries do not slip through.
        state.may_try_login(&asked, &by, ctx.now.wall)?;
        state.login_failed(&asked, &by, ctx.now.wall);
        Ok::<_, Refusal>(state.user(&asked).map(|u| u.password_hash.clone()))
    })
    .await??;
    let right = app.hashing.verify(body.password, hash.clone()).await;
    let (Some(verified), true) = (hash, right) else {
        note_failure(&app, user, from).await;
        return Err(Refusal::LoginFailed.into());
    };
    open_session(&app, user, verified, from).await.map(Json)
}

async fn note_failure(app: &App, user: UserId, from: String) {
    let note = ask(&*app.control, move |state, ctx| {
        ctx.actor = Actor { who: "unknown".to_owned(), address: Some(from) };
        state.note_failed_login(&user, ctx);
    });
    if note.await.is_err() {
        tracing::warn!("a failed login could not be noted");
    }
}

async fn open_session(
    app: &App,
    user: UserId,
    verified: String,
    from: String,
) -> Result<TokensBody, ApiError> {
    let secret = new_secret();
    let digest = refresh_digest(&secret);
    let (session, must, now) = ask(&*app.control, move |state, ctx| {
        ctx.actor = Actor { who: format!("user:{user}"), address: Some(from.clone()) };
        let session = state.login(&user, &verified, &from, digest, ctx)?;
        let must = state.user(&user).is_some_and(|u| u.must_change_password);
        Ok::<_, Refusal>((session, must, ctx.now.wall))
    })
    .await??;
    tokens(app, &session, &secret, must, now, "logged in successfully")
}

fn tokens(
    app: &App,
    session: &Session,
    secret: &str,
    must: bool,
    now: UnixMillis,
    what: &str,
) -> Result<TokensBody, ApiError> {
    Ok(TokensBody {
        message: format!("User '{}' {what}", session.user_id),
        access_token: access_token(&app.config.session_key, session, now)?,
        refresh_token: refresh_token(&session.id, secret),
        must_change_password: must,
    })
}

fn new_secret() -> String {
    use rand::RngExt;
    use rand::distr::Alphanumeric;
    rand::rng().sample_iter(Alphanumeric).take(40).map(char::from).collect()
}

/// Logs out: the session and all its tokens are dead. An access token of any age will do, or the
/// refresh token.
#[utoipa::path(post, path = "/auth/logout", operation_id = "logoutUser", tag = "auth", security(),
    responses((status = 200, body = MessageBody)))]
pub(crate) async fn logout(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<MessageBody>, ApiError> {
    let by_access =
        bearer(&headers, "authorization").and_then(|token| ended_session_of(&app.config.session_key, &token));
    let by_refresh = bearer(&headers, "x-refresh-token")
        .and_then(|token| split_refresh(&token).map(|(id, secret)| (id.to_owned(), refresh_digest(secret))));
    if by_access.is_some() || by_refresh.is_some() {
        let address = Some(network(address.ip()).to_string());
        let end = ask(&*app.control, move |state, ctx| {
            let session = by_access.as_ref().or(by_refresh.as_ref().map(|(id, _)| id));
            if let Some(Ok(user)) = session.map(|id| state.session_user(id, ctx.now.wall)) {
                ctx.actor = Actor { who: format!("user:{}", user.user_id), address };
            }
            if let Some(id) = by_access {
                state.end_session(&id, ctx);
            }
            if let Some((id, digest)) = by_refresh {
                state.end_refreshed_session(&id, &digest, ctx);
            }
        });
        end.await?;
    }
    Ok(Json(MessageBody::new("Logout successful")))
}

/// New tokens for a refresh token. One that was used before ends the session: it was copied.
#[utoipa::path(post, path = "/auth/refresh", operation_id = "refreshAccessToken", tag = "auth",
    security(("refreshToken" = [])),
    responses((status = 200, body = TokensBody), (status = 400, body = ErrorBody)))]
pub(crate) async fn refresh(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Json<TokensBody>, ApiError> {
    let refused = |text: &str| {
        ApiError::new(axum::http::StatusCode::BAD_REQUEST, "Refresh Token Error", text)
            .code("invalid_refresh_token")
    };
    let token = bearer(&headers, "x-refresh-token").ok_or_else(|| refused("No refresh token provided"))?;
    let (id, old) = split_refresh(&token).ok_or_else(|| refused("Invalid refresh token"))?;
    let secret = new_secret();
    let (id, old, new) = (id.to_owned(), refresh_digest(old), refresh_digest(&secret));
    let from = network(address.ip()).to_string();
    let renewed = ask(&*app.control, move |state, ctx| {
        // Who shows a copied token is somebody else than the user: only the address is known.
        ctx.actor = Actor { who: "unknown".to_owned(), address: Some(from) };
        let session = state.refresh_session(&id, &old, new, ctx)?;
        let must = state.user(&session.user_id).is_some_and(|u| u.must_change_password);
        Ok::<_, Refusal>((session, must, ctx.now.wall))
    })
    .await?;
    let (session, must, now) = renewed.map_err(|_| refused("Invalid refresh token"))?;
    tokens(&app, &session, &secret, must, now, "refreshed the session").map(Json)
}

/// The logged-in user.
#[utoipa::path(get, path = "/users/me", operation_id = "getMe", tag = "users",
    responses((status = 200, body = UserBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn me(caller: Caller) -> Result<Json<UserBody>, ApiError> {
    match caller {
        Caller::User { user, .. } => Ok(Json(UserBody::from(&*user))),
        Caller::ApiKey(_) | Caller::Member(_) => Err(Refusal::Forbidden.into()),
    }
}

/// Old and new password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangePasswordBody {
    current_password: String,
    #[schema(min_length = 5, max_length = 200)]
    new_password: String,
}

/// Changes the own password; every other session of the user ends.
#[utoipa::path(post, path = "/users/change-password", operation_id = "changeUserPassword",
    tag = "users", request_body = ChangePasswordBody,
    responses((status = 200, body = TokensBody), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 422, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(crate) async fn change_password(
    State(app): State<App>,
    asker: Asker,
    body: Sent<ChangePasswordBody>,
) -> Result<Json<TokensBody>, ApiError> {
    let body = body.read()?;
    let Caller::User { user, session } = asker.caller.clone() else {
        return Err(Refusal::Forbidden.into());
    };
    check_password(&body.new_password, app.config.min_password)
        .map_err(|e| ApiError::field("newPassword", e.to_string()))?;
    let (asked, from) = (user.user_id.clone(), asker.network());
    let by = from.clone();
    ask(&*app.control, move |state, ctx| {
        state.may_try_login(&asked, &by, ctx.now.wall)?;
        state.login_failed(&asked, &by, ctx.now.wall);
        Ok::<_, Refusal>(())
    })
    .await??;
    let verified = user.password_hash;
    if !app.hashing.verify(body.current_password, Some(verified.clone())).await {
        note_failure(&app, user.user_id, from).await;
        return Err(Refusal::WrongPassword.into());
    }
    let hash = app.hashing.hash(body.new_password).await.map_err(|_| ApiError::from(Refusal::Busy))?;
    let secret = new_secret();
    let digest = refresh_digest(&secret);
    let changed = ask(&*app.control, move |state, ctx| {
        ctx.actor = asker.actor();
        let session = state.change_password(&session, &verified, hash, digest, &from, ctx)?;
        Ok::<_, Refusal>((session, ctx.now.wall))
    });
    let (session, now) = changed.await??;
    tokens(&app, &session, &secret, false, now, "changed the password").map(Json)
}
