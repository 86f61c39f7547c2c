//! Lists as the contract has them (reference openvidu-meet §1.4): filters, sorting, paging, field
//! selection, bulk answers. What is listed does not matter here.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use huddle_core::listing::{MatchMode, TextFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::dto::Pagination;
use crate::error::ApiError;

/// Most ids in one bulk call.
const MOST_IDS: usize = 100;

/// Paging and sorting.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageQuery {
    /// 1–100, default 10; more is taken as 100.
    pub(crate) max_items: Option<f64>,
    /// From the page before.
    pub(crate) next_page_token: Option<String>,
    /// Which field.
    pub(crate) sort_field: Option<String>,
    /// `asc` or `desc` (default).
    #[param(inline)]
    pub(crate) sort_order: Option<SortOrder>,
}

/// Direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SortOrder {
    /// Smallest first.
    Asc,
    /// Largest first.
    #[default]
    Desc,
}

/// A page's place: the sort key and the id of the last item before it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    key: SortKey,
    id: String,
}

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortKey {
    /// Dates and sizes.
    Number(u64),
    /// Names.
    Text(String),
    /// Absent: after everything else.
    Absent,
}

impl SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Absent => 2,
        }
    }
}

/// A page and how to get the next one.
pub(crate) struct Paged<T> {
    /// At most `maxItems`.
    pub(crate) items: Vec<T>,
    /// For the answer.
    pub(crate) pagination: Pagination,
}

/// One page of `all`. `key` is the sort key and the id of an item; equal keys are ordered by id, so
/// that paging neither repeats nor skips one, whatever is added or deleted meanwhile.
pub(crate) fn page<T>(
    all: impl Iterator<Item = T>,
    query: &PageQuery,
    key: impl Fn(&T) -> (SortKey, String),
) -> Result<Paged<T>, ApiError> {
    let size = crate::routes::max_items(query.max_items)?;
    let after = query.next_page_token.as_deref().map(place).transpose()?;
    let descending = query.sort_order.unwrap_or_default() == SortOrder::Desc;
    let order = |a: &(SortKey, String), b: &(SortKey, String)| {
        let natural = a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1));
        if descending { natural.reverse() } else { natural }
    };
    let mut keyed: Vec<_> = all.map(|item| (key(&item), item)).collect();
    if let Some(Place { key, id }) = after {
        let place = (key, id);
        keyed.retain(|(at, _)| order(at, &place) == Ordering::Greater);
    }
    keyed.sort_by(|(a, _), (b, _)| order(a, b));
    let is_truncated = keyed.len() > size;
    keyed.truncate(size);
    let last = keyed.last().map(|((key, id), _)| Place { key: key.clone(), id: id.clone() });
    let token = last.filter(|_| is_truncated).and_then(|place| serde_json::to_vec(&place).ok());
    Ok(Paged {
        items: keyed.into_iter().map(|(_, item)| item).collect(),
        pagination: Pagination {
            is_truncated,
            next_page_token: token.map(|json| URL_SAFE_NO_PAD.encode(json)),
            max_items: size,
        },
    })
}

fn place(token: &str) -> Result<Place, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| ApiError::field("nextPageToken", "nextPageToken is not one of this box"))
}

/// The sort field, or 422.
pub(crate) fn sort_field<'a>(query: &'a PageQuery, allowed: &[&'a str]) -> Result<&'a str, ApiError> {
    let first = allowed.first().copied().unwrap_or_default();
    let wanted = query.sort_field.as_deref().unwrap_or(first);
    if allowed.contains(&wanted) {
        return Ok(wanted);
    }
    let names: Vec<String> = allowed.iter().map(|name| format!("'{name}'")).collect();
    let text = format!("Invalid enum value. Expected {}, received '{wanted}'", names.join(" | "));
    Err(ApiError::field("sortField", text))
}

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

/// A text filter from its three query parameters; an impossible expression is a 422 for `field`.
pub(crate) fn text_filter(
    field: &str,
    wanted: Option<&str>,
    mode: Option<MatchModeQuery>,
    case_insensitive: Option<Flag>,
) -> Result<Option<TextFilter>, ApiError> {
    let Some(wanted) = wanted else { return Ok(None) };
    let mode = match mode.unwrap_or_default() {
        MatchModeQuery::Exact => MatchMode::Exact,
        MatchModeQuery::Prefix => MatchMode::Prefix,
        MatchModeQuery::Partial => MatchMode::Partial,
        MatchModeQuery::Regex => MatchMode::Regex,
    };
    let filter = TextFilter::new(wanted, mode, case_insensitive.is_some_and(|flag| flag.0));
    filter.map(Some).map_err(|_| ApiError::field(field, "Invalid regular expression pattern"))
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

/// The fields that a caller wants of an answer with some extra ones.
pub(crate) struct Fields {
    wanted: Option<BTreeSet<String>>,
    extra: BTreeSet<String>,
    known_extra: &'static [&'static str],
}

impl Fields {
    /// From query and headers together.
    pub(crate) fn new(
        query: &FieldsQuery,
        headers: &HeaderMap,
        known_extra: &'static [&'static str],
    ) -> Self {
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

/// The ids of a bulk call: comma-separated, without repetition.
pub(crate) fn ids(field: &str, text: Option<&str>, none: &str) -> Result<Vec<String>, ApiError> {
    let mut seen = BTreeSet::new();
    let all = text.unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Vec<String> = all.filter(|id| seen.insert((*id).to_owned())).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(ApiError::field(field, none));
    }
    if ids.len() > MOST_IDS {
        return Err(ApiError::field(field, format!("At most {MOST_IDS} ids at once")));
    }
    Ok(ids)
}

/// 200 when nothing failed, else 400.
pub(crate) fn bulk_status(failed: usize) -> StatusCode {
    if failed == 0 { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}
