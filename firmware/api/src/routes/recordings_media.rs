//! The files of recordings, with byte ranges (RFC 9110 §14).

use std::path::PathBuf;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::permission::Permission;
use huddle_core::recording::Recording;
use huddle_core::state::{BoxState, Ctx};
use tower::ServiceExt;
use tower_http::services::ServeFile;
use utoipa::IntoParams;

use super::recordings::RecordingPath;
use crate::App;
use crate::act::Asker;
use crate::error::{ApiError, ErrorBody};

/// Opens a file without a header, as `<video>` and downloads need it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the document; whoever calls is found out before")]
struct TicketQuery {
    /// From a record that was read with `tickets=true`.
    ticket: Option<String>,
}

/// The film, for players.
#[utoipa::path(get, path = "/recordings/{recordingId}/media", operation_id = "getRecordingMedia",
    tag = "recordings", params(RecordingPath, TicketQuery),
    responses((status = 200, content_type = "video/mp4"), (status = 206, content_type = "video/mp4"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 416, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn media(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = playable(&app, &asker, &id).await?;
    serve(&app.config.recordings.join(recording.filename()), "video/mp4", &id, request).await
}

/// The film, for keeping.
#[utoipa::path(get, path = "/recordings/{recordingId}/download", operation_id = "downloadRecording",
    tag = "recordings", params(RecordingPath, TicketQuery),
    responses((status = 200, content_type = "video/mp4"), (status = 206, content_type = "video/mp4"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 416, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn download(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = playable(&app, &asker, &id).await?;
    let path = app.config.recordings.join(recording.filename());
    let mut response = serve(&path, "video/mp4", &id, request).await?;
    let name = format!("attachment; filename=\"{}\"", recording.filename());
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// A small picture.
#[utoipa::path(get, path = "/recordings/{recordingId}/thumbnail",
    operation_id = "getRecordingThumbnail", tag = "recordings",
    params(RecordingPath, TicketQuery),
    responses((status = 200, content_type = "image/jpeg"), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn thumbnail(
    State(app): State<App>,
    asker: Asker,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let recording = retrieved(&app, &asker, &id).await?;
    let path = app.config.recordings.join(format!("{}.jpg", recording.recording_id));
    serve(&path, "image/jpeg", &id, request).await
}

async fn retrieved(app: &App, asker: &Asker, id: &str) -> Result<Recording, ApiError> {
    let read = |_: &mut BoxState, _: &mut Ctx<'_>, recording: &Recording| Ok(recording.clone());
    asker.act_on(app, id, Permission::RetrieveRecordings, read).await
}

async fn playable(app: &App, asker: &Asker, id: &str) -> Result<Recording, ApiError> {
    let recording = retrieved(app, asker, id).await?;
    if recording.status.is_playable() {
        return Ok(recording);
    }
    let text = format!("Recording '{id}' is not streamable");
    Err(ApiError::new(StatusCode::CONFLICT, "Recording Error", text).code("recording_not_streamable"))
}

async fn serve(
    path: &PathBuf,
    kind: &'static str,
    id: &str,
    mut request: Request,
) -> Result<Response, ApiError> {
    let missing = || {
        let text = "The file of this recording is gone from the disk";
        ApiError::new(StatusCode::NOT_FOUND, "Recording Error", text).code("recording_file_gone")
    };
    let size = tokio::fs::metadata(path).await.map_err(|_| missing())?.len();
    if let Some(header) = request.headers_mut().remove(header::RANGE) {
        match range(header.to_str().unwrap_or_default(), size) {
            Range::Whole => {}
            Range::Part(first, last) => {
                let part = HeaderValue::try_from(format!("bytes={first}-{last}"));
                request.headers_mut().extend(part.ok().map(|part| (header::RANGE, part)));
            }
            Range::Nothing => return Ok(not_satisfiable(id, size)),
        }
    }
    let mut response = match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return Err(missing());
    }
    if response.status().is_success() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let private = HeaderValue::from_static("private, max-age=3600");
        response.headers_mut().insert(header::CACHE_CONTROL, private);
    }
    Ok(response)
}

fn not_satisfiable(id: &str, size: u64) -> Response {
    let text = format!("Recording '{id}' range not satisfiable. File size: {size}");
    let error = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "Recording Error", text);
    ([(header::CONTENT_RANGE, format!("bytes */{size}"))], error).into_response()
}

/// Which part of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// All of it: the header means nothing to us.
    Whole,
    /// First and last byte.
    Part(u64, u64),
    /// None of its bytes.
    Nothing,
}

/// Reads a `Range` header (RFC 9110 §14.1.2, §14.2): one range of bytes. Whatever else – another
/// unit, several ranges, a mistake – is left out of account.
fn range(header: &str, size: u64) -> Range {
    let spec = header.split_once('=').filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = spec.and_then(|(_, spec)| spec.trim().split_once('-')) else {
        return Range::Whole;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || !digits(last) || (first.is_empty() && last.is_empty()) {
        return Range::Whole;
    }
    // More digits than fit are beyond every file.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let end = size.saturating_sub(1);
    let (from, to) = match (first.is_empty(), last.is_empty()) {
        (true, _) if number(last) == 0 => return Range::Nothing,
        (true, _) => (size.saturating_sub(number(last)), end),
        (false, true) => (number(first), end),
        (false, false) if number(last) < number(first) => return Range::Whole,
        (false, false) => (number(first), number(last).min(end)),
    };
    if from < size { Range::Part(from, to) } else { Range::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        let cases = [
            ("bytes=0-0", Range::Part(0, 0)),
            ("bytes=2-5", Range::Part(2, 5)),
            ("bytes=2-", Range::Part(2, 9)),
            ("bytes=2-99999999999999999999999", Range::Part(2, 9)),
            ("bytes=-3", Range::Part(7, 9)),
            ("bytes=-99", Range::Part(0, 9)),
            ("Bytes=2-5", Range::Part(2, 5)),
            ("bytes=10-", Range::Nothing),
            ("bytes=99999999999999999999999-", Range::Nothing),
            ("bytes=-0", Range::Nothing),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=-", Range::Whole),
            ("bytes=a-b", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("bytes=", Range::Whole),
            ("seconds=1-2", Range::Whole),
            ("", Range::Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(range(header, 10), expected, "{header}");
        }
        assert_eq!(range("bytes=0-", 0), Range::Nothing);
        assert_eq!(range("bytes=-1", 0), Range::Nothing);
    }
}
