//! The files of recordings, with byte ranges (RFC 9110 §14).

use std::path::PathBuf;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::permission::Permission;
use huddle_core::recording::Recording;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::recordings::allowed;
use crate::App;
use crate::auth::Caller;
use crate::error::{ApiError, ErrorBody};

/// The film, for players.
#[utoipa::path(get, path = "/recordings/{recordingId}/media", operation_id = "getRecordingMedia",
    tag = "recordings", params(("recordingId" = String, Path)),
    responses((status = 200, content_type = "video/mp4"), (status = 206, content_type = "video/mp4"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 416), (status = 422, body = ErrorBody)))]
pub(crate) async fn media(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = playable(&app, &caller, &id).await?;
    serve(&app.config.recordings.join(recording.filename()), "video/mp4", request).await
}

/// The film, for keeping.
#[utoipa::path(get, path = "/recordings/{recordingId}/download", operation_id = "downloadRecording",
    tag = "recordings", params(("recordingId" = String, Path)),
    responses((status = 200, content_type = "video/mp4"), (status = 206, content_type = "video/mp4"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 416), (status = 422, body = ErrorBody)))]
pub(crate) async fn download(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = playable(&app, &caller, &id).await?;
    let path = app.config.recordings.join(recording.filename());
    let mut response = serve(&path, "video/mp4", request).await?;
    let name = format!("attachment; filename=\"{}\"", recording.filename());
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A small picture.
#[utoipa::path(get, path = "/recordings/{recordingId}/thumbnail",
    operation_id = "getRecordingThumbnail", tag = "recordings",
    params(("recordingId" = String, Path)),
    responses((status = 200, content_type = "image/jpeg"), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn thumbnail(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = allowed(&app, &caller, &id, Permission::RetrieveRecordings).await?;
    let path = app.config.recordings.join(format!("{}.jpg", recording.recording_id));
    serve(&path, "image/jpeg", request).await
}

async fn playable(app: &App, caller: &Caller, id: &str) -> Result<Recording, ApiError> {
    let recording = allowed(app, caller, id, Permission::RetrieveRecordings).await?;
    if recording.status.is_playable() {
        return Ok(recording);
    }
    let text = format!("Recording '{id}' is not streamable");
    Err(ApiError::new(StatusCode::CONFLICT, "Recording Error", text))
}

async fn serve(path: &PathBuf, kind: &'static str, request: Request) -> Result<Response, ApiError> {
    let answer = ServeFile::new(path).oneshot(request).await;
    let mut response = match answer {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        let text = "The file of this recording is gone from the disk";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "Recording Error", text));
    }
    if response.status().is_success() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let private = HeaderValue::from_static("private, max-age=3600");
        response.headers_mut().insert(header::CACHE_CONTROL, private);
    }
    Ok(response)
}
