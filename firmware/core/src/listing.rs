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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingQuery {
    /// Only of this room.
    pub room: Option<RoomId>,
    /// Only of rooms with this name.
    pub room_name: Option<String>,
    /// How it compares.
    pub match_mode: MatchMode,
    /// Ignore case.
    pub case_insensitive: bool,
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
            room_name: None,
            match_mode: MatchMode::Exact,
            case_insensitive: false,
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
    let name = query
        .room_name
        .as_ref()
        .is_none_or(|wanted| matches(&recording.room_name, wanted, query.match_mode, query.case_insensitive));
    room && status && name
}

/// Does a text pass a filter?
pub fn matches(text: &str, wanted: &str, mode: MatchMode, case_insensitive: bool) -> bool {
    if case_insensitive {
        return matches(&text.to_lowercase(), &wanted.to_lowercase(), mode, false);
    }
    match mode {
        MatchMode::Exact => text == wanted,
        MatchMode::Prefix => text.starts_with(wanted),
        MatchMode::Partial => text.contains(wanted),
    }
}
