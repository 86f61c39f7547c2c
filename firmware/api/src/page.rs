//! Lists as the contract has them (reference openvidu-meet §1.4): filters, sorting, paging, field
//! selection, bulk answers. What is listed does not matter here.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use huddle_core::listing::{MatchMode, TextFilter};
use huddle_core::state::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::dto::Pagination;
use crate::error::ApiError;
use crate::{App, Scheme};

/// Most ids in one bulk call.
const MOST_IDS: usize = 100;

/// Paging and sorting.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageQuery {
    /// 1–100, default 10; more is taken as 100.
    #[param(minimum = 1)]
    pub(crate) max_items: Option<f64>,
    /// From the page before.
    pub(crate) next_page_token: Option<String>,
    /// Which field; every list names its own.
    #[param(ignore)]
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
struct Place<'a> {
    #[serde(borrow)]
    key: SortKey<'a>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortKey<'a> {
    /// Dates and sizes.
    Number(u64),
    /// Names.
    #[serde(borrow)]
    Text(Cow<'a, str>),
    /// Absent: after everything else, whichever way the rest is sorted.
    Absent,
}

impl<'a> SortKey<'a> {
    /// A name.
    pub(crate) const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    fn cmp(&self, other: &SortKey<'_>, order: SortOrder) -> Ordering {
        let natural = match (self, other) {
            (Self::Number(a), SortKey::Number(b)) => a.cmp(b),
            (Self::Text(a), SortKey::Text(b)) => a.cmp(b),
            _ => return self.rank().cmp(&other.rank()),
        };
        if order == SortOrder::Desc { natural.reverse() } else { natural }
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
pub(crate) struct Paged<'a, T> {
    /// At most `maxItems`.
    pub(crate) items: Vec<&'a T>,
    /// For the answer.
    pub(crate) pagination: Pagination,
}

/// One page of `all`. `key` is the sort key and the id of an item; equal keys are ordered by id, so
/// that paging neither repeats nor skips one, whatever is added or deleted meanwhile. What has no key
/// comes last in both directions. Only about a page is kept and sorted, not everything.
pub(crate) fn page<'a, T>(
    all: impl Iterator<Item = &'a T>,
    query: &PageQuery,
    key: impl Fn(&'a T) -> (SortKey<'a>, &'a str),
) -> Result<Paged<'a, T>, ApiError> {
    let size = crate::routes::max_items(query.max_items)?;
    let token = query.next_page_token.as_deref().map(decoded).transpose()?;
    let after = token.as_deref().map(place).transpose()?;
    let order = query.sort_order.unwrap_or_default();
    let after = after.as_ref().map(|place| (&place.key, place.id.as_ref()));
    // One more than the page tells that there is another one.
    let keep = size + 1;
    let mut first: Vec<Ranked<'a, T>> = Vec::with_capacity(ROUND * keep);
    let mut last = None;
    for item in all {
        let (key, id) = key(item);
        if after.is_some_and(|after| compare((&key, id), after, order).is_le()) {
            continue;
        }
        let ranked = Ranked { key, id, order, item };
        if last.as_ref().is_some_and(|last| ranked > *last) {
            continue;
        }
        first.push(ranked);
        if first.len() == ROUND * keep {
            // Whatever order they come in, each round throws most of them out at once.
            first.select_nth_unstable(size);
            first.truncate(keep);
            last = first.last().cloned();
        }
    }
    let mut ranked = first;
    ranked.sort_unstable();
    let is_truncated = ranked.len() > size;
    ranked.truncate(size);
    let next_page_token = ranked.last().filter(|_| is_truncated).and_then(|last| {
        let place = Place { key: last.key.clone(), id: Cow::Borrowed(last.id) };
        serde_json::to_vec(&place).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
    });
    let items = ranked.into_iter().map(|ranked| ranked.item).collect();
    Ok(Paged { items, pagination: Pagination { is_truncated, next_page_token, max_items: size } })
}

fn compare(a: (&SortKey<'_>, &str), b: (&SortKey<'_>, &str), order: SortOrder) -> Ordering {
    let keys = a.0.cmp(b.0, order);
    let ids = a.1.cmp(b.1);
    keys.then(if order == SortOrder::Desc { ids.reverse() } else { ids })
}

/// So many times what is kept is looked through before all but that is thrown out.
const ROUND: usize = 4;

/// An item with what it is sorted by; the greatest is the last on its page.
struct Ranked<'a, T> {
    key: SortKey<'a>,
    id: &'a str,
    order: SortOrder,
    item: &'a T,
}

impl<T> Clone for Ranked<'_, T> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), ..*self }
    }
}

impl<T> Ord for Ranked<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare((&self.key, self.id), (&other.key, other.id), self.order)
    }
}

impl<T> PartialOrd for Ranked<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Ranked<'_, T> {}

fn decoded(token: &str) -> Result<Vec<u8>, ApiError> {
    URL_SAFE_NO_PAD.decode(token).map_err(|_| no_token())
}

fn place(json: &[u8]) -> Result<Place<'_>, ApiError> {
    serde_json::from_slice(json).map_err(|_| no_token())
}

fn no_token() -> ApiError {
    ApiError::field("nextPageToken", "nextPageToken is not one of this box")
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

/// What came of a call about several records, one after the other.
pub(crate) struct Bulk<D> {
    done: Vec<(String, D)>,
    failed: Vec<(String, Refusal)>,
}

impl<D> Bulk<D> {
    /// Does it to each of them.
    pub(crate) fn of(ids: Vec<String>, mut each: impl FnMut(&str) -> Result<D, Refusal>) -> Self {
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for id in ids {
            match each(&id) {
                Ok(outcome) => done.push((id, outcome)),
                Err(refusal) => failed.push((id, refusal)),
            }
        }
        Self { done, failed }
    }

    /// 200 when nothing failed, else 400.
    pub(crate) const fn status(&self) -> StatusCode {
        if self.failed.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }

    /// What a deletion says to people; `kind` is what they are.
    pub(crate) fn message(&self, kind: &str) -> String {
        match self.failed.len() {
            0 => format!("All {kind}s deleted successfully"),
            n => format!("{n} {kind}(s) could not be deleted"),
        }
    }

    /// Bodies for those that it could not be done to.
    pub(crate) fn failures<F>(&self, body: impl Fn(String, &Refusal) -> F) -> Vec<F> {
        self.failed.iter().map(|(id, refusal)| body(id.clone(), refusal)).collect()
    }

    /// The others, and what came of each.
    pub(crate) fn done(self) -> Vec<(String, D)> {
        self.done
    }

    /// Ids of the others.
    pub(crate) fn ids(self) -> Vec<String> {
        self.done.into_iter().map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_whole_and_what_has_no_key_comes_last_both_ways() {
        let all: Vec<(Option<u64>, String)> =
            (0..50).map(|n| ((n % 5 != 0).then_some(n * 7 % 11), format!("id{n:02}"))).collect();
        for order in [SortOrder::Asc, SortOrder::Desc] {
            let mut seen: Vec<&(Option<u64>, String)> = Vec::new();
            let mut query =
                PageQuery { max_items: Some(7.0), sort_order: Some(order), ..PageQuery::default() };
            loop {
                let paged = page(all.iter(), &query, |(key, id)| {
                    (key.map_or(SortKey::Absent, SortKey::Number), id.as_str())
                });
                let paged = paged.unwrap();
                seen.extend(&paged.items);
                query.next_page_token = paged.pagination.next_page_token;
                if !paged.pagination.is_truncated {
                    break;
                }
                assert_eq!(paged.items.len(), 7);
            }
            let mut expected: Vec<&(Option<u64>, String)> = all.iter().collect();
            expected.sort();
            if order == SortOrder::Desc {
                expected.reverse();
            }
            // `None` sorts first by itself.
            expected.sort_by_key(|(key, _)| key.is_none());
            assert_eq!(seen, expected);
        }
    }

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
