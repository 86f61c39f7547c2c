//! `ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1): two who edit the same record lose nothing.

use std::convert::Infallible;
use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use huddle_core::state::Refusal;

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
    /// Refuses (412) when the record was changed meanwhile.
    pub(crate) fn check(&self, revision: impl Display) -> Result<(), Refusal> {
        match &self.0 {
            Some(wanted) if !wanted.contains(&revision.to_string()) => Err(Refusal::Stale),
            _ => Ok(()),
        }
    }
}

/// The header that names a record's revision.
pub(crate) fn etag(revision: impl Display) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{revision}\""))]
}
