//! Webhooks (`features.md` I3, reference openvidu-meet §1.12): several, with filters, secrets of
//! their own and a log of what was delivered. For admins only.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use huddle_core::access::Action;
use huddle_core::ids::{RoomId, WebhookId};
use huddle_core::state::{BoxState, Ctx, WebhookSpec};
use huddle_core::webhook::{Delivery, DeliveryState, EventKind, Facts, Webhook};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::act::Asker;
use crate::body::Sent;
use crate::dto::{MessageBody, Pagination};
use crate::error::{ApiError, ErrorBody};
use crate::etag::{IfMatch, Tagged};
use crate::list::{PageQuery, SortKey, Wish, page, sort_field};

const MANAGE: Action = Action::ManageWebhooks;

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookBody {
    /// `wh-…`.
    webhook_id: String,
    /// Where events are sent.
    url: String,
    /// Only these; absent = all.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<BTreeSet<EventKind>>,
    /// Only of this room; absent = of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<String>,
    /// Told at the moment.
    enabled: bool,
    /// Milliseconds since 1970.
    creation_date: u64,
    /// Signs what is sent; only in the answers that make it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<&Webhook> for WebhookBody {
    fn from(webhook: &Webhook) -> Self {
        Self {
            webhook_id: webhook.webhook_id.to_string(),
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            room_id: webhook.room_id.as_ref().map(ToString::to_string),
            enabled: webhook.enabled,
            creation_date: webhook.creation_date.0,
            secret: None,
        }
    }
}

impl WebhookBody {
    fn with_secret(webhook: &Webhook) -> Self {
        Self { secret: Some(webhook.secret.reveal().to_owned()), ..Self::from(webhook) }
    }
}

/// A webhook to be made, or to take the place of one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookAsk {
    /// `http://…` or `https://…`, at most 2,000 bytes.
    url: String,
    /// Only these, at least one; absent = all.
    events: Option<BTreeSet<EventKind>>,
    /// Only of this room; absent = of all.
    room_id: Option<String>,
    /// `true` when absent.
    enabled: Option<bool>,
}

impl From<WebhookAsk> for WebhookSpec {
    fn from(ask: WebhookAsk) -> Self {
        Self {
            url: ask.url,
            events: ask.events,
            room_id: ask.room_id.map(RoomId::from),
            enabled: ask.enabled.unwrap_or(true),
        }
    }
}

/// All webhooks.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhooksBody {
    /// Oldest first.
    webhooks: Vec<WebhookBody>,
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryBody {
    /// `ev-…`: the same at each attempt, also in what is sent.
    event_id: String,
    /// What.
    event: EventKind,
    /// Where.
    room_id: String,
    /// Who came or went, by display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_name: Option<String>,
    /// When it happened, in milliseconds since 1970.
    creation_date: u64,
    /// `waiting`, `delivered` or `failed` (given up).
    state: DeliveryState,
    /// Tries so far.
    attempts: u32,
    /// Milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt_date: Option<u64>,
    /// While it waits; an event behind another one of its room waits for that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_date: Option<u64>,
    /// HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_status: Option<u16>,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

impl From<&Delivery> for DeliveryBody {
    fn from(delivery: &Delivery) -> Self {
        Self {
            event_id: delivery.event.id.clone(),
            event: delivery.event.kind,
            room_id: delivery.event.room_id.to_string(),
            participant_name: match &delivery.event.facts {
                Facts::Participant { attendee, .. } => Some(attendee.name.clone()),
                Facts::Meeting { .. } | Facts::Recording(_) => None,
            },
            creation_date: delivery.event.at.0,
            state: delivery.state,
            attempts: delivery.attempts,
            last_attempt_date: delivery.last_attempt.map(|at| at.0),
            next_attempt_date: delivery.next_attempt.map(|at| at.0),
            last_status: delivery.last_status,
            last_error: delivery.last_error.clone(),
        }
    }
}

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveriesBody {
    /// All that wait, and the last 200 that are over.
    deliveries: Vec<DeliveryBody>,
    pagination: Pagination,
}

/// Which deliveries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    /// Only these.
    state: Option<DeliveryState>,
}

/// All webhooks, oldest first.
#[utoipa::path(get, path = "/webhooks", operation_id = "getWebhooks", tag = "webhooks",
    responses((status = 200, body = WebhooksBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(State(app): State<App>, asker: Asker) -> Result<Json<WebhooksBody>, ApiError> {
    let webhooks = asker.act(&app, MANAGE, |state, _| {
        let mut all: Vec<Webhook> = state.webhooks().cloned().collect();
        all.sort_by_key(|w| w.creation_date);
        Ok(all)
    });
    Ok(Json(WebhooksBody { webhooks: webhooks.await?.iter().map(WebhookBody::from).collect() }))
}

/// Makes a webhook; at most 20. This answer is the only place where its secret can be read.
#[utoipa::path(post, path = "/webhooks", operation_id = "createWebhook", tag = "webhooks", request_body = WebhookAsk,
    responses((status = 201, body = WebhookBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    asker: Asker,
    wish: Wish,
    body: Sent<WebhookAsk>,
) -> Result<Tagged<WebhookBody>, ApiError> {
    let create = |state: &mut BoxState, ctx: &mut Ctx<'_>, spec| state.create_webhook(spec, ctx);
    let made = asker.edit(&app, MANAGE, body, |ask| Ok(ask.into()), create).await?;
    let location = format!("{}/api/v1/webhooks/{}", wish.base, made.webhook_id);
    Ok(Tagged::with(&made, WebhookBody::with_secret(&made)).created(location))
}

/// One webhook.
#[utoipa::path(get, path = "/webhooks/{webhookId}", operation_id = "getWebhook", tag = "webhooks",
    params(("webhookId" = String, Path)),
    responses((status = 200, body = WebhookBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn read(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<WebhookId>,
) -> Result<Tagged<WebhookBody>, ApiError> {
    let read = asker.act(&app, MANAGE, move |state, _| state.webhook(&id).cloned());
    Ok(Tagged::new(&read.await?))
}

/// Replaces everything but id and secret. What waits is tried at once.
#[utoipa::path(put, path = "/webhooks/{webhookId}", operation_id = "updateWebhook", tag = "webhooks",
    params(("webhookId" = String, Path), ("If-Match" = Option<String>, Header)), request_body = WebhookAsk,
    responses((status = 200, body = WebhookBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 412, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn replace(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<WebhookId>,
    body: Sent<WebhookAsk>,
) -> Result<Tagged<WebhookBody>, ApiError> {
    let replace = move |state: &mut BoxState, ctx: &mut Ctx<'_>, spec| {
        if_match.check(state.webhook(&id)?)?;
        state.replace_webhook(&id, spec, ctx)
    };
    Ok(Tagged::new(&asker.edit(&app, MANAGE, body, |ask| Ok(ask.into()), replace).await?))
}

/// Deletes it with everything that waits for it.
#[utoipa::path(delete, path = "/webhooks/{webhookId}", operation_id = "deleteWebhook", tag = "webhooks",
    params(("webhookId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = MessageBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn delete(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<WebhookId>,
) -> Result<Json<MessageBody>, ApiError> {
    let text = format!("Webhook '{id}' deleted successfully");
    let delete = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(state.webhook(&id)?)?;
        state.delete_webhook(&id, ctx)
    });
    delete.await?;
    Ok(Json(MessageBody::new(text)))
}

/// Gives it a new secret. This answer is the only place where it can be read; everything that is
/// sent from now on is signed with it.
#[utoipa::path(post, path = "/webhooks/{webhookId}/secret", operation_id = "regenerateWebhookSecret", tag = "webhooks",
    params(("webhookId" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = WebhookBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 412, body = ErrorBody)))]
pub(crate) async fn renew_secret(
    State(app): State<App>,
    asker: Asker,
    if_match: IfMatch,
    Path(id): Path<WebhookId>,
) -> Result<Tagged<WebhookBody>, ApiError> {
    let renew = asker.act(&app, MANAGE, move |state, ctx| {
        if_match.check(state.webhook(&id)?)?;
        state.renew_webhook_secret(&id, ctx)
    });
    let renewed = renew.await?;
    Ok(Tagged::with(&renewed, WebhookBody::with_secret(&renewed)))
}

/// Sends a `testEvent` now and says what came of it. It is neither repeated nor listed.
#[utoipa::path(post, path = "/webhooks/{webhookId}/test", operation_id = "testWebhook", tag = "webhooks",
    params(("webhookId" = String, Path)),
    responses((status = 200, body = MessageBody), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn test(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<WebhookId>,
) -> Result<Json<MessageBody>, ApiError> {
    let webhook = asker.act(&app, MANAGE, move |state, _| state.webhook(&id).cloned()).await?;
    let url = webhook.url.clone();
    let outcome = app.control.test_webhook(webhook).await;
    let Some(reason) = outcome.error else { return Ok(Json(MessageBody::new("Webhook URL is valid"))) };
    let text = format!("Webhook URL '{url}' is invalid: {reason}");
    let error = ApiError::new(StatusCode::BAD_REQUEST, "Webhook Error", text).code("webhook_failed");
    Err(match outcome.status {
        Some(status) => error.detail("status", status.to_string()),
        None => error.detail("url", reason),
    })
}

/// What was and is to be delivered, newest first.
#[utoipa::path(get, path = "/webhooks/{webhookId}/deliveries", operation_id = "getWebhookDeliveries", tag = "webhooks",
    params(("webhookId" = String, Path), DeliveriesQuery, PageQuery),
    responses((status = 200, body = DeliveriesBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn deliveries(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<WebhookId>,
    query: Result<Query<DeliveriesQuery>, QueryRejection>,
    paging: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<DeliveriesBody>, ApiError> {
    asker.may(&app, MANAGE).await?;
    let (Query(query), Query(paging)) = (query?, paging?);
    sort_field(&paging, &["creationDate"])?;
    let found = asker.act(&app, MANAGE, move |state, _| {
        let fits = |d: &&Delivery| query.state.is_none_or(|state| d.state == state);
        Ok(state.deliveries(&id)?.filter(fits).cloned().collect::<Vec<Delivery>>())
    });
    let found = found.await?;
    // Numbers rise with time, and no two are the same.
    let paged = page(found.iter(), &paging, |d| (SortKey::Number(d.number), ""))?;
    let deliveries = paged.items.into_iter().map(DeliveryBody::from).collect();
    Ok(Json(DeliveriesBody { deliveries, pagination: paged.pagination }))
}
