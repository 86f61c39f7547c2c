//! One page of a list, sorted.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::Pagination;
use crate::error::ApiError;

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
}
