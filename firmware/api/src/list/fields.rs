//! Which fields of a record an answer has.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::{App, Scheme};

/// Which fields an answer has.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldsQuery {
    /// Comma-separated names; unknown ones are ignored.
    pub(crate) fields: Option<String>,
    /// Comma-separated names of fields that are left out unless named here.
    pub(crate) extra_fields: Option<String>,
}

/// How the caller reached the box, and which fields of the answer they want.
pub(crate) struct Wish {
    /// `http://host:port`.
    pub(crate) base: String,
    headers: HeaderMap,
    query: FieldsQuery,
}

impl FromRequestParts<App> for Wish {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let scheme = parts.extensions.get::<Scheme>().copied().unwrap_or(Scheme::Http);
        let query = Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
        let base = crate::routes::base(scheme, &parts.headers);
        Ok(Self { base, headers: parts.headers.clone(), query })
    }
}

impl Wish {
    /// The fields, of a body that leaves `extra` out unless they are named.
    pub(crate) fn fields(&self, extra: &'static [&'static str]) -> Fields {
        Fields::new(&self.query, &self.headers, extra)
    }
}

/// The fields that a caller wants of an answer with some extra ones.
pub(crate) struct Fields {
    wanted: Option<BTreeSet<String>>,
    extra: BTreeSet<String>,
    known_extra: &'static [&'static str],
}

impl Fields {
    /// From query and headers together.
    fn new(query: &FieldsQuery, headers: &HeaderMap, known_extra: &'static [&'static str]) -> Self {
        let names = |query: Option<&str>, header: &str| {
            let header = headers.get(header).and_then(|h| h.to_str().ok());
            let texts = query.into_iter().chain(header);
            let all: BTreeSet<String> = texts
                .flat_map(|text| text.split(','))
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect();
            all
        };
        let wanted = names(query.fields.as_deref(), "x-fields");
        let wanted: BTreeSet<String> =
            wanted.into_iter().filter(|name| !known_extra.contains(&name.as_str())).collect();
        let asked = query.fields.is_some() || headers.contains_key("x-fields");
        let extra = names(query.extra_fields.as_deref(), "x-extrafields");
        Self { wanted: asked.then_some(wanted).filter(|w| !w.is_empty()), extra, known_extra }
    }

    /// The object with these fields, and `_extraFields` where there are extra ones.
    pub(crate) fn of(&self, body: impl Serialize) -> Value {
        let mut value = self.pick(body);
        if let Value::Object(map) = &mut value {
            self.name_extra(map);
        }
        value
    }

    /// The object with these fields, as an item of a list.
    pub(crate) fn pick(&self, body: impl Serialize) -> Value {
        let Ok(Value::Object(map)) = serde_json::to_value(body) else { return Value::Null };
        let stays = |name: &str| {
            if self.known_extra.contains(&name) {
                self.extra.contains(name)
            } else {
                self.wanted.as_ref().is_none_or(|wanted| wanted.contains(name))
            }
        };
        Value::Object(map.into_iter().filter(|(name, _)| stays(name)).collect())
    }

    /// Adds the names of the extra fields.
    pub(crate) fn name_extra(&self, map: &mut Map<String, Value>) {
        if !self.known_extra.is_empty() {
            map.insert("_extraFields".to_owned(), self.known_extra.into());
        }
    }
}
