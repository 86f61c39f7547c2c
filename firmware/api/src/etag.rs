//! `ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1): two who edit the same record lose nothing.

use std::convert::Infallible;
use std::fmt::Display;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huddle_core::account::{ApiKeyRecord, Group, User};
use huddle_core::member::Member;
use huddle_core::room::Room;
use huddle_core::state::Refusal;
use huddle_core::webhook::Webhook;
use serde::Serialize;

use crate::App;

/// The revisions a change is meant for; `None` = whatever it is now.
#[derive(Clone, Debug)]
pub(crate) struct IfMatch(Option<Vec<String>>);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Ok(Self(None));
        }
        let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let mut tags = texts.iter().flat_map(|text| text.split(',')).map(str::trim).peekable();
        if tags.peek() == Some(&"*") {
            return Ok(Self(None));
        }
        Ok(Self(Some(tags.map(|tag| tag.trim_matches('"').to_owned()).collect())))
    }
}

impl IfMatch {
    /// The record, unless it was changed meanwhile (412).
    pub(crate) fn check<R: Revised>(&self, record: &R) -> Result<(), Refusal> {
        self.check_tag(record.revision())
    }

    /// The same by what stands in the header.
    pub(crate) fn check_tag(&self, revision: impl Display) -> Result<(), Refusal> {
        match &self.0 {
            Some(wanted) if !wanted.contains(&revision.to_string()) => Err(Refusal::Stale),
            _ => Ok(()),
        }
    }
}

/// Something with a revision.
pub(crate) trait Revised {
    /// Another one after each change.
    fn revision(&self) -> u64;
}

macro_rules! revised {
    ($($record:ty => $field:ident $(. $more:tt)?),*) => {
        $(impl Revised for $record {
            fn revision(&self) -> u64 {
                self.$field$(.$more)?
            }
        })*
    };
}

// A key never changes.
revised!(User => revision, Group => revision, Member => revision, Room => revision,
    Webhook => revision, ApiKeyRecord => creation_date.0);

/// An answer with its record's revision.
pub(crate) struct Tagged<B> {
    status: StatusCode,
    location: Option<String>,
    revision: Option<u64>,
    body: B,
}

impl<B> Tagged<B> {
    /// The record as a body shows it.
    pub(crate) fn new<'a, R: Revised>(record: &'a R) -> Self
    where
        B: From<&'a R>,
    {
        Self::with(record, B::from(record))
    }

    /// The record by a body that was made from more.
    pub(crate) fn with(record: &impl Revised, body: B) -> Self {
        Self { status: StatusCode::OK, location: None, revision: Some(record.revision()), body }
    }

    /// Without its revision.
    pub(crate) fn untagged(self) -> Self {
        Self { revision: None, ..self }
    }

    /// It is not done yet.
    pub(crate) fn accepted(self) -> Self {
        Self { status: StatusCode::ACCEPTED, ..self }
    }

    /// It was made just now, and is found there.
    pub(crate) fn created(self, location: String) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..self }
    }
}

impl<B: Serialize> IntoResponse for Tagged<B> {
    fn into_response(self) -> Response {
        let location = self.location.map(|at| [(header::LOCATION, at)]);
        (self.status, location, self.revision.map(etag), Json(self.body)).into_response()
    }
}

/// The header that names a record's revision.
pub(crate) fn etag(revision: impl Display) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{revision}\""))]
}
