//! Recordings as a user gets them: everybody in the picture and in the sound, in step, playable.
mod common;

use std::time::Duration;

use common::*;
use huddle_media::port::*;

#[test]
fn a_recording_has_everybody_in_picture_and_sound() {
    let dir = out_dir("everybody");
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    let _red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    let _blue = sfu.person("blue", Look::colour(0x0020_20c0, 2_000));
    std::thread::sleep(Duration::from_millis(1_200));
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Grid);
    let after = media.started();
    assert!(after < Duration::from_millis(300), "first picture after {after:?}");
    std::thread::sleep(Duration::from_secs(3));
    let (end, file) = media.stop_recording();
    assert_eq!(end, RecordingEnd::Complete);
    let file = file.unwrap();
    println!("{}", probe(&path));
    assert!((file.duration.as_secs_f64() - 3.0).abs() < 0.5, "{:?}", file.duration);
    assert!((duration(&path) - 3.0).abs() < 0.5);
    let probed = probe(&path);
    assert!(probed.contains("h264") && probed.contains("aac"), "{probed}");
    assert_eq!(&std::fs::read(&path).unwrap()[36..40], b"moov", "the index is in front");
    assert!(!dir.join("a.part.mp4").exists());
    assert!(file.thumbnail.unwrap().exists());

    let frames = small_frames(&path);
    for (n, frame) in frames.iter().enumerate().skip(3) {
        assert!(near(frame[9 * 64 + 48], [0xc0, 0x20, 0x20]), "red in frame {n}: {:?}", frame[9 * 64 + 48]);
        assert!(near(frame[27 * 64 + 32], [0x20, 0x20, 0xc0]), "blue in frame {n}: {:?}", frame[27 * 64 + 32]);
    }
    let sound = samples(&path);
    for second in sound.chunks_exact(24_000).skip(1) {
        for hertz in [440.0, 1_000.0, 2_000.0] {
            assert!(tone(second, hertz) > 0.05, "{hertz} Hz is missing: {}", tone(second, hertz));
        }
        assert!(tone(second, 3_333.0) < 0.01);
    }
}
