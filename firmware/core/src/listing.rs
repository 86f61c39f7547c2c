//! Lists: filters, sorting and paging (reference openvidu-meet §1.4), over any source of records.

use crate::ids::RoomId;
use crate::recording::{Recording, RecordingStatus};

/// How a text filter compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchMode {
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

/// A text filter. Regular expressions are bounded: at most 200 characters, compiled to at most
/// 256 KiB, matched in time linear in the text.
#[derive(Clone, Debug)]
pub struct TextFilter {
    case_insensitive: bool,
    looks_for: Pattern,
}

#[derive(Clone, Debug)]
enum Pattern {
    Exact(String),
    Prefix(String),
    Partial(String),
    Regex(regex::Regex),
}

/// The expression is not one, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid regular expression pattern")]
pub struct BadPattern;

impl TextFilter {
    /// A filter that looks for `wanted`.
    pub fn new(wanted: &str, mode: MatchMode, case_insensitive: bool) -> Result<Self, BadPattern> {
        let text = if case_insensitive { wanted.to_lowercase() } else { wanted.to_owned() };
        let looks_for = match mode {
            MatchMode::Exact => Pattern::Exact(text),
            MatchMode::Prefix => Pattern::Prefix(text),
            MatchMode::Partial => Pattern::Partial(text),
            MatchMode::Regex if wanted.chars().count() > 200 => return Err(BadPattern),
            MatchMode::Regex => {
                let mut builder = regex::RegexBuilder::new(wanted);
                builder.case_insensitive(case_insensitive).size_limit(256 << 10);
                Pattern::Regex(builder.build().map_err(|_| BadPattern)?)
            }
        };
        Ok(Self { case_insensitive, looks_for })
    }

    /// Does the text pass?
    pub fn fits(&self, text: &str) -> bool {
        let lower = self.case_insensitive.then(|| text.to_lowercase());
        let folded = lower.as_deref().unwrap_or(text);
        match &self.looks_for {
            Pattern::Exact(wanted) => folded == wanted,
            Pattern::Prefix(wanted) => folded.starts_with(wanted.as_str()),
            Pattern::Partial(wanted) => folded.contains(wanted.as_str()),
            Pattern::Regex(pattern) => pattern.is_match(text),
        }
    }
}

/// Which field recordings are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordingSort {
    /// Begin.
    #[default]
    StartDate,
    /// Name of the room.
    RoomName,
    /// Length.
    Duration,
    /// Bytes.
    Size,
}

/// A query for recordings.
#[derive(Clone, Debug)]
pub struct RecordingQuery {
    /// Only of this room.
    pub room: Option<RoomId>,
    /// Only of these rooms; `None` = all.
    pub rooms: Option<std::collections::BTreeSet<RoomId>>,
    /// Only of rooms whose name passes.
    pub room_name: Option<TextFilter>,
    /// Only in this state.
    pub status: Option<RecordingStatus>,
    /// Sorted by.
    pub sort: RecordingSort,
    /// Smallest first.
    pub ascending: bool,
    /// 1–100.
    pub max_items: usize,
    /// Id of the last record of the page before.
    pub after: Option<String>,
}

impl Default for RecordingQuery {
    fn default() -> Self {
        Self {
            room: None,
            rooms: None,
            room_name: None,
            status: None,
            sort: RecordingSort::StartDate,
            ascending: false,
            max_items: 10,
            after: None,
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// At most `max_items`.
    pub items: Vec<T>,
    /// There are more; the id of the last item leads to them.
    pub truncated: bool,
}

/// The page of `all` that the query asks for. Records with equal keys are ordered by id, so
/// that paging neither repeats nor skips one. An `after` that is gone starts over.
pub fn recordings(all: impl Iterator<Item = Recording>, query: &RecordingQuery) -> Page<Recording> {
    let mut hits: Vec<Recording> = all.filter(|r| fits(r, query)).collect();
    hits.sort_by(|a, b| {
        let order = key_order(a, b, query.sort).then_with(|| a.recording_id.cmp(&b.recording_id));
        if query.ascending { order } else { order.reverse() }
    });
    let position = |id: &String| hits.iter().position(|r| r.recording_id.as_str() == id);
    let start = query.after.as_ref().and_then(position).map_or(0, |i| i + 1);
    let size = query.max_items.clamp(1, 100);
    let truncated = hits.len() > start + size;
    Page { items: hits.into_iter().skip(start).take(size).collect(), truncated }
}

fn key_order(a: &Recording, b: &Recording, sort: RecordingSort) -> std::cmp::Ordering {
    match sort {
        RecordingSort::StartDate => a.start_date.cmp(&b.start_date),
        RecordingSort::RoomName => a.room_name.cmp(&b.room_name),
        RecordingSort::Duration => a.duration.unwrap_or(0.0).total_cmp(&b.duration.unwrap_or(0.0)),
        RecordingSort::Size => a.size.cmp(&b.size),
    }
}

fn fits(recording: &Recording, query: &RecordingQuery) -> bool {
    let room = query.room.as_ref().is_none_or(|r| *r == recording.room_id);
    let status = query.status.is_none_or(|s| s == recording.status);
    let known = query.rooms.as_ref().is_none_or(|rooms| rooms.contains(&recording.room_id));
    let name = query.room_name.as_ref().is_none_or(|filter| filter.fits(&recording.room_name));
    room && known && status && name
}
