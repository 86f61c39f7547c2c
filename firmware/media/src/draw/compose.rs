//! A meeting as tiles on a canvas, for the TV and for recordings (`features.md` V8).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use huddle_core::ids::{Identity, TrackSid};
use huddle_core::layout::{Layout, More, Rect, arrange};
use huddle_core::units::Size;
use huddle_tap::Source;

use crate::draw::canvas::{Canvas, Colour};
use crate::draw::{icon, text};
use crate::meeting::{Person, Track};
use crate::picture::{Consumer, Picture, Pictures, Scaler, size};
use crate::plan::speaker::Floor;
use crate::port::RecordingLayout;
use crate::receive::Media;

/// Draws people; keeps scaled pictures between frames.
pub(crate) struct Composer {
    consumer: Consumer,
    layout: RecordingLayout,
    floor: Floor,
    scalers: HashMap<TrackSid, Scaler>,
    /// What was wanted in the last frame, to be taken back when it is shown no more.
    shown: Vec<(TrackSid, Arc<Pictures>)>,
}

struct Tile<'a> {
    person: &'a Person,
    track: Option<&'a Track>,
    screen: bool,
}

impl Composer {
    /// For one consumer in one layout.
    pub(crate) fn new(consumer: Consumer, layout: RecordingLayout) -> Self {
        Self { consumer, layout, floor: Floor::default(), scalers: HashMap::new(), shown: Vec::new() }
    }

    /// Draws `people` as they are to be seen at `at` (nanoseconds of the common clock).
    pub(crate) fn draw(
        &mut self,
        canvas: &mut Canvas,
        people: &[Person],
        speakers: &[Identity],
        at: i64,
        now: Instant,
    ) {
        canvas.clear(Colour::BACKGROUND);
        let (layout, tiles) = self.choose(people, speakers, now);
        let arrangement = arrange(canvas.size(), layout, tiles.len());
        let mut shown = Vec::with_capacity(tiles.len());
        for (tile, rect) in tiles.iter().zip(&arrangement.tiles) {
            self.tile(canvas, tile, *rect, at, speakers);
            if let Some(entry) = wish(tile.track, rect.size(), self.consumer) {
                shown.push(entry);
            }
        }
        if let Some(more) = arrangement.more {
            draw_more(canvas, more);
        }
        self.release(shown);
    }

    /// Shows nothing any more: takes back all wishes.
    pub(crate) fn rest(&mut self) {
        self.release(Vec::new());
    }

    fn release(&mut self, shown: Vec<(TrackSid, Arc<Pictures>)>) {
        for (sid, pictures) in &self.shown {
            if !shown.iter().any(|(other, _)| other == sid) {
                pictures.want(self.consumer, Size::default());
            }
        }
        self.scalers.retain(|sid, _| shown.iter().any(|(other, _)| other == sid));
        self.shown = shown;
    }

    fn choose<'a>(
        &mut self,
        people: &'a [Person],
        speakers: &[Identity],
        now: Instant,
    ) -> (Layout, Vec<Tile<'a>>) {
        let present: Vec<Identity> = people.iter().map(|p| p.identity.clone()).collect();
        let floor = self.floor.choose(speakers, &present, now);
        let mut tiles: Vec<Tile<'a>> = people.iter().map(camera_tile).collect();
        let many = tiles.len() > 24;
        if self.layout != RecordingLayout::Grid || many {
            tiles.sort_by_key(|tile| Some(&tile.person.identity) != floor.as_ref());
        }
        let screens: Vec<Tile<'a>> = people.iter().flat_map(screen_tiles).collect();
        let screen = !screens.is_empty();
        tiles.splice(0..0, screens);
        let layout = match self.layout {
            RecordingLayout::SingleSpeaker => Layout::Single,
            RecordingLayout::Speaker => Layout::Speaker,
            RecordingLayout::Grid if screen => Layout::Speaker,
            RecordingLayout::Grid => Layout::Grid,
        };
        (layout, tiles)
    }

    fn tile(&mut self, canvas: &mut Canvas, tile: &Tile<'_>, rect: Rect, at: i64, speakers: &[Identity]) {
        canvas.fill(rect, Colour::TILE);
        let pictures = tile.track.filter(|t| !t.muted && !t.encrypted).and_then(pictures_of);
        let picture = pictures.and_then(|pictures| pictures.at(at));
        match (picture, tile.track) {
            (Some(picture), Some(track)) => self.picture(canvas, &track.sid, &picture, rect),
            (_, track) => draw_placeholder(canvas, tile.person, track, rect),
        }
        draw_name(canvas, tile, rect);
        if !tile.screen && speakers.first() == Some(&tile.person.identity) {
            canvas.frame(rect, 4, Colour::GREEN);
        }
    }

    fn picture(&mut self, canvas: &mut Canvas, sid: &TrackSid, picture: &Arc<Picture>, rect: Rect) {
        let target = rect.fit(size(picture));
        if target.size() == size(picture) {
            self.scalers.remove(sid);
            canvas.copy(picture, target.x, target.y);
            return;
        }
        let fits = self.scalers.get(sid).is_some_and(|s| s.size() == target.size());
        if !fits {
            self.scalers.remove(sid);
            if let Some(scaler) = Scaler::new(target.size()) {
                self.scalers.insert(sid.clone(), scaler);
            }
        }
        if let Some(scaled) = self.scalers.get_mut(sid).and_then(|s| s.scale(picture)) {
            canvas.copy(scaled, target.x, target.y);
        }
    }
}

fn camera_tile(person: &Person) -> Tile<'_> {
    let track = person.tracks.iter().find(|t| matches!(t.source, Source::Camera));
    let other =
        || person.tracks.iter().find(|t| matches!(t.source, Source::Unknown) && pictures_of(t).is_some());
    Tile { person, track: track.or_else(other), screen: false }
}

fn screen_tiles(person: &Person) -> impl Iterator<Item = Tile<'_>> {
    let screens = person.tracks.iter().filter(|t| matches!(t.source, Source::ScreenShare) && !t.muted);
    screens.map(move |track| Tile { person, track: Some(track), screen: true })
}

fn pictures_of(track: &Track) -> Option<&Arc<Pictures>> {
    match &track.media {
        Media::Pictures(pictures) => Some(pictures),
        Media::Sound(_) => None,
    }
}

fn wish(track: Option<&Track>, tile: Size, consumer: Consumer) -> Option<(TrackSid, Arc<Pictures>)> {
    let track = track?;
    let pictures = pictures_of(track)?;
    pictures.want(consumer, tile);
    Some((track.sid.clone(), pictures.clone()))
}

fn draw_more(canvas: &mut Canvas, more: More) {
    canvas.fill(more.rect, Colour::TILE);
    let text = format!("{} more", more.count);
    centred(canvas, &text, more.rect, more.rect.height / 5, Colour::WHITE);
}

/// Text in the middle of a rectangle.
pub(crate) fn centred(canvas: &mut Canvas, text: &str, rect: Rect, px: u32, colour: Colour) {
    let mask = text::mask(text, px, rect.width);
    let (width, height) = (side(mask.width), side(mask.height));
    let x = rect.x + rect.width.saturating_sub(width) / 2;
    let y = rect.y + rect.height.saturating_sub(height) / 2;
    canvas.blend(&mask, x, y, colour);
}

fn draw_placeholder(canvas: &mut Canvas, person: &Person, track: Option<&Track>, rect: Rect) {
    let diameter = rect.height * 2 / 5;
    let circle = Rect {
        x: rect.x + (rect.width - diameter.min(rect.width)) / 2,
        y: rect.y + (rect.height - diameter) / 2,
        width: diameter,
        height: diameter,
    };
    canvas.blend(&icon::disc(diameter as usize), circle.x, circle.y, Colour::of_name(&person.name));
    centred(canvas, &text::initials(&person.name), circle, diameter * 2 / 5, Colour::WHITE);
    if track.is_some_and(|t| t.encrypted) {
        let line = Rect { y: circle.y + diameter, height: (rect.height - diameter) / 4, ..rect };
        centred(canvas, "End-to-end encrypted", line, (rect.height / 16).max(12), Colour::GREY);
    }
}

fn draw_name(canvas: &mut Canvas, tile: &Tile<'_>, rect: Rect) {
    let px = (rect.height / 16).clamp(12, 26);
    let muted = !tile.screen && microphone_off(tile.person);
    let mark = if muted { px + px / 3 } else { 0 };
    let text =
        if tile.screen { format!("{} · screen", tile.person.name) } else { tile.person.name.to_string() };
    let mask = text::mask(&text, px, (rect.width * 3 / 4).saturating_sub(mark));
    let height = side(mask.height) + px / 3;
    let ground = Rect {
        x: rect.x + 8,
        y: (rect.y + rect.height).saturating_sub(height + 8) & !1,
        width: (side(mask.width) + px + mark) & !1,
        height: height & !1,
    };
    canvas.shade(ground);
    if muted {
        canvas.blend(&icon::microphone_off(px as usize), ground.x + px / 3, ground.y + px / 3, Colour::RED);
    }
    canvas.blend(&mask, ground.x + px / 2 + mark, ground.y + px / 6, Colour::WHITE);
}

fn microphone_off(person: &Person) -> bool {
    let microphone = person.tracks.iter().find(|t| matches!(t.source, Source::Microphone));
    microphone.is_none_or(|t| t.muted)
}

fn side(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
