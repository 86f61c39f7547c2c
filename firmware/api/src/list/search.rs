//! Text filters of a list.

use std::cell::Cell;
use std::time::{Duration, Instant};

use huddle_core::listing::{MatchMode, TextFilter};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;

/// How a text filter compares; `exact` unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MatchModeQuery {
    /// The whole text.
    #[default]
    Exact,
    /// Its beginning.
    Prefix,
    /// Any part.
    Partial,
    /// A regular expression.
    Regex,
}

/// A search by display name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NameQuery {
    /// Display name.
    name: Option<String>,
    /// How `name` compares; `exact` by default.
    #[param(inline)]
    name_match_mode: Option<MatchModeQuery>,
    /// Ignores case.
    #[param(value_type = Option<bool>)]
    name_case_insensitive: Option<Flag>,
}

impl NameQuery {
    /// 422 for an impossible expression.
    pub(crate) fn search(&self) -> Result<Search, ApiError> {
        Search::new("name", self.name.as_deref(), self.name_match_mode, self.name_case_insensitive)
    }
}

/// Looking for a text in many records, for a quarter of a second at most: a caller's regular
/// expression is not to keep the box busy.
pub(crate) struct Search {
    filter: Option<TextFilter>,
    until: Option<Instant>,
    late: Cell<bool>,
}

/// How long an expression may look.
const LOOKING: Duration = Duration::from_millis(250);

impl Search {
    /// From the three query parameters of a field; an impossible expression is a 422.
    pub(crate) fn new(
        field: &str,
        wanted: Option<&str>,
        mode: Option<MatchModeQuery>,
        case_insensitive: Option<Flag>,
    ) -> Result<Self, ApiError> {
        let mode = match mode.unwrap_or_default() {
            MatchModeQuery::Exact => MatchMode::Exact,
            MatchModeQuery::Prefix => MatchMode::Prefix,
            MatchModeQuery::Partial => MatchMode::Partial,
            MatchModeQuery::Regex => MatchMode::Regex,
        };
        let any_case = case_insensitive.is_some_and(|flag| flag.0);
        let filter = wanted.map(|wanted| TextFilter::new(wanted, mode, any_case)).transpose();
        let filter = filter.map_err(|_| ApiError::field(field, "Invalid regular expression pattern"))?;
        Ok(Self { filter, until: None, late: Cell::new(false) })
    }

    /// Looking begins now.
    pub(crate) fn begin(&mut self) {
        let slow = self.filter.as_ref().is_some_and(TextFilter::is_regex);
        self.until = slow.then(|| Instant::now() + LOOKING);
    }

    /// Does the text pass? Nothing does when the time is up.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let Some(filter) = &self.filter else { return true };
        if self.until.is_some_and(|until| self.late.get() || Instant::now() > until) {
            self.late.set(true);
            return false;
        }
        filter.fits(text)
    }

    /// 422 when the time was up.
    pub(crate) fn end(&self, field: &str) -> Result<(), ApiError> {
        if self.late.get() {
            return Err(ApiError::field(field, "This regular expression takes too long"));
        }
        Ok(())
    }
}

/// A boolean in a query: `true` or `false` in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = bool)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(serde::de::Error::custom("Expected boolean, received string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn an_expression_that_takes_too_long_is_given_up_and_plain_texts_are_not() {
        let search = |mode| Search::new("name", Some("a.*b"), Some(mode), None).unwrap();
        let mut slow = search(MatchModeQuery::Regex);
        slow.begin();
        assert!(slow.fits("a to b") && slow.end("name").is_ok());
        slow.until = Instant::now().checked_sub(Duration::from_millis(1));
        assert!(!slow.fits("a to b"));
        assert_eq!(slow.end("name").unwrap_err().status(), StatusCode::UNPROCESSABLE_ENTITY);
        let mut plain = search(MatchModeQuery::Partial);
        plain.begin();
        assert!(plain.until.is_none() && plain.fits("xa.*by"));
        let long = "a".repeat(201);
        assert!(Search::new("name", Some(&long), Some(MatchModeQuery::Regex), None).is_err());
        assert!(Search::new("name", Some(r"(\w{1,50}){1,50}"), Some(MatchModeQuery::Regex), None).is_err());
    }
}
