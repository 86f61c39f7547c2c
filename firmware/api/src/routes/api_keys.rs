//! API keys (`features.md` U9): several, named, shown once, revocable.

use axum::Json;
use axum::extract::{Path, State};
use huddle_core::access::Action;
use huddle_core::account::{ApiKeyRecord, check_name};
use huddle_core::state::{BoxState, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::act::Asker;
use crate::auth::key_digest;
use crate::body::Sent;
use crate::dto::MessageBody;
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::Wish;

const MANAGE: Action = Action::ManageApiKeys;

/// A key without what could be used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKeyBody {
    /// `key-…`.
    key_id: String,
    /// What it is for.
    name: String,
    /// Its first characters.
    prefix: String,
    /// Milliseconds since 1970.
    creation_date: u64,
    /// The key itself; only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl From<&ApiKeyRecord> for ApiKeyBody {
    fn from(record: &ApiKeyRecord) -> Self {
        Self {
            key_id: record.key_id.clone(),
            name: record.name.clone(),
            prefix: record.prefix.clone(),
            creation_date: record.creation_date.0,
            key: None,
        }
    }
}

/// What the key is for.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct NewApiKeyBody {
    /// 1–50 characters; `API key` when absent.
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
}

/// All keys, oldest first.
#[utoipa::path(get, path = "/api-keys", operation_id = "getApiKeys", tag = "api keys",
    responses((status = 200, body = Vec<ApiKeyBody>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list(State(app): State<App>, asker: Asker) -> Result<Json<Vec<ApiKeyBody>>, ApiError> {
    let keys = asker.act(&app, MANAGE, |state, _| {
        let mut keys: Vec<ApiKeyRecord> = state.api_keys().cloned().collect();
        keys.sort_by_key(|key| key.creation_date);
        Ok(keys)
    });
    Ok(Json(keys.await?.iter().map(ApiKeyBody::from).collect()))
}

/// Makes a key. This answer is the only place where it can be read.
#[utoipa::path(post, path = "/api-keys", operation_id = "createApiKey", tag = "api keys",
    request_body(content = Option<NewApiKeyBody>, description = "May be left out."),
    responses((status = 201, body = ApiKeyBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    body: Sent<NewApiKeyBody>,
) -> Result<Tagged<ApiKeyBody>, ApiError> {
    asker.may(&app, MANAGE).await?;
    let name = body.if_any()?.and_then(|body| body.name).unwrap_or_else(|| "API key".to_owned());
    let name = check_name(&name).map_err(|e| ApiError::field("name", e.to_string()))?;
    let made = asker.act(&app, MANAGE, move |state, ctx| {
        let key = format!("hb-{}", ctx.entropy.alphanumeric(40));
        let prefix = key.chars().take(7).collect();
        let record = state.create_api_key(name, prefix, key_digest(&key), ctx)?;
        Ok((record, key))
    });
    let (record, key) = made.await?;
    let location = format!("{}/api/v1/api-keys/{}", wish.base, record.key_id);
    Ok(Tagged::with(&record, ApiKeyBody { key: Some(key), ..ApiKeyBody::from(&record) }).created(location))
}

/// One key.
#[utoipa::path(get, path = "/api-keys/{keyId}", operation_id = "getApiKey", tag = "api keys",
    params(("keyId" = String, Path)),
    responses((status = 200, body = ApiKeyBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Tagged<ApiKeyBody>, ApiError> {
    let read = asker.act(&app, MANAGE, move |state, _| known(state, &id).cloned());
    Ok(Tagged::new(&read.await?))
}

fn known<'a>(state: &'a BoxState, id: &str) -> Result<&'a ApiKeyRecord, Refusal> {
    state.tables().keys.get(id).ok_or_else(|| Refusal::KeyNotFound(id.to_owned()))
}

/// Revokes a key at once.
#[utoipa::path(delete, path = "/api-keys/{keyId}", operation_id = "deleteApiKey", tag = "api keys",
    params(("keyId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<String>,
) -> Result<Json<MessageBody>, ApiError> {
    let key = id.clone();
    let delete = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(known(state, &key)?)?;
        state.delete_api_key(&key, ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(format!("API key '{id}' deleted successfully"))))
}

/// Revokes all keys.
#[utoipa::path(delete, path = "/api-keys", operation_id = "deleteApiKeys", tag = "api keys",
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn delete_all(State(app): State<App>, asker: Asker) -> Result<Json<MessageBody>, ApiError> {
    asker.act(&app, MANAGE, |state, ctx| Ok(state.delete_api_keys(ctx))).await?;
    Ok(Json(MessageBody::new("API keys deleted successfully")))
}
