//! Small shapes: disc, rounded ground, crossed-out microphone.

use crate::draw::canvas::Mask;

/// A filled disc.
pub(crate) fn disc(diameter: usize) -> Mask {
    let centre = (diameter as f32 - 1.0) / 2.0;
    Mask::draw(diameter, diameter, |x, y| {
        let distance = (x as f32 - centre).hypot(y as f32 - centre);
        cover(diameter as f32 / 2.0 - distance)
    })
}

/// A microphone crossed out, `size` pixels square.
pub(crate) fn microphone_off(size: usize) -> Mask {
    let unit = size as f32 / 20.0;
    Mask::draw(size, size, |x, y| {
        let (x, y) = ((x as f32 + 0.5) / unit, (y as f32 + 0.5) / unit);
        let body = 3.2 - segment(x, y, (10.0, 5.0), (10.0, 9.5));
        let ring = if y > 9.5 { 0.8 - ((x - 10.0).hypot(y - 9.5) - 5.6).abs() } else { -9.0 };
        let stand = 0.9 - segment(x, y, (10.0, 15.0), (10.0, 18.5));
        let stroke = segment(x, y, (3.0, 2.0), (17.0, 18.0));
        let shape = body.max(ring).max(stand).min(stroke - 1.6);
        cover(shape.max(1.0 - stroke) * unit)
    })
}

fn cover(inside: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
    let alpha = ((inside + 0.5).clamp(0.0, 1.0) * 255.0) as u8;
    alpha
}

/// Distance of a point from a line segment.
fn segment(x: f32, y: f32, (ax, ay): (f32, f32), (bx, by): (f32, f32)) -> f32 {
    let (dx, dy) = (bx - ax, by - ay);
    let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - ax - along * dx).hypot(y - ay - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_is_full_inside_and_empty_in_the_corner() {
        let disc = disc(21);
        assert_eq!((disc.alpha[10 * 21 + 10], disc.alpha[0]), (255, 0));
    }

    #[test]
    fn the_microphone_has_ink() {
        let ink = microphone_off(24).alpha.iter().filter(|&&a| a > 128).count();
        assert!((80..400).contains(&ink), "{ink}");
    }
}
