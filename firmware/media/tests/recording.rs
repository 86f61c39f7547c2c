//! Recordings as a user gets them: everybody in the picture and in the sound, in step, playable.
#![expect(clippy::print_stdout, reason = "figures for the reader")]
mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::*;
use huddle_media::port::*;

#[test]
fn a_recording_has_everybody_in_picture_and_sound() {
    let dir = out_dir("everybody");
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Running }).then_some(())
    });
    let _red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    let _blue = sfu.person("blue", Look::colour(0x0020_20c0, 2_000));
    until(|| snapshot_pixel(&media, 320, 360).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    until(|| snapshot_pixel(&media, 960, 360).is_some_and(|p| near(p, [0x20, 0x20, 0xc0])));
    let path = dir.join("a.mp4");
    let start = Instant::now();
    media.record(&path, RecordingLayout::Grid);
    let after = media.started();
    println!("first picture after {after:?}");
    assert!(after < Duration::from_secs(1), "first picture after {after:?}");
    std::thread::sleep(Duration::from_secs(3));
    let seconds = start.elapsed().as_secs_f64();
    let (end, file) = media.stop_recording();
    assert_eq!(end, RecordingEnd::Complete);
    let file = file.unwrap();
    assert!((file.duration.as_secs_f64() - seconds).abs() < 0.5, "{:?} of {seconds} s", file.duration);
    assert!((duration(&path) - seconds).abs() < 0.5);
    let probed = probe(&path);
    assert!(probed.contains("h264") && probed.contains("aac"), "{probed}");
    assert_eq!(&std::fs::read(&path).unwrap()[36..40], b"moov", "the index is in front");
    assert!(!dir.join("a.part.mp4").exists());
    assert!(file.thumbnail.unwrap().exists());

    let frames = small_frames(&path);
    for (n, frame) in frames.iter().enumerate().skip(3) {
        assert!(near(frame[9 * 64 + 48], [0xc0, 0x20, 0x20]), "red in frame {n}: {:?}", frame[9 * 64 + 48]);
        assert!(
            near(frame[27 * 64 + 32], [0x20, 0x20, 0xc0]),
            "blue in frame {n}: {:?}",
            frame[27 * 64 + 32]
        );
    }
    let sound = samples(&path);
    // Short pieces: while a sender becomes known its tone is half a percent higher or lower.
    for (n, part) in sound.chunks_exact(960).enumerate().skip(15) {
        for hertz in [440.0, 1_000.0, 2_000.0] {
            assert!(tone(part, hertz) > 0.05, "{hertz} Hz is missing in {n}: {}", tone(part, hertz));
        }
    }
    assert!(sound.chunks_exact(4_800).skip(3).all(|part| tone(part, 3_333.0) < 0.01));
}

/// One flash of 120 ms and one beep of 120 ms each second, both beginning together; pictures take
/// 60 ms longer through the network.
fn flash_and_beep() -> Look {
    Look { video_late: Duration::from_millis(60), ..Look::flash_and_beep() }
}

#[test]
fn a_flash_and_its_beep_stay_together() {
    let dir = out_dir("flash");
    let media = Media::start(Config { microphone: MicrophoneSpec::None, ..config(CameraSpec::None) });
    let (local, sfu) = sfu();
    media.join(local);
    let _blinker = sfu.person("blinker", flash_and_beep());
    std::thread::sleep(Duration::from_millis(3_500));
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::SingleSpeaker);
    media.started();
    std::thread::sleep(Duration::from_secs(5));
    media.stop_recording();
    let offsets = offsets(&path);
    assert!(offsets.len() >= 4, "{offsets:?}");
    assert!(offsets.iter().all(|o| o.abs() <= 0.060), "{offsets:?}");
}

#[test]
fn people_come_and_go_while_the_room_records_alone_at_first() {
    let dir = out_dir("come-and-go");
    let media = Media::start(Config { microphone: MicrophoneSpec::None, ..config(CameraSpec::None) });
    let (local, sfu) = sfu();
    media.join(local);
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Speaker);
    media.started();
    std::thread::sleep(Duration::from_millis(700));
    let red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    std::thread::sleep(Duration::from_millis(1_500));
    drop(red);
    let _blue = sfu.person("blue", Look { size: (320, 240), ..Look::colour(0x0020_20c0, 2_000) });
    std::thread::sleep(Duration::from_millis(1_500));
    let (end, file) = media.stop_recording();
    assert_eq!(end, RecordingEnd::Complete);
    let frames = small_frames(&path);
    let length = file.unwrap().duration.as_secs_f64();
    assert!(
        (frames.len() as f64 / 25.0 - length).abs() < 0.3,
        "frames are missing: {} in {length} s",
        frames.len()
    );
    let has = |colour: [u8; 3]| frames.iter().any(|f| f.iter().any(|&p| near(p, colour)));
    assert!(has([0xc0, 0x20, 0x20]) && has([0x20, 0x20, 0xc0]));
    assert!((samples(&path).len() as f64 / 48_000.0 - length).abs() < 0.3);
}

#[test]
fn the_file_plays_after_the_disk_became_full() {
    let dir = out_dir("full");
    let media = Media::start(config(CameraSpec::Test));
    let (local, _sfu) = sfu();
    media.join(local);
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Grid);
    media.started();
    std::thread::sleep(Duration::from_millis(1_500));
    media.send(Command::Inject(Fault::DiskFull(true)));
    let (end, file) = media.ended();
    assert_eq!(end, RecordingEnd::LimitReached);
    assert!(file.unwrap().duration > Duration::from_secs(1));
    assert!(!small_frames(&path).is_empty());
    assert!(!dir.join("a.part.mp4").exists());

    media.record(&dir.join("b.mp4"), RecordingLayout::Grid);
    let reason =
        media.wait(|r| if let Report::RecordingRefused { reason, .. } = r { Some(reason) } else { None });
    assert_eq!(reason, "The disk is full");
}

#[test]
fn another_meeting_is_recorded_through_a_tap_of_its_own_and_ends_with_it() {
    let dir = out_dir("tap");
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    let path = dir.join("a.mp4");
    media.record_from(RecordingSource::Tap(local), &path, RecordingLayout::Grid);
    media.started();
    let secret = sfu.person("secret", Look { encrypted: true, ..Look::colour(0x00ff_ffff, 1_000) });
    let red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    std::thread::sleep(Duration::from_millis(2_000));
    sfu.end.event(huddle_tap::TapEvent::Closed).unwrap();
    drop((secret, red));
    drop(sfu);
    let (end, _) = media.ended();
    assert_eq!(end, RecordingEnd::Complete);
    let last = small_frames(&path).pop().unwrap();
    assert!(last.iter().any(|&p| near(p, [0xc0, 0x20, 0x20])));
    assert!(!last.iter().any(|&p| near(p, [0xff, 0xff, 0xff])), "an encrypted picture cannot be shown");
}

#[test]
fn a_recording_has_no_hole_where_the_room_hangs_up() {
    let dir = out_dir("moved");
    let media = Media::start(Config { microphone: MicrophoneSpec::None, ..config(CameraSpec::None) });
    let (room, before) = sfu();
    let (own, after) = sfu();
    let look = Look::colour(0x00c0_2020, 1_000);
    let packets = encode_all(&look);
    media.join(room);
    let heard = before.play("red", &look, packets.clone());
    until(|| snapshot_pixel(&media, 640, 60).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Grid);
    media.started();
    std::thread::sleep(Duration::from_secs(2));
    let _heard_again = after.play("red", &look, packets);
    media.send(Command::MoveRecording { id: "rec".into(), tap: own });
    media.send(Command::LeaveRoom);
    std::thread::sleep(Duration::from_secs(2));
    drop(heard);
    assert_eq!(media.stop_recording().0, RecordingEnd::Complete);
    let sound = samples(&path);
    let quiet: Vec<bool> = sound.chunks_exact(480).map(|ms| ms.iter().all(|s| s.abs() < 0.01)).collect();
    let hole = quiet.split(|quiet| !quiet).skip(1).map(<[bool]>::len).max().unwrap();
    assert!(hole <= 6, "a hole of {hole}0 ms");
}

#[test]
fn shutting_down_finishes_the_recording() {
    let dir = out_dir("shutdown");
    let mut media = Media::start(config(CameraSpec::Test));
    let (local, _sfu) = sfu();
    media.join(local);
    media.record(&dir.join("a.mp4"), RecordingLayout::Grid);
    media.started();
    std::thread::sleep(Duration::from_secs(1));
    media.shut_down();
    assert_eq!(media.ended().0, RecordingEnd::Complete);
    assert!(duration(&dir.join("a.mp4")) > 0.7);
}

#[test]
fn a_recorder_that_panics_is_reported_as_failed() {
    let dir = out_dir("panic");
    let first = AtomicBool::new(true);
    let media = Media::start_with(config(CameraSpec::Test), move |report| {
        let ended = matches!(report, Report::RecordingEnded { .. });
        assert!(!ended || !first.swap(false, Ordering::Relaxed), "a mistake in the recorder's thread");
    });
    let (local, _sfu) = sfu();
    media.join(local);
    media.record(&dir.join("a.mp4"), RecordingLayout::Grid);
    media.started();
    let (end, file) = media.stop_recording();
    assert_eq!((end, file), (RecordingEnd::Failed("The recorder has failed".into()), None));
}

#[test]
fn lost_sound_packets_are_bridged() {
    let dir = out_dir("lossy");
    let media = Media::start(Config { microphone: MicrophoneSpec::None, ..config(CameraSpec::None) });
    let (local, sfu) = sfu();
    media.join(local);
    let _lossy = sfu.canned("lossy", &Look { lossy: true, ..Look::colour(0x00c0_2020, 500) });
    std::thread::sleep(Duration::from_millis(1_500));
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Grid);
    media.started();
    std::thread::sleep(Duration::from_millis(2_500));
    media.stop_recording();
    let sound = samples(&path);
    let holes = sound.chunks_exact(480).skip(20).filter(|ms| ms.iter().all(|s| s.abs() < 0.01)).count();
    // Unbridged, 25 lost packets would be 50 holes.
    assert!(holes < 15, "{holes} holes of 10 ms");
}
