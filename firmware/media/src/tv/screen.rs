//! What the TV shows besides people: the idle screen, tally, mute, notices (`features.md` B3).

use std::sync::Arc;

use huddle_core::layout::Rect;
use huddle_core::units::Size;
use qrcode::{Color, QrCode};

use crate::capture::Room;
use crate::draw::canvas::{Canvas, Colour};
use crate::draw::{icon, text};
use crate::picture::{Scaler, size};
use crate::port::{Tally, TvScene};

/// Draws the screen; keeps what is costly to make.
pub(crate) struct Screen {
    room: Arc<Room>,
    own: Option<Scaler>,
    qr: Option<(String, Option<Code>)>,
}

#[derive(Clone)]
struct Code {
    side: usize,
    dark: Vec<bool>,
}

impl Screen {
    /// `room` is the small self-view while nobody else is there.
    pub(crate) fn new(room: Arc<Room>) -> Self {
        Self { room, own: None, qr: None }
    }

    /// Nobody else is there: room name, clock, how to join, health, self-view.
    pub(crate) fn idle(&mut self, canvas: &mut Canvas, scene: &TvScene) {
        canvas.clear(Colour::BACKGROUND);
        let Size { width, height } = canvas.size();
        let unit = height / 36;
        let left = width / 12;
        write(canvas, &scene.room_name, (left, height / 6), unit * 3, width / 2, Colour::WHITE);
        write(canvas, &scene.clock, (left, height / 6 + unit * 5), unit * 4, width / 2, Colour::GREY);
        if let Some(url) = &scene.join_url {
            write(
                canvas,
                "Join this meeting room:",
                (left, height / 2 + unit),
                unit,
                width / 2,
                Colour::GREY,
            );
            let mut px = unit * 6 / 5;
            while px > 10 && text::mask(url, px, 10_000).width > (width / 2) as usize {
                px -= 1;
            }
            write(canvas, url, (left, height / 2 + unit * 3), px, width / 2, Colour::WHITE);
            self.code(canvas, url, width, height);
        }
        for (n, line) in (0..6).zip(&scene.health) {
            write(
                canvas,
                line,
                (left, height * 3 / 4 + unit * 3 / 2 * n),
                unit,
                width * 2 / 3,
                Colour::AMBER,
            );
        }
        if scene.in_meeting && !scene.camera_off {
            self.self_view(canvas, width, height);
        }
        draw_marks(canvas, scene);
        notice(canvas, scene.notice.as_deref(), Colour::WHITE);
    }

    /// Over the pictures of a meeting: tally, mute, notice, trouble.
    pub(crate) fn overlay(&self, canvas: &mut Canvas, scene: &TvScene) {
        draw_marks(canvas, scene);
        match (&scene.notice, scene.health.first()) {
            (Some(text), _) => notice(canvas, Some(text), Colour::WHITE),
            (None, trouble) => notice(canvas, trouble.map(String::as_str), Colour::AMBER),
        }
    }

    fn code(&mut self, canvas: &mut Canvas, url: &str, width: u32, height: u32) {
        if self.qr.as_ref().is_none_or(|(known, _)| known != url) {
            self.qr = Some((url.to_owned(), encode(url)));
        }
        let Some((_, Some(code))) = &self.qr else { return };
        let modules = u32::try_from(code.side).unwrap_or(1) + 8; // four modules of quiet zone
        let module = (height / 2 / modules).max(2) & !1;
        let side = module * modules;
        let x = (width * 11 / 12).saturating_sub(side) & !1;
        let y = (height.saturating_sub(side) / 2) & !1;
        canvas.fill(Rect { x, y, width: side, height: side }, Colour::WHITE);
        for (n, _) in code.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (column, row) = (n % code.side, n / code.side);
            let at = |n: usize| (u32::try_from(n).unwrap_or(0) + 4) * module;
            canvas.fill(
                Rect { x: x + at(column), y: y + at(row), width: module, height: module },
                Colour::BLACK,
            );
        }
    }

    fn self_view(&mut self, canvas: &mut Canvas, width: u32, height: u32) {
        let place = Rect {
            x: (width * 2 / 5) & !1,
            y: (height * 3 / 4) & !1,
            width: (width / 5) & !1,
            height: (height / 5) & !1,
        };
        let Some(picture) = self.room.pictures.at(i64::MAX) else { return };
        let target = place.fit(size(&picture));
        if self.own.as_ref().is_none_or(|s| s.size() != target.size()) {
            self.own = Scaler::new(target.size());
        }
        if let Some(scaled) = self.own.as_mut().and_then(|s| s.scale(&picture)) {
            canvas.copy(scaled, target.x, target.y);
        }
    }
}

fn encode(url: &str) -> Option<Code> {
    let code = QrCode::new(url.as_bytes()).ok()?;
    let dark = code.to_colors().into_iter().map(|c| c == Color::Dark).collect();
    Some(Code { side: code.width(), dark })
}

fn write(canvas: &mut Canvas, line: &str, (x, y): (u32, u32), px: u32, width: u32, colour: Colour) {
    canvas.blend(&text::mask(line, px, width), x, y, colour);
}

/// Tally at the top left, microphone and camera at the top right.
fn draw_marks(canvas: &mut Canvas, scene: &TvScene) {
    let Size { width, height } = canvas.size();
    let px = (height / 28).max(12);
    if let Some((colour, words)) = tally(scene) {
        let mask = text::mask(&words, px, width / 3);
        let ground = Rect { x: 16, y: 16, width: mask_width(&mask) + px * 3, height: px * 2 };
        canvas.shade(ground);
        canvas.blend(&icon::disc(px as usize), 16 + px / 2, 16 + px / 2, colour);
        canvas.blend(&mask, 16 + px * 2, 16 + px * 3 / 8, Colour::WHITE);
    }
    let mut right = width.saturating_sub(16);
    if scene.in_meeting && scene.mic_muted {
        let ground = Rect { x: right.saturating_sub(px * 2) & !1, y: 16, width: px * 2, height: px * 2 };
        canvas.shade(ground);
        canvas.blend(
            &icon::microphone_off((px * 3 / 2) as usize),
            ground.x + px / 4,
            ground.y + px / 4,
            Colour::RED,
        );
        right = ground.x.saturating_sub(8);
    }
    if scene.in_meeting && scene.camera_off {
        let mask = text::mask("Camera off", px, width / 4);
        let ground = Rect {
            x: right.saturating_sub(mask_width(&mask) + px) & !1,
            y: 16,
            width: mask_width(&mask) + px,
            height: px * 2,
        };
        canvas.shade(ground);
        canvas.blend(&mask, ground.x + px / 2, ground.y + px * 3 / 8, Colour::WHITE);
    }
}

fn tally(scene: &TvScene) -> Option<(Colour, String)> {
    match scene.tally {
        Tally::Off => None,
        Tally::Busy => Some((Colour::AMBER, "…".into())),
        Tally::On => Some((Colour::RED, elapsed(scene.recording_seconds.unwrap_or(0)))),
        Tally::Fault => Some((Colour::RED, "Recording failed".into())),
    }
}

/// `REC 0:05`, `REC 1:02:03`.
fn elapsed(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("REC {hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("REC {minutes}:{seconds:02}")
    }
}

fn notice(canvas: &mut Canvas, line: Option<&str>, colour: Colour) {
    let Some(line) = line.filter(|l| !l.is_empty()) else { return };
    let Size { width, height } = canvas.size();
    let px = (height / 26).max(12);
    // At the top, between tally and marks: names are at the bottom.
    let wide = mask_width(&text::mask(line, px, width / 2)) + px * 2;
    let ground = Rect { x: (width.saturating_sub(wide) / 2) & !1, y: 16, width: wide & !1, height: px * 2 };
    canvas.shade(ground);
    canvas.blend(&text::mask(line, px, width / 2), ground.x + px, ground.y + px * 3 / 8, colour);
}

fn mask_width(mask: &crate::draw::canvas::Mask) -> u32 {
    u32::try_from(mask.width).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_time_reads_like_a_clock() {
        assert_eq!([elapsed(5), elapsed(3_723)], ["REC 0:05", "REC 1:02:03"]);
    }

    #[test]
    fn every_scene_can_be_drawn_on_every_canvas() {
        for side in [0, 90, 720] {
            let mut canvas = Canvas::new(Size { width: side * 16 / 9, height: side });
            let scene = TvScene {
                room_name: "Board room ".repeat(20),
                join_url: Some("https://box/".repeat(300)),
                in_meeting: true,
                tally: Tally::On,
                mic_muted: true,
                camera_off: true,
                notice: Some("Recording saved".into()),
                health: vec!["No network".into(); 20],
                ..TvScene::default()
            };
            let mut screen = Screen::new(Arc::default());
            screen.idle(&mut canvas, &scene);
            screen.overlay(&mut canvas, &scene);
        }
    }
}
