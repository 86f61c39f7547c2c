//! Pictures for the eye: writes what the TV and a recording look like. Ignored: nobody judges them here.
//! `cargo nextest run -p huddle-media --run-ignored only -E 'binary(look)'`, then `target/tmp/look/`.
mod common;

use std::time::Duration;

use common::*;
use huddle_media::port::*;

#[test]
#[ignore = "pictures for the eye"]
fn pictures_for_the_eye() {
    let dir = out_dir("look");
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../daemon/assets/demo-room.webm");
    let camera = if demo.exists() { CameraSpec::File(demo) } else { CameraSpec::Test };
    let media = Media::start(config(camera));
    let scene = TvScene {
        room_name: "Board room".into(),
        join_url: Some("https://huddlebox.local/room/board_room-k3f9x?secret=h7Jk29sQ".into()),
        clock: "14:05".into(),
        health: vec!["The camera is not connected".into(), "No internet connection".into()],
        ..TvScene::default()
    };
    let snap = |name: &str| std::fs::write(dir.join(name), media.handle.tv_snapshot().unwrap()).unwrap();
    media.handle.show(scene.clone());
    std::thread::sleep(Duration::from_millis(500));
    snap("idle.png");
    let (local, sfu) = sfu();
    media.join(local);
    let scene = TvScene {
        in_meeting: true,
        health: Vec::new(),
        tally: Tally::On,
        recording_seconds: Some(754),
        mic_muted: true,
        notice: Some("Recording saved".into()),
        ..scene
    };
    media.handle.show(scene.clone());
    std::thread::sleep(Duration::from_millis(1_500));
    snap("alone.png");
    let names = [
        "Ada Lovelace",
        "Жанна Фриске",
        "Müller-Lüdenscheidt von und zu Hohenstein-Langenburg",
        "日本 Joe 🙂",
    ];
    let mut people: Vec<_> = (0..2).map(|n| sfu.canned(names[n], &Look::person(n))).collect();
    people.push(sfu.canned(names[2], &Look { encrypted: true, ..Look::person(2) }));
    sfu.end.event(huddle_tap::TapEvent::Speakers(vec![names[0].into()])).unwrap();
    sfu.end.event(huddle_tap::TapEvent::TrackMuted { track: track(names[1], false), muted: true }).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    media.record(&dir.join("grid.mp4"), RecordingLayout::Grid);
    std::thread::sleep(Duration::from_millis(1_500));
    snap("meeting.png");
    media.stop_recording();
    people.push(sfu.canned(
        names[3],
        &Look { source: huddle_tap::Source::ScreenShare, size: (1280, 720), ..Look::colour(0x00f0_f0e0, 1) },
    ));
    media.handle.show(TvScene { notice: None, tally: Tally::Busy, camera_off: true, ..scene });
    std::thread::sleep(Duration::from_millis(2_000));
    snap("screen.png");
}
