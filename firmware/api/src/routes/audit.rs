//! The audit log (`features.md` U9, B9).

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use huddle_core::access::Action;
use huddle_core::audit::AuditEntry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::Asker;
use crate::control::AuditQuery;
use crate::dto::Pagination;
use crate::error::{ApiError, ErrorBody};
use crate::routes::max_items;

/// A line of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// Rises with time.
    id: String,
    /// Milliseconds since 1970.
    at: u64,
    /// `user:ID`, `key:ID`, `participant:IDENTITY`, `link` or `box`.
    who: String,
    /// IP address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Such as `user.create`.
    action: String,
    /// What it was done to.
    target: String,
    /// In a few words.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

impl From<AuditEntry> for AuditBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at.0,
            who: entry.actor.who,
            address: entry.actor.address,
            action: entry.action,
            target: entry.target,
            detail: entry.detail,
        }
    }
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditParams {
    /// 1–100, default 10; more is taken as 100.
    #[param(minimum = 1)]
    max_items: Option<f64>,
    /// From the page before.
    next_page_token: Option<String>,
    /// Only lines with this text anywhere.
    text: Option<String>,
    /// Only from this moment on, in milliseconds since 1970.
    from: Option<u64>,
    /// Only before this moment.
    to: Option<u64>,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    entries: Vec<AuditBody>,
    pagination: Pagination,
}

/// What was done, newest first.
#[utoipa::path(get, path = "/audit", operation_id = "getAudit", tag = "audit", params(AuditParams),
    responses((status = 200, body = AuditPage), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    asker: Asker,
    query: Result<Query<AuditParams>, QueryRejection>,
) -> Result<Json<AuditPage>, ApiError> {
    let Query(query) = query?;
    asker.may(&app, Action::ReadAudit).await?;
    let most = max_items(query.max_items)?;
    let fits = |token: &String| token.len() == 20 && token.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if query.next_page_token.as_ref().is_some_and(|token| !fits(token)) {
        return Err(ApiError::field("nextPageToken", "nextPageToken is not one of this box"));
    }
    let asked = AuditQuery {
        before: query.next_page_token,
        most,
        text: query.text.map(|text| text.to_lowercase()),
        from: query.from,
        to: query.to,
    };
    let page = app.control.audit(asked).await?;
    let last = page.items.last().map(|entry| entry.id.clone());
    let pagination = Pagination {
        is_truncated: page.truncated,
        next_page_token: last.filter(|_| page.truncated),
        max_items: most,
    };
    Ok(Json(AuditPage { entries: page.items.into_iter().map(AuditBody::from).collect(), pagination }))
}
