//! Errors as the contract has them: `{error, message, details?}` (reference openvidu-meet §1.3),
//! with a `code` of the box's own beside them.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::state::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

/// Body of every error answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Kind, such as `Room Error`.
    pub error: String,
    /// Exactly which error, for programs, such as `room_closed`; never changes.
    pub code: String,
    /// For people.
    pub message: String,
    /// Which fields of the request are wrong (422); what came of a webhook's test (400): the
    /// receiver's HTTP `status`, or why there is none, under `url`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// Path joined with dots.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// An error answer.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: ErrorBody,
    retry_after: Option<u64>,
}

impl ApiError {
    /// Any error.
    pub fn new(status: StatusCode, error: &str, message: impl Into<String>) -> Self {
        let body = ErrorBody {
            error: error.to_owned(),
            code: code_of(status).to_owned(),
            message: message.into(),
            details: Vec::new(),
        };
        Self { status, body, retry_after: None }
    }

    /// The same with a code that says more than its status.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.body.code);
        self
    }

    /// 422 for one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Entity", "Invalid request")
            .detail(field, message)
    }

    /// The same with a detail more.
    #[must_use]
    pub(crate) fn detail(mut self, field: &str, message: impl Into<String>) -> Self {
        self.body.details.push(Detail { field: field.to_owned(), message: message.into() });
        self
    }

    /// 401: nothing or nothing usable to show who it is.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Authentication Error", "Unauthorized")
    }

    /// 401: a token that does not count.
    pub fn invalid_token() -> Self {
        Refusal::TokenDead.into()
    }

    /// 429: come back after so many seconds.
    pub fn too_many(seconds: u64) -> Self {
        let text = "Too many requests, please try again later";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", text);
        Self { retry_after: Some(seconds), ..error }
    }

    /// Status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Body of the answer.
    pub fn into_body(self) -> ErrorBody {
        self.body
    }

    /// Text of the answer.
    pub fn message(&self) -> &str {
        &self.body.message
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (status, error) = class(&refusal);
        if let Refusal::InvalidField(field, text) = refusal {
            return Self::field(field, text);
        }
        if let Refusal::BadUrl(error) = refusal {
            return Self::field("url", error.to_string()).code(error.code());
        }
        let retry_after = if let Refusal::LoginWait(seconds) = &refusal { Some(*seconds) } else { None };
        Self { retry_after, ..Self::new(status, error, refusal.to_string()).code(refusal.code()) }
    }
}

/// Where no refusal has a code of its own.
fn code_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        409 => "conflict",
        413 => "payload_too_large",
        415 => "unsupported_media_type",
        416 => "range_not_satisfiable",
        422 => "invalid_request",
        429 => "too_many_requests",
        503 => "unavailable",
        _ => "error",
    }
}

fn class(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::RoomNotFound(_) => (StatusCode::NOT_FOUND, "Room Error"),
        Refusal::RoomClosed(_) | Refusal::RoomExists(_) | Refusal::RoomIsHome(_) => {
            (StatusCode::CONFLICT, "Room Error")
        }
        Refusal::RoomInUse(_) | Refusal::RoomFull(_) => (StatusCode::CONFLICT, "Room Error"),
        Refusal::NotDeleted(code, _) => (StatusCode::CONFLICT, code),
        Refusal::UserNotFound(_) => (StatusCode::NOT_FOUND, "User Error"),
        Refusal::UserExists(_) => (StatusCode::CONFLICT, "User Error"),
        Refusal::UserProtected(_) => (StatusCode::FORBIDDEN, "User Error"),
        Refusal::GroupNotFound(_) => (StatusCode::NOT_FOUND, "Group Error"),
        Refusal::GroupExists(_) => (StatusCode::CONFLICT, "Group Error"),
        Refusal::KeyNotFound(_) => (StatusCode::NOT_FOUND, "API Key Error"),
        Refusal::WebhookNotFound(_) => (StatusCode::NOT_FOUND, "Webhook Error"),
        Refusal::TooMany(..) => (StatusCode::CONFLICT, "Limit Error"),
        Refusal::MemberNotFound(..) => (StatusCode::NOT_FOUND, "Room Member Error"),
        Refusal::MemberExists(..) | Refusal::MemberNeedless(..) => {
            (StatusCode::CONFLICT, "Room Member Error")
        }
        Refusal::Stale => (StatusCode::PRECONDITION_FAILED, "Precondition Failed"),
        Refusal::Protected | Refusal::Removed => (StatusCode::FORBIDDEN, "Participant Error"),
        Refusal::NotPromotable(..) | Refusal::NotPromoted(..) => (StatusCode::CONFLICT, "Participant Error"),
        Refusal::InAnotherMeeting(_) | Refusal::OwnMeetingRuns(_) => (StatusCode::CONFLICT, "Meeting Error"),
        Refusal::BadSecret(_) => (StatusCode::BAD_REQUEST, "Room Error"),
        Refusal::LinkDisabled(..) => (StatusCode::FORBIDDEN, "Room Error"),
        Refusal::Missing(_) | Refusal::Forbidden => (StatusCode::FORBIDDEN, "Authorization Error"),
        Refusal::TokenDead | Refusal::LoginFailed => (StatusCode::UNAUTHORIZED, "Authentication Error"),
        Refusal::NameRequired => (StatusCode::BAD_REQUEST, "Room Member Error"),
        Refusal::RecordingDisabled(_) => (StatusCode::FORBIDDEN, "Recording Error"),
        Refusal::AlreadyRecording(_)
        | Refusal::NoParticipants(_)
        | Refusal::RecordingRunning(_)
        | Refusal::RecordingStopped(_) => (StatusCode::CONFLICT, "Recording Error"),
        Refusal::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "Recording Error"),
        Refusal::RecordingNotFound(_) => (StatusCode::NOT_FOUND, "Recording Error"),
        Refusal::NoMeeting(_) => (StatusCode::NOT_FOUND, "Meeting Error"),
        Refusal::ParticipantNotFound(..) => (StatusCode::NOT_FOUND, "Participant Error"),
        Refusal::NotInMeeting => (StatusCode::CONFLICT, "Meeting Error"),
        Refusal::LoginWait(_) => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
        Refusal::WrongPassword => (StatusCode::BAD_REQUEST, "Change Password Error"),
        Refusal::Invalid(_) | Refusal::InvalidField(..) | Refusal::BadUrl(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Entity")
        }
        Refusal::NotSaved(_) => (StatusCode::INSUFFICIENT_STORAGE, "Storage Error"),
        Refusal::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Refusal::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy"),
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        if let JsonRejection::JsonDataError(error) = &rejection {
            let text = error.body_text();
            let message = text.rsplit("target type: ").next().unwrap_or(&text);
            let field = field_of(message);
            // The field is named beside it.
            let message = message.strip_prefix(&format!("{field}: ")).unwrap_or(message);
            return Self::field(&field, message);
        }
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => unsupported_type(),
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => Self::new(StatusCode::BAD_REQUEST, "Bad Request", "Malformed body").code("malformed_body"),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::field("query", rejection.body_text())
    }
}

fn too_large() -> ApiError {
    let text = "The request is larger than 256 KiB";
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "Payload Too Large", text)
}

/// The limit on bodies answers in plain text when a request says beforehand that it is too large.
pub(crate) async fn in_our_words(response: Response) -> Response {
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if plain && response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large().into_response();
    }
    response
}

/// 415: the body is not called JSON.
pub(crate) fn unsupported_type() -> ApiError {
    let text = "Unsupported media type. Supported types: application/json";
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", text)
}

/// The path in front of serde's message (`config.chat: invalid type …`), or `body`.
fn field_of(message: &str) -> String {
    let path = message.split(": ").next().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let is_path = !path.is_empty() && path.len() < message.len() && path.chars().all(fits);
    if is_path { path.to_owned() } else { "body".to_owned() }
}

/// 405 of the API tree.
pub(crate) async fn no_such_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", "This path does not take this method")
}

/// 404 of the API tree.
pub(crate) async fn no_such_path() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "Path Not Found", "API path not implemented").code("path_not_found")
}
