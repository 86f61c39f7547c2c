//! Where each picture goes on a canvas: the TV and recordings (`features.md` V8, B3).
//!
//! Pure geometry: knows neither participants nor pixels, only how many tiles there are.
//! Every tile is 16:9, lies inside the canvas on even coordinates (4:2:0 chroma) and overlaps no other.

use crate::units::Size;

/// Most cells of a grid; with more people the last cell counts the rest.
pub const GRID_CELLS: usize = 25;
/// Most cells of the strip beside a large picture.
pub const STRIP_CELLS: usize = 5;

/// A part of the canvas in pixels; all four numbers are even.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Rect {
    /// Its size.
    pub const fn size(self) -> Size {
        Size { width: self.width, height: self.height }
    }

    /// The largest rectangle of the proportions of `picture` centred in this one, on even
    /// coordinates; this one itself when `picture` has no area.
    pub fn fit(self, picture: Size) -> Self {
        if picture.width == 0 || picture.height == 0 {
            return self;
        }
        let (w, h) = (u64::from(picture.width), u64::from(picture.height));
        let by_height = u64::from(self.height) * w / h;
        let (width, height) = if by_height <= u64::from(self.width) {
            (by_height, u64::from(self.height))
        } else {
            (u64::from(self.width), u64::from(self.width) * h / w)
        };
        let width = even(clamp_u32(width).max(2)).min(self.width);
        let height = even(clamp_u32(height).max(2)).min(self.height);
        Self {
            x: even(self.x + (self.width - width) / 2),
            y: even(self.y + (self.height - height) / 2),
            width,
            height,
        }
    }
}

/// The cell that says “n more”.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// Where.
    pub rect: Rect,
    /// How many are not shown.
    pub count: usize,
}

/// Where everything goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// One tile per shown picture, in the order of importance given.
    pub tiles: Vec<Rect>,
    /// The rest, when not all are shown.
    pub more: Option<More>,
}

/// Kinds of arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Equal tiles, at most [`GRID_CELLS`].
    #[default]
    Grid,
    /// The first picture large, the others in a strip.
    Speaker,
    /// Only the first picture; the others are neither shown nor counted.
    Single,
}

/// Arranges `count` pictures on `canvas`. A canvas without area gives nothing.
pub fn arrange(canvas: Size, layout: Layout, count: usize) -> Arrangement {
    let whole = Rect { x: 0, y: 0, width: even(canvas.width), height: even(canvas.height) };
    if count == 0 || whole.width < 2 || whole.height < 2 {
        return Arrangement::default();
    }
    match layout {
        Layout::Single => Arrangement { tiles: vec![whole.fit(WIDE)], more: None },
        Layout::Speaker if count > 1 => speaker(whole, count),
        Layout::Grid | Layout::Speaker => cells(whole, count, GRID_CELLS),
    }
}

const WIDE: Size = Size { width: 16, height: 9 };

/// The first tile large, the others beside (wide canvas) or below it (tall canvas).
fn speaker(whole: Rect, count: usize) -> Arrangement {
    let wide = whole.width >= whole.height;
    let (main, strip) = if wide {
        let side = even(whole.width / 5);
        let main = Rect { width: whole.width - side, ..whole };
        (main, Rect { x: main.width, width: side, ..whole })
    } else {
        let top = even(whole.width * 9 / 16 + 1).min(even(whole.height * 4 / 5));
        let main = Rect { height: top, ..whole };
        (main, Rect { y: top, height: whole.height - top, ..whole })
    };
    let mut rest = if wide { column(strip, count - 1) } else { cells(strip, count - 1, STRIP_CELLS) };
    rest.tiles.insert(0, main.fit(WIDE));
    rest
}

fn column(strip: Rect, count: usize) -> Arrangement {
    let cell = strip.fit(WIDE);
    let room = (strip.height / cell.height.max(1)).max(1) as usize;
    let shown = count.min(STRIP_CELLS.min(room));
    let used = cell.height * clamp_len(shown);
    let top = even((strip.height - used) / 2);
    let rects = (0..shown).map(|n| Rect { y: strip.y + top + cell.height * clamp_len(n), ..cell });
    counted(rects.collect(), count)
}

/// Equal cells in rows; the last row is centred.
fn cells(area: Rect, count: usize, most: usize) -> Arrangement {
    let shown = count.min(most);
    let wide = area.width >= area.height;
    let (columns, tile) = (1..=shown)
        .map(|columns| (columns, cell_size(area, columns, shown.div_ceil(columns))))
        .max_by_key(|&(columns, tile)| (tile.width, if wide { columns } else { shown - columns }))
        .unwrap_or((1, Size::default()));
    let rows = shown.div_ceil(columns);
    let top = (area.height - tile.height * clamp_len(rows)) / 2;
    let rects = (0..shown).map(|n| {
        let (row, column) = (n / columns, n % columns);
        let in_row = columns.min(shown - row * columns);
        let left = (area.width - tile.width * clamp_len(in_row)) / 2;
        Rect {
            x: even(area.x + left + tile.width * clamp_len(column)),
            y: even(area.y + top + tile.height * clamp_len(row)),
            width: tile.width,
            height: tile.height,
        }
    });
    counted(rects.collect(), count)
}

fn cell_size(area: Rect, columns: usize, rows: usize) -> Size {
    let cell = Rect {
        x: 0,
        y: 0,
        width: even(area.width / clamp_len(columns)),
        height: even(area.height / clamp_len(rows)),
    };
    if cell.width < 2 || cell.height < 2 {
        return Size::default();
    }
    cell.fit(WIDE).size()
}

/// Turns the last cell into “n more” when there are more pictures than cells.
fn counted(mut tiles: Vec<Rect>, count: usize) -> Arrangement {
    if count <= tiles.len() {
        return Arrangement { tiles, more: None };
    }
    let more = tiles.pop().map(|rect| More { rect, count: count - tiles.len() });
    Arrangement { tiles, more }
}

const fn even(n: u32) -> u32 {
    n & !1
}

fn clamp_u32(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn clamp_len(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HD: Size = Size { width: 1280, height: 720 };

    fn all(a: &Arrangement) -> Vec<Rect> {
        a.tiles.iter().copied().chain(a.more.map(|m| m.rect)).collect()
    }

    fn apart(a: Rect, b: Rect) -> bool {
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
    }

    #[test]
    fn four_people_get_tiles_of_the_middle_layer() {
        let a = arrange(HD, Layout::Grid, 4);
        assert_eq!(a.tiles.len(), 4);
        assert!(a.tiles.iter().all(|r| r.size() == Size { width: 640, height: 360 }));
        assert_eq!(a.tiles[3], Rect { x: 640, y: 360, width: 640, height: 360 });
    }

    #[test]
    fn two_people_sit_side_by_side_on_a_wide_canvas_and_stacked_on_a_tall_one() {
        let wide = arrange(HD, Layout::Grid, 2);
        assert_eq!((wide.tiles[0].x, wide.tiles[1].x), (0, 640));
        let tall = arrange(Size { width: 720, height: 1280 }, Layout::Grid, 2);
        assert_eq!((tall.tiles[0].x, tall.tiles[1].x), (0, 0));
    }

    #[test]
    fn one_person_fills_the_canvas_and_nobody_leaves_it_empty() {
        assert_eq!(arrange(HD, Layout::Grid, 1).tiles[0].size(), HD);
        assert_eq!(arrange(HD, Layout::Grid, 0), Arrangement::default());
    }

    #[test]
    fn thirty_people_show_24_and_count_6() {
        let a = arrange(HD, Layout::Grid, 30);
        assert_eq!((a.tiles.len(), a.more.unwrap().count), (24, 6));
    }

    #[test]
    fn the_speaker_is_at_least_ten_times_a_strip_tile() {
        let a = arrange(HD, Layout::Speaker, 4);
        let area = |r: Rect| r.width * r.height;
        assert!(area(a.tiles[0]) > 10 * area(a.tiles[1]));
        assert_eq!(a.tiles.len(), 4);
    }

    #[test]
    fn single_shows_one_of_many() {
        assert_eq!(arrange(HD, Layout::Single, 9).tiles.len(), 1);
    }

    #[test]
    fn a_phone_picture_is_fitted_upright() {
        let tile = Rect { x: 640, y: 0, width: 640, height: 360 };
        let fitted = tile.fit(Size { width: 720, height: 1280 });
        assert_eq!(fitted.height, 360);
        assert!(fitted.width < 210 && fitted.x > 640);
    }

    proptest! {
        #[test]
        fn tiles_are_wide_inside_and_apart(
            width in 160u32..4096, height in 160u32..4096, count in 0usize..200,
            layout in prop::sample::select(vec![Layout::Grid, Layout::Speaker, Layout::Single]),
        ) {
            let a = arrange(Size { width, height }, layout, count);
            let rects = all(&a);
            for (n, r) in rects.iter().enumerate() {
                prop_assert!(r.x + r.width <= width && r.y + r.height <= height);
                prop_assert!(r.width > 0 && r.height > 0);
                prop_assert!((r.x | r.y | r.width | r.height) % 2 == 0);
                prop_assert!((i64::from(r.width) * 9 - i64::from(r.height) * 16).abs() <= 50);
                prop_assert!(rects[n + 1..].iter().all(|other| apart(*r, *other)));
            }
            if layout != Layout::Single {
                prop_assert_eq!(a.tiles.len() + a.more.map_or(0, |m| m.count), count);
            }
        }

        #[test]
        fn no_canvas_panics(width in 0u32..300, height in 0u32..300, count in 0usize..60,
            layout in prop::sample::select(vec![Layout::Grid, Layout::Speaker, Layout::Single])) {
            for r in all(&arrange(Size { width, height }, layout, count)) {
                prop_assert!(r.x + r.width <= width && r.y + r.height <= height);
            }
        }

        #[test]
        fn a_fitted_picture_stays_in_its_tile(
            x in 0u32..500, y in 0u32..500, w in 1u32..900, h in 1u32..900, pw in 0u32..5000, ph in 0u32..5000,
        ) {
            let tile = Rect { x: x * 2, y: y * 2, width: w * 2, height: h * 2 };
            let f = tile.fit(Size { width: pw, height: ph });
            prop_assert!(f.x >= tile.x && f.y >= tile.y);
            prop_assert!(f.x + f.width <= tile.x + tile.width && f.y + f.height <= tile.y + tile.height);
        }
    }
}
