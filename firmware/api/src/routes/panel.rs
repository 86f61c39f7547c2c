//! The virtual front panel: demo mode only, without a login, as a real panel has none.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, future, stream};
use huddle_core::button::Button;
use huddle_core::indicator::Leds;
use serde::{Deserialize, Serialize};
use tokio_stream::wrappers::BroadcastStream;
use utoipa::ToSchema;

use crate::App;
use crate::body::Sent;
use crate::control::{Fault, News};
use crate::error::{ApiError, ErrorBody};

/// The panel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PanelBody {
    buttons: Vec<ButtonBody>,
    leds: Leds,
}

/// A button.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ButtonBody {
    /// `record`, `stop`, `mute` …
    id: &'static str,
    /// For people.
    label: &'static str,
}

fn demo_only(app: &App) -> Result<(), ApiError> {
    if app.config.demo {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::NOT_FOUND, "Path Not Found", "API path not implemented"))
}

/// Buttons and lamps.
#[utoipa::path(get, path = "/panel", operation_id = "getPanel", tag = "panel", security(),
    responses((status = 200, body = PanelBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(State(app): State<App>) -> Result<Json<PanelBody>, ApiError> {
    demo_only(&app)?;
    let buttons = [
        (Button::Record, "Record"),
        (Button::Stop, "Stop"),
        (Button::Mute, "Mute"),
        (Button::HangUp, "Hang up"),
    ];
    Ok(Json(PanelBody {
        buttons: buttons.iter().map(|(b, label)| ButtonBody { id: b.name(), label }).collect(),
        leds: app.control.leds(),
    }))
}

/// What a finger does.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PushBody {
    action: Push,
}

/// A push of a button.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Push {
    /// Down and up again.
    Press,
    /// Down.
    Down,
    /// Up.
    Up,
}

/// Moves a button of the simulated board.
#[utoipa::path(post, path = "/panel/buttons/{id}", operation_id = "pushPanelButton", tag = "panel",
    security(), params(("id" = String, Path)), request_body = PushBody,
    responses((status = 202), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody), (status = 503, body = ErrorBody)))]
pub(crate) async fn button(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Sent<PushBody>,
) -> Result<StatusCode, ApiError> {
    demo_only(&app)?;
    let body = body.read()?;
    let button = Button::from_name(&id).ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "Panel Error", format!("There is no button '{id}'"))
    })?;
    let moves: &[bool] = match body.action {
        Push::Press => &[true, false],
        Push::Down => &[true],
        Push::Up => &[false],
    };
    for pressed in moves {
        if !app.control.push_button(button, *pressed) {
            return Err(huddle_core::state::Refusal::Busy.into());
        }
    }
    Ok(StatusCode::ACCEPTED)
}

/// What the TV shows.
#[utoipa::path(get, path = "/panel/tv.png", operation_id = "getPanelTv", tag = "panel", security(),
    responses((status = 200, content_type = "image/png"), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
pub(crate) async fn tv(State(app): State<App>) -> Result<Response, ApiError> {
    demo_only(&app)?;
    let png = app.control.tv_png().await.ok_or_else(|| {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "Panel Error", "The TV has no picture yet")
    })?;
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, png.to_vec()).into_response())
}

/// The lamps as server-sent events `leds`, at once and at each change.
#[utoipa::path(get, path = "/panel/events", operation_id = "getPanelEvents", tag = "panel",
    security(),
    responses((status = 200, content_type = "text/event-stream"), (status = 404, body = ErrorBody)))]
pub(crate) async fn events(
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    demo_only(&app)?;
    let first = app.control.leds();
    let changes = BroadcastStream::new(app.control.news()).filter_map(|news| async move {
        match news {
            Ok(News::Status(status)) => Some(status.leds),
            Ok(News::Recording(_)) | Err(_) => None,
        }
    });
    let mut last = None;
    let leds = stream::once(async move { first })
        .chain(changes)
        .filter(move |leds| future::ready(last.replace(*leds) != Some(*leds)));
    let events = leds.map(|leds| {
        let body = serde_json::to_string(&leds).unwrap_or_default();
        Ok(Event::default().event("leds").data(body))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// A fault to try.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct FaultBody {
    kind: FaultKind,
    /// Only for `disk_full`: `false` ends it.
    on: Option<bool>,
}

/// What breaks.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// Camera.
    Camera,
    /// Microphone.
    Microphone,
    /// Display.
    Display,
    /// Recordings disk.
    DiskFull,
}

/// Injects a fault, to see the box recover.
#[utoipa::path(post, path = "/panel/faults", operation_id = "injectFault", tag = "panel",
    security(), request_body = FaultBody,
    responses((status = 202), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn fault(State(app): State<App>, body: Sent<FaultBody>) -> Result<StatusCode, ApiError> {
    demo_only(&app)?;
    let body = body.read()?;
    app.control.inject(match body.kind {
        FaultKind::Camera => Fault::Camera,
        FaultKind::Microphone => Fault::Microphone,
        FaultKind::Display => Fault::Display,
        FaultKind::DiskFull => Fault::DiskFull(body.on.unwrap_or(true)),
    })?;
    Ok(StatusCode::ACCEPTED)
}
