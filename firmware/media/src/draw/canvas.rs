//! An I420 canvas (BT.601, limited range) and what can be drawn on it. Everything is clipped.

use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use huddle_core::layout::Rect;
use huddle_core::units::Size;

/// A colour in Y′CbCr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    y: u8,
    u: u8,
    v: u8,
}

impl Colour {
    pub(crate) const BLACK: Self = Self::rgb(0, 0, 0);
    pub(crate) const WHITE: Self = Self::rgb(255, 255, 255);
    pub(crate) const GREY: Self = Self::rgb(160, 166, 176);
    pub(crate) const BACKGROUND: Self = Self::rgb(15, 18, 24);
    pub(crate) const TILE: Self = Self::rgb(36, 41, 51);
    pub(crate) const RED: Self = Self::rgb(229, 57, 53);
    pub(crate) const AMBER: Self = Self::rgb(255, 179, 0);
    pub(crate) const GREEN: Self = Self::rgb(76, 200, 120);

    /// What goes with a name; the pages give it the same (`hueOf` in `web-ui/src/lib/format.ts`).
    pub(crate) fn of_name(name: &str) -> Self {
        let hash = name.chars().fold(7, |hash: u32, c| (hash * 31 + u32::from(c)) % 100_003);
        Self::hsl(u16::try_from(hash % 360).unwrap_or_default(), 34, 33)
    }

    /// From hue (degrees), saturation and lightness (percent), as CSS has them.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "each part is within 0..=255 once rounded"
    )]
    fn hsl(hue: u16, saturation: u8, lightness: u8) -> Self {
        let lightness = f32::from(lightness) / 100.0;
        let reach = f32::from(saturation) / 100.0 * lightness.min(1.0 - lightness);
        let part = |offset: f32| {
            let turn = (offset + f32::from(hue) / 30.0) % 12.0;
            let level = lightness - reach * (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0);
            (level * 255.0).round() as u8
        };
        Self::rgb(part(0.0), part(8.0), part(4.0))
    }

    /// From sRGB, BT.601 limited range.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the sums are within 16..=240"
    )]
    pub(crate) const fn rgb(r: u8, g: u8, b: u8) -> Self {
        let (r, g, b) = (r as i32, g as i32, b as i32);
        Self {
            y: (((66 * r + 129 * g + 25 * b + 128) >> 8) + 16) as u8,
            u: (((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128) as u8,
            v: (((112 * r - 94 * g - 18 * b + 128) >> 8) + 128) as u8,
        }
    }
}

/// Coverage 0–255 of a shape or a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) alpha: Vec<u8>,
}

impl Mask {
    /// A shape by a function of the pixel.
    pub(crate) fn draw(width: usize, height: usize, coverage: impl Fn(usize, usize) -> u8) -> Self {
        let alpha = (0..width * height).map(|n| coverage(n % width, n / width)).collect();
        Self { width, height, alpha }
    }

    fn at(&self, x: usize, y: usize) -> u32 {
        if x >= self.width {
            return 0;
        }
        self.alpha.get(y * self.width + x).copied().map_or(0, u32::from)
    }
}

/// The canvas: three planes without padding, one after the other.
#[derive(Clone)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Canvas {
    /// The nearest size with a width divisible by 8 and an even height (GStreamer's strides), at
    /// least 160×90.
    pub(crate) fn size_for(size: Size) -> Size {
        Size { width: size.width.clamp(160, 7_680) & !7, height: size.height.clamp(90, 7_680) & !1 }
    }

    /// A black canvas of [`Self::size_for`] `size`.
    pub(crate) fn new(size: Size) -> Self {
        let size = Self::size_for(size);
        let (width, height) = (size.width as usize, size.height as usize);
        let mut canvas = Self { width, height, data: vec![0; width * height * 3 / 2] };
        canvas.clear(Colour::BLACK);
        canvas
    }

    /// Its size.
    pub(crate) fn size(&self) -> Size {
        let side = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Size { width: side(self.width), height: side(self.height) }
    }

    /// The planes Y, U, V as one I420 frame.
    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// One colour all over.
    pub(crate) fn clear(&mut self, colour: Colour) {
        let (y, u, v) = self.planes();
        y.fill(colour.y);
        u.fill(colour.u);
        v.fill(colour.v);
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, rect: Rect, colour: Colour) {
        let (width, (y, u, v)) = (self.width, self.planes());
        fill_plane(y, width, rect, 1, colour.y);
        fill_plane(u, width / 2, rect, 2, colour.u);
        fill_plane(v, width / 2, rect, 2, colour.v);
    }

    /// A frame of `thickness` inside the rectangle.
    pub(crate) fn frame(&mut self, r: Rect, thickness: u32, colour: Colour) {
        let t = thickness.min(r.width / 2).min(r.height / 2);
        self.fill(Rect { height: t, ..r }, colour);
        self.fill(Rect { y: r.y + r.height - t, height: t, ..r }, colour);
        self.fill(Rect { width: t, ..r }, colour);
        self.fill(Rect { x: r.x + r.width - t, width: t, ..r }, colour);
    }

    /// Copies an I420 picture with its corner at `x`, `y` (even).
    pub(crate) fn copy<T>(&mut self, picture: &gst_video::VideoFrame<T>, x: u32, y: u32) {
        let (width, (py, pu, pv)) = (self.width, self.planes());
        for (n, (plane, part)) in [(py, 1), (pu, 2), (pv, 2)].into_iter().enumerate() {
            let plane_no = u32::try_from(n).unwrap_or(0);
            let Ok(from) = picture.plane_data(plane_no) else { return };
            let stride = picture.plane_stride().get(n).and_then(|&s| usize::try_from(s).ok()).unwrap_or(0);
            let row = (picture.width() as usize).div_ceil(part);
            let rows = (picture.height() as usize).div_ceil(part);
            let to = (x as usize / part, y as usize / part, width / part);
            copy_plane(from, (stride, row, rows), plane, to);
        }
    }

    /// Blends a colour through a mask with its corner at `x`, `y` (rounded down to even).
    pub(crate) fn blend(&mut self, mask: &Mask, x: u32, y: u32, colour: Colour) {
        let (x, y) = ((x & !1) as usize, (y & !1) as usize);
        let (width, (py, pu, pv)) = (self.width, self.planes());
        for row in 0..mask.height {
            for column in 0..mask.width.min(width.saturating_sub(x)) {
                let alpha = mask.at(column, row);
                if alpha > 0
                    && let Some(pixel) = py.get_mut((y + row) * width + x + column)
                {
                    *pixel = over(*pixel, colour.y, alpha);
                }
            }
        }
        let half = width / 2;
        for row in 0..mask.height.div_ceil(2) {
            for column in 0..mask.width.div_ceil(2).min(half.saturating_sub(x / 2)) {
                let (c, r) = (2 * column, 2 * row);
                let alpha =
                    (mask.at(c, r) + mask.at(c + 1, r) + mask.at(c, r + 1) + mask.at(c + 1, r + 1)) / 4;
                let at = (y / 2 + row) * half + x / 2 + column;
                if let (true, Some(u), Some(v)) = (alpha > 0, pu.get_mut(at), pv.get_mut(at)) {
                    *u = over(*u, colour.u, alpha);
                    *v = over(*v, colour.v, alpha);
                }
            }
        }
    }

    /// Darkens a rectangle to a quarter, as ground for text.
    pub(crate) fn shade(&mut self, rect: Rect) {
        let (width, (y, u, v)) = (self.width, self.planes());
        each_row(y, width, rect, 1, |row| row.iter_mut().for_each(|p| *p = over(*p, 16, 190)));
        for plane in [u, v] {
            each_row(plane, width / 2, rect, 2, |row| row.iter_mut().for_each(|p| *p = over(*p, 128, 190)));
        }
    }

    /// The canvas as 8-bit RGB rows.
    pub(crate) fn rgb(&self) -> Vec<u8> {
        let area = self.width * self.height;
        let (luma, chroma) = self.data.split_at(area);
        let (us, vs) = chroma.split_at(area / 4);
        let mut out = Vec::with_capacity(area * 3);
        for (n, row) in luma.chunks_exact(self.width).enumerate() {
            let from = (n / 2) * (self.width / 2);
            let us = us.get(from..).unwrap_or_default();
            let vs = vs.get(from..).unwrap_or_default();
            for (pair, (&u, &v)) in row.chunks_exact(2).zip(us.iter().zip(vs)) {
                for &y in pair {
                    out.extend_from_slice(&to_rgb(y, u, v));
                }
            }
        }
        out
    }

    fn planes(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let area = self.width * self.height;
        let (y, chroma) = self.data.split_at_mut(area);
        let (u, v) = chroma.split_at_mut(area / 4);
        (y, u, v)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a weighted mean of two bytes is a byte")]
fn over(below: u8, above: u8, alpha: u32) -> u8 {
    ((u32::from(below) * (255 - alpha) + u32::from(above) * alpha + 127) / 255) as u8
}

#[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
fn to_rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let (c, d, e) = (i32::from(y) - 16, i32::from(u) - 128, i32::from(v) - 128);
    let byte = |n: i32| ((n + 128) >> 8).clamp(0, 255) as u8;
    [byte(298 * c + 409 * e), byte(298 * c - 100 * d - 208 * e), byte(298 * c + 516 * d)]
}

fn each_row(plane: &mut [u8], width: usize, rect: Rect, part: u32, mut edit: impl FnMut(&mut [u8])) {
    let left = (rect.x / part) as usize;
    let right = ((rect.x + rect.width) / part) as usize;
    let rows = ((rect.y + rect.height) / part).saturating_sub(rect.y / part) as usize;
    for row in plane.chunks_exact_mut(width).skip((rect.y / part) as usize).take(rows) {
        if let Some(row) = row.get_mut(left..right.min(width)) {
            edit(row);
        }
    }
}

fn fill_plane(plane: &mut [u8], width: usize, rect: Rect, part: u32, value: u8) {
    each_row(plane, width, rect, part, |row| row.fill(value));
}

/// `(stride, row, rows)` of the source; `(x, y, width)` in the target.
fn copy_plane(
    from: &[u8],
    (stride, row, rows): (usize, usize, usize),
    to: &mut [u8],
    (x, y, width): (usize, usize, usize),
) {
    let row = row.min(width.saturating_sub(x));
    let targets = to.chunks_exact_mut(width).skip(y).take(rows);
    for (source, target) in from.chunks(stride.max(1)).zip(targets) {
        if let (Some(source), Some(target)) = (source.get(..row), target.get_mut(x..x + row)) {
            target.copy_from_slice(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Size = Size { width: 160, height: 90 };

    fn pixel(canvas: &Canvas, x: usize, y: usize) -> [u8; 3] {
        let rgb = canvas.rgb();
        let at = (y * canvas.width + x) * 3;
        [rgb[at], rgb[at + 1], rgb[at + 2]]
    }

    fn near(a: [u8; 3], b: [u8; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 4)
    }

    #[test]
    fn colours_come_back_from_the_canvas() {
        let mut c = Canvas::new(SMALL);
        c.fill(Rect { x: 10, y: 10, width: 20, height: 20 }, Colour::rgb(200, 30, 60));
        assert!(near(pixel(&c, 11, 11), [200, 30, 60]));
        assert!(near(pixel(&c, 31, 11), [0, 0, 0]));
        assert_eq!(c.rgb().len(), 160 * 90 * 3);
    }

    /// The same names and hues as in the pages' own test.
    #[test]
    fn a_name_has_the_colour_that_the_pages_give_it() {
        assert_eq!(Colour::of_name("Anna"), Colour::hsl(304, 34, 33));
        assert_eq!(Colour::of_name("王伟"), Colour::hsl(344, 34, 33));
        assert_eq!(Colour::hsl(304, 34, 33), Colour::rgb(113, 56, 109));
        assert_eq!(Colour::hsl(120, 100, 25), Colour::rgb(0, 128, 0));
    }

    #[test]
    fn drawing_outside_is_clipped() {
        let mut c = Canvas::new(SMALL);
        let mask = Mask::draw(50, 50, |_, _| 255);
        c.fill(Rect { x: 150, y: 80, width: 900, height: 900 }, Colour::WHITE);
        c.blend(&mask, 140, 80, Colour::RED);
        c.blend(&mask, 9_000, 9_000, Colour::RED);
        c.shade(Rect { x: 158, y: 0, width: 50, height: 50 });
        c.frame(Rect { x: 0, y: 0, width: 2, height: 2 }, 9, Colour::RED);
        assert!(near(pixel(&c, 159, 89), [229, 57, 53]));
    }

    #[test]
    fn half_covered_is_half_of_each() {
        let mut c = Canvas::new(SMALL);
        c.blend(&Mask::draw(10, 10, |_, _| 128), 0, 0, Colour::WHITE);
        assert!(near(pixel(&c, 4, 4), [128, 128, 128]));
    }

    #[test]
    fn odd_sizes_become_usable_ones() {
        let odd = Size { width: 1285, height: 721 };
        assert_eq!(Canvas::size_for(odd), Size { width: 1280, height: 720 });
        assert_eq!(Canvas::new(Size::default()).size(), Size { width: 160, height: 90 });
    }
}
