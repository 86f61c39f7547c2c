#![expect(clippy::cast_possible_truncation, reason = "small test numbers")]

use super::*;
use crate::codec::look;

struct Source {
    start: Instant,
}

impl Source {
    fn packet(&self, layer: Layer, seq: u64, ms: u64, key: bool, picture: u16) -> Incoming {
        let payload =
            [0x90, 0xe0, 0x80 | (picture >> 8) as u8, picture as u8, seq as u8, 0, u8::from(!key), 0];
        Incoming {
            layer,
            seq,
            timestamp: (ms * 90) as u32,
            seen: look(Codec::Vp8, &payload),
            at: self.start + Duration::from_millis(ms),
        }
    }
}

fn setup() -> (Source, Forwarder) {
    (Source { start: Instant::now() }, Forwarder::new(Codec::Vp8, Tail::new(7)))
}

#[test]
fn nothing_passes_before_a_keyframe() {
    let (source, mut forwarder) = setup();
    assert!(forwarder.aim(Some(Layer::Low)));
    assert!(forwarder.forward(&source.packet(Layer::Low, 10, 0, false, 1)).is_none());
    assert!(forwarder.forward(&source.packet(Layer::Low, 11, 33, true, 2)).is_some());
    assert!(forwarder.forward(&source.packet(Layer::Low, 12, 66, false, 3)).is_some());
}

#[test]
fn the_old_layer_goes_on_until_the_keyframe_and_numbers_are_continuous() {
    let (source, mut forwarder) = setup();
    forwarder.aim(Some(Layer::Low));
    let first = forwarder.forward(&source.packet(Layer::Low, 100, 0, true, 500)).unwrap();
    let second = forwarder.forward(&source.packet(Layer::Low, 101, 33, false, 501)).unwrap();
    assert_eq!(second.seq, first.seq + 1);
    forwarder.aim(Some(Layer::High));
    assert!(forwarder.forward(&source.packet(Layer::High, 9_000, 50, false, 3)).is_none());
    let third = forwarder.forward(&source.packet(Layer::Low, 102, 66, false, 502)).unwrap();
    let fourth = forwarder.forward(&source.packet(Layer::High, 9_001, 99, true, 4)).unwrap();
    assert!(fourth.switched);
    assert_eq!(fourth.seq, third.seq + 1);
    let step = fourth.timestamp.wrapping_sub(third.timestamp);
    assert_eq!(step, 33 * 90);
    assert!(forwarder.forward(&source.packet(Layer::Low, 103, 100, false, 503)).is_none());
    assert!(forwarder.forward(&source.packet(Layer::High, 8_999, 101, false, 2)).is_none());
    assert_eq!(forwarder.current(), Some(Layer::High));
    assert_eq!(forwarder.tail.picture, Some(503), "picture ids go on without a gap");
}

#[test]
fn a_late_packet_keeps_its_place() {
    let (source, mut forwarder) = setup();
    forwarder.aim(Some(Layer::Low));
    let first = forwarder.forward(&source.packet(Layer::Low, 100, 0, true, 1)).unwrap();
    let third = forwarder.forward(&source.packet(Layer::Low, 102, 20, false, 3)).unwrap();
    let second = forwarder.forward(&source.packet(Layer::Low, 101, 25, false, 2)).unwrap();
    assert_eq!((second.seq, third.seq), (first.seq + 1, first.seq + 2));
    let next = forwarder.forward(&source.packet(Layer::Low, 103, 40, false, 4)).unwrap();
    assert_eq!(next.seq, first.seq + 3);
}

#[test]
fn after_a_pause_the_stream_resumes_at_a_keyframe_without_a_gap() {
    let (source, mut forwarder) = setup();
    forwarder.aim(Some(Layer::Low));
    let first = forwarder.forward(&source.packet(Layer::Low, 100, 0, true, 1)).unwrap();
    forwarder.aim(None);
    assert!(forwarder.forward(&source.packet(Layer::Low, 101, 33, false, 2)).is_none());
    assert!(forwarder.aim(Some(Layer::Low)));
    let again = forwarder.forward(&source.packet(Layer::Low, 900, 5_000, true, 77)).unwrap();
    assert_eq!(again.seq, first.seq + 1);
    assert_eq!(again.timestamp.wrapping_sub(first.timestamp), 5_000 * 90);
}

#[test]
fn a_reused_slot_continues_with_another_track() {
    let (source, mut forwarder) = setup();
    forwarder.aim(Some(Layer::Low));
    let first = forwarder.forward(&source.packet(Layer::Low, 100, 0, true, 1)).unwrap();
    let mut next = Forwarder::new(Codec::Vp8, forwarder.tail());
    next.aim(Some(Layer::Low));
    let other = next.forward(&source.packet(Layer::Low, 5, 1_000, true, 9)).unwrap();
    assert_eq!(other.seq, first.seq + 1);
    assert!(other.patch.is_some());
}

#[test]
fn the_first_sequence_number_has_no_rollover() {
    for random in [0, 1, 0x7fff, 0xffff] {
        assert!((1..65_536).contains(&Tail::new(random).next_seq));
    }
}

#[test]
fn a_hostile_sequence_jump_ends_the_run_instead_of_wrapping() {
    let (source, mut forwarder) = setup();
    forwarder.aim(Some(Layer::Low));
    forwarder.forward(&source.packet(Layer::Low, 100, 0, true, 1)).unwrap();
    assert!(forwarder.forward(&source.packet(Layer::Low, u64::MAX / 2, 5, false, 1)).is_none());
    assert!(forwarder.waits_for().is_some());
    assert!(forwarder.forward(&source.packet(Layer::Low, u64::MAX / 2, 6, true, 1)).is_some());
    assert!(forwarder.forward(&source.packet(Layer::Low, 3, 7, false, 1)).is_none());
}
