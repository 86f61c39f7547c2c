//! Text as masks, kept for re-use. Fonts are compiled in (Latin, Greek, Cyrillic, emoji); the
//! system's DejaVu is preferred where it is installed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use ab_glyph::{Font, FontRef, FontVec, Glyph, GlyphId, PxScale, ScaleFont, point};

use crate::draw::canvas::Mask;
use crate::picture::lock;

/// Masks kept; when more are needed all are made anew.
const KEPT: usize = 400;
/// Characters of a text that are looked at.
const LONGEST: usize = 200;
const DEJAVU: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
const RARE: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansHebrew-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf",
];

type Key = (String, u32, u32);

/// The text in `px` pixels high letters, cut with “…” to at most `width` pixels.
pub(crate) fn mask(text: &str, px: u32, width: u32) -> Arc<Mask> {
    static CACHE: OnceLock<Mutex<HashMap<Key, Arc<Mask>>>> = OnceLock::new();
    let mut cache = lock(CACHE.get_or_init(Mutex::default));
    let key = (text.chars().take(LONGEST).collect::<String>(), px, width);
    if let Some(known) = cache.get(&key) {
        return known.clone();
    }
    if cache.len() >= KEPT {
        cache.clear();
    }
    let made = Arc::new(render(&key.0, px, width));
    cache.insert(key, made.clone());
    made
}

/// Up to two initials of a name.
pub(crate) fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = [words.first(), words.last().filter(|_| words.len() > 1)];
    let letters = ends.into_iter().flatten().filter_map(|w| w.chars().find(|c| c.is_alphanumeric()));
    letters.flat_map(char::to_uppercase).collect()
}

enum Face {
    Built(Box<FontRef<'static>>),
    System(FontVec),
}

impl Face {
    fn id(&self, c: char) -> GlyphId {
        match self {
            Self::Built(f) => f.glyph_id(c),
            Self::System(f) => f.glyph_id(c),
        }
    }

    fn advance(&self, id: GlyphId, px: f32) -> f32 {
        match self {
            Self::Built(f) => f.as_scaled(px).h_advance(id),
            Self::System(f) => f.as_scaled(px).h_advance(id),
        }
    }

    fn ascent(&self, px: f32) -> f32 {
        match self {
            Self::Built(f) => f.as_scaled(px).ascent(),
            Self::System(f) => f.as_scaled(px).ascent(),
        }
    }

    fn draw(&self, glyph: Glyph, mask: &mut Mask) {
        let outlined = match self {
            Self::Built(f) => f.outline_glyph(glyph),
            Self::System(f) => f.outline_glyph(glyph),
        };
        let Some(outlined) = outlined else { return };
        let bounds = outlined.px_bounds();
        outlined.draw(|x, y, coverage| {
            let (x, y) = (bounds.min.x + x as f32, bounds.min.y + y as f32);
            if x < 0.0 || y < 0.0 || x >= mask.width as f32 {
                return;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the mask")]
            let (at, alpha) =
                (y as usize * mask.width + x as usize, (coverage * 255.0).clamp(0.0, 255.0) as u8);
            if let Some(pixel) = mask.alpha.get_mut(at) {
                *pixel = (*pixel).max(alpha);
            }
        });
    }
}

fn faces() -> &'static [Face] {
    static FACES: OnceLock<Vec<Face>> = OnceLock::new();
    FACES.get_or_init(|| {
        let system = std::fs::read(DEJAVU).ok().and_then(|bytes| FontVec::try_from_vec(bytes).ok());
        let built = [epaint_default_fonts::UBUNTU_LIGHT, epaint_default_fonts::NOTO_EMOJI_REGULAR];
        let built = built.into_iter().filter_map(|bytes| FontRef::try_from_slice(bytes).ok());
        system.map(Face::System).into_iter().chain(built.map(|font| Face::Built(Box::new(font)))).collect()
    })
}

/// Large fonts that are read only when a character needs them.
fn rare_faces() -> &'static [Face] {
    static FACES: OnceLock<Vec<Face>> = OnceLock::new();
    FACES.get_or_init(|| {
        let read =
            |path| std::fs::read(path).ok().and_then(|bytes| FontVec::try_from_vec_and_index(bytes, 0).ok());
        RARE.iter().filter_map(read).map(Face::System).collect()
    })
}

/// The first face that has the character; the first of all when none has.
fn face_of(c: char) -> Option<(&'static Face, GlyphId)> {
    let find = |faces: &'static [Face]| faces.iter().map(|face| (face, face.id(c))).find(|(_, id)| id.0 != 0);
    let having = find(faces()).or_else(|| find(rare_faces()));
    having.or_else(|| faces().first().map(|face| (face, face.id('?'))))
}

fn render(text: &str, px: u32, width: u32) -> Mask {
    let size = px as f32;
    let shown = text.chars().filter(|c| !c.is_control());
    let glyphs: Vec<_> = shown.filter_map(face_of).collect();
    let advance = |(face, id): &(&Face, GlyphId)| face.advance(*id, size);
    let total: f32 = glyphs.iter().map(advance).sum();
    let dots = face_of('…');
    let (room, cut) = if total <= width as f32 {
        (total, false)
    } else {
        (width as f32 - dots.as_ref().map_or(0.0, advance), true)
    };
    let mut placed = Vec::with_capacity(glyphs.len());
    let mut x = 0.0f32;
    for glyph in glyphs.into_iter().map(Some).chain([dots.filter(|_| cut)]).flatten() {
        let step = advance(&glyph);
        let is_dots = dots.is_some_and(|(_, id)| id == glyph.1);
        if x + step > room + 0.5 && !(cut && is_dots) {
            continue;
        }
        placed.push((glyph, x));
        x += step;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most `width` and two pixels"
    )]
    let mut mask =
        Mask::draw(x.ceil().clamp(0.0, width as f32) as usize + 2, px as usize * 5 / 4 + 1, |_, _| 0);
    for ((face, id), x) in placed {
        let glyph = id.with_scale_and_position(PxScale::from(size), point(x, face.ascent(size)));
        face.draw(glyph, &mut mask);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_ink_and_its_length_follows_the_words() {
        let (short, long) = (mask("Ada", 24, 900), mask("Ada Lovelace", 24, 900));
        assert!(long.width > 2 * short.width);
        assert!(short.alpha.iter().any(|&a| a > 200));
    }

    #[test]
    fn long_names_are_cut_to_the_width() {
        let cut = mask(&"Конференция ".repeat(20), 24, 200);
        assert!(cut.width <= 202 && cut.width > 150, "{}", cut.width);
    }

    #[test]
    fn hostile_names_do_no_harm() {
        for name in ["", "\u{202e}\u{0}\n\t", "👩‍👩‍👧‍👦", "文字化け", &"a\u{301}".repeat(5_000)]
        {
            let _ = mask(name, 20, 100);
            let _ = mask(name, 1, 0);
        }
    }

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("ada  king lovelace"), "AL");
        assert_eq!(initials("жанна"), "Ж");
        assert_eq!(initials("  "), "");
    }
}
