//! The room in a meeting: what it sends, what the TV shows, how it recovers.
mod common;

use std::time::{Duration, Instant};

use common::*;
use huddle_core::routing::{Layer, LayerWish};
use huddle_media::port::*;
use huddle_tap::*;

/// The room's own track of this kind.
fn published(commands: &[TapCommand], kind: MediaKind) -> Option<huddle_core::ids::TrackSid> {
    let publish = |c: &TapCommand| {
        if let TapCommand::Publish(p) = c { (p.kind == kind).then(|| p.sid.clone()) } else { None }
    };
    commands.iter().find_map(publish)
}

#[test]
fn the_tv_shows_the_others_and_never_the_room() {
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.handle.show(TvScene { in_meeting: true, ..TvScene::default() });
    media.join(local);
    let red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    until(|| snapshot_pixel(&media, 640, 360).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    let _green = sfu.person("green", Look::colour(0x0020_a020, 2_000));
    // Two tiles: nobody else.
    until(|| snapshot_pixel(&media, 320, 360).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    until(|| snapshot_pixel(&media, 960, 360).is_some_and(|p| near(p, [0x20, 0xa0, 0x20])));
    let wish = |c: &TapCommand| {
        if let TapCommand::Layer { track: t, wish } = c {
            (*t == track("red", true)).then_some(*wish)
        } else {
            None
        }
    };
    let wishes = sfu.commands.lock().unwrap().iter().filter_map(wish).collect::<Vec<_>>();
    assert!(matches!(wishes.last(), Some(LayerWish::Size(s)) if s.width == 640), "{wishes:?}");
    drop(red);
    until(|| snapshot_pixel(&media, 320, 360).is_some_and(|p| near(p, [0x20, 0xa0, 0x20])));
}

#[test]
fn the_room_sends_three_layers_and_sound_with_sender_reports() {
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    let of = |layer: Layer, video: bool| {
        let packets = sfu.packets.lock().unwrap();
        packets
            .iter()
            .filter(|p| p.layer == layer && p.track.as_str().starts_with("TR_VC") == video)
            .cloned()
            .collect::<Vec<_>>()
    };
    for layer in Layer::ALL {
        until(|| of(layer, true).len() > 20);
        let packets = of(layer, true);
        assert!(packets.windows(2).all(|w| w[1].seq == w[0].seq + 1));
        assert!(packets.iter().any(|p| p.marker));
    }
    until(|| of(Layer::Low, false).len() > 20);
    let sound = of(Layer::Low, false);
    assert!(sound.last().unwrap().level.unwrap().0 < 40, "{:?}", sound.last().unwrap().level);
    let steps: Vec<u32> = sound.windows(2).map(|w| w[1].timestamp.wrapping_sub(w[0].timestamp)).collect();
    assert!(steps.iter().skip(1).all(|&step| step == 960), "{steps:?}");
    let commands = sfu.commands.lock().unwrap().clone();
    let reported = |l: Layer, v: bool| {
        commands.iter().any(|c| matches!(c, TapCommand::SenderReport { track, layer, .. } if *layer == l && track.as_str().starts_with("TR_VC") == v))
    };
    assert!(Layer::ALL.into_iter().all(|l| reported(l, true)) && reported(Layer::Low, false));

    // Nobody watches the large layer: it stops. Wanted again, it begins with a keyframe.
    let camera = published(&commands, MediaKind::Video).unwrap();
    let want = |wanted| sfu.end.event(TapEvent::LayersWanted { track: camera.clone(), wanted }).unwrap();
    want([true, true, false]);
    std::thread::sleep(Duration::from_millis(300));
    let before = of(Layer::High, true).len();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(of(Layer::High, true).len(), before);
    want([true, true, true]);
    until(|| of(Layer::High, true).len() > before);
    let first = of(Layer::High, true)[before].clone();
    assert_eq!(first.payload[4] & 1, 0, "not a keyframe");
}

#[test]
fn a_muted_microphone_sends_nothing_and_a_camera_that_is_off_is_closed() {
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    until(|| sfu.packets.lock().unwrap().len() > 50);
    media.send(Command::MuteMicrophone(true));
    media.send(Command::CameraOff(true));
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Running }).then_some(())
    });
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Standby }).then_some(())
    });
    std::thread::sleep(Duration::from_millis(200));
    let before = sfu.packets.lock().unwrap().len();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(sfu.packets.lock().unwrap().len(), before);
    let muted = sfu
        .commands
        .lock()
        .unwrap()
        .iter()
        .filter(|c| matches!(c, TapCommand::Mute { muted: true, .. }))
        .count();
    assert_eq!(muted, 2);
    media.send(Command::CameraOff(false));
    until(|| sfu.packets.lock().unwrap().len() > before + 10);
}

#[test]
fn a_broken_camera_comes_back_by_itself_while_the_recording_goes_on() {
    let dir = out_dir("fault");
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Running }).then_some(())
    });
    media.record(&dir.join("a.mp4"), RecordingLayout::Grid);
    media.started();
    media.send(Command::Inject(Fault::Camera));
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Restarting { .. } })
            .then_some(())
    });
    let broken = Instant::now();
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Running }).then_some(())
    });
    assert!(broken.elapsed() < Duration::from_secs(2));
    let before = sfu.packets.lock().unwrap().len();
    until(|| sfu.packets.lock().unwrap().len() > before + 50);
    std::thread::sleep(Duration::from_millis(500));
    let (end, _) = media.stop_recording();
    assert_eq!(end, RecordingEnd::Complete);
    assert!(duration(&dir.join("a.mp4")) > 1.0);
}

/// A FIFO without a writer stands for a driver that hangs while it is opened.
#[test]
fn a_camera_that_hangs_while_it_is_opened_stops_nothing_else() {
    let dir = out_dir("hang");
    let hanging = dir.join("camera");
    nix::unistd::mkfifo(&hanging, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let media = Media::start(config(CameraSpec::File(hanging.clone())));
    let (local, sfu) = sfu();
    media.join(local);
    let _red = sfu.person("red", Look::colour(0x00c0_2020, 1_000));
    media.record(&dir.join("a.mp4"), RecordingLayout::Grid);
    media.started();
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Restarting { .. } })
            .then_some(())
    });
    let (end, _) = media.stop_recording();
    assert_eq!(end, RecordingEnd::Complete);
    assert!(duration(&dir.join("a.mp4")) > 1.0);
    // Lets the hanging thread go.
    drop(std::fs::OpenOptions::new().read(true).write(true).open(&hanging).unwrap());
}

/// A FIFO whose writer says nothing stands for a driver that hangs while it is closed.
#[test]
fn a_camera_that_hangs_while_it_is_closed_stops_nothing_else() {
    let dir = out_dir("hang-closing");
    let hanging = dir.join("camera");
    nix::unistd::mkfifo(&hanging, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let silent = std::fs::OpenOptions::new().read(true).write(true).open(&hanging).unwrap();
    let media = Media::start(config(CameraSpec::File(hanging)));
    let (local, _sfu) = sfu();
    media.join(local);
    // It is open when it is found to deliver nothing, and is closed then.
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Restarting { .. } })
            .then_some(())
    });
    let beats = media.handle.beats();
    until(|| media.handle.beats() > beats + 10);
    media.record(&dir.join("a.mp4"), RecordingLayout::Grid);
    media.started();
    assert_eq!(media.stop_recording().0, RecordingEnd::Complete);
    // Lets the hanging thread go.
    drop(silent);
}

#[test]
fn a_moderator_can_mute_the_room() {
    let media = Media::start(config(CameraSpec::Test));
    let (local, sfu) = sfu();
    media.join(local);
    let mut microphone = None;
    until(|| {
        microphone = published(&sfu.commands.lock().unwrap(), MediaKind::Audio);
        microphone.is_some()
    });
    let microphone = microphone.unwrap();
    sfu.end.event(TapEvent::MuteWanted { track: microphone.clone() }).unwrap();
    media.wait(|r| {
        matches!(r, Report::MutedByModerator { track, device: Device::Microphone } if track == microphone)
            .then_some(())
    });
    until(|| {
        sfu.commands
            .lock()
            .unwrap()
            .iter()
            .any(|c| matches!(c, TapCommand::Mute { track, muted: true } if *track == microphone))
    });
}

#[test]
fn a_file_plays_in_a_loop_with_picture_and_sound_in_step() {
    let dir = out_dir("loop");
    let file = dir.join("room.webm");
    make_loop(&file);
    let media = Media::start(config(CameraSpec::File(file)));
    let (local, _sfu) = sfu();
    media.join(local);
    media.wait(|r| {
        matches!(r, Report::Device { device: Device::Camera, state: DeviceState::Running }).then_some(())
    });
    let path = dir.join("a.mp4");
    media.record(&path, RecordingLayout::Grid);
    media.started();
    std::thread::sleep(Duration::from_millis(6_300));
    media.stop_recording();
    let offsets = offsets(&path);
    assert!(offsets.len() >= 4, "{offsets:?}");
    assert!(offsets.iter().all(|o| o.abs() <= 0.060), "{offsets:?}");
}

/// Two seconds of flash and beep, as VP8 and Opus in WebM.
fn make_loop(path: &std::path::Path) {
    render(&Look::flash_and_beep(), 50, path);
}

#[test]
fn h264_and_a_shared_screen_are_shown() {
    let media = Media::start(config(CameraSpec::None));
    let (local, sfu) = sfu();
    media.join(local);
    let _apple = sfu.person("apple", Look { codec: Codec::H264, ..Look::colour(0x00c0_2020, 1_000) });
    until(|| snapshot_pixel(&media, 640, 360).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    let _screen = sfu.person(
        "sharer",
        Look { source: Source::ScreenShare, size: (1280, 720), ..Look::colour(0x0020_a020, 2_000) },
    );
    // The screen is large at the left, the people are small at the right.
    until(|| snapshot_pixel(&media, 500, 200).is_some_and(|p| near(p, [0x20, 0xa0, 0x20])));
    until(|| snapshot_pixel(&media, 1_150, 290).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
}

#[test]
fn a_picture_may_change_its_size_within_a_track() {
    let media = Media::start(config(CameraSpec::None));
    let (local, sfu) = sfu();
    media.join(local);
    drop(sfu.canned("red", &Look::colour(0x00c0_2020, 1_000)));
    let small = sfu.canned("red", &Look { size: (320, 180), ..Look::colour(0x0020_20c0, 1_000) });
    until(|| snapshot_pixel(&media, 1_200, 60).is_some_and(|p| near(p, [0x20, 0x20, 0xc0])));
    drop(small);
    let _upright = sfu.canned("red", &Look { size: (360, 640), ..Look::colour(0x00c0_2020, 1_000) });
    until(|| snapshot_pixel(&media, 640, 60).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    assert!(
        snapshot_pixel(&media, 1_200, 60).is_some_and(|p| !near(p, [0xc0, 0x20, 0x20])),
        "it is not stretched"
    );
}

#[test]
fn a_camera_that_is_not_there_is_reported_and_the_meeting_goes_on() {
    let media = Media::start(config(CameraSpec::Device("/dev/v4l/by-id/none".into())));
    let (local, sfu) = sfu();
    media.join(local);
    let reason = media.wait(|r| {
        if let Report::Device { device: Device::Camera, state: DeviceState::Restarting { reason, .. } } = r {
            Some(reason)
        } else {
            None
        }
    });
    assert!(!reason.is_empty());
    let _red = sfu.canned("red", &Look::colour(0x00c0_2020, 1_000));
    until(|| snapshot_pixel(&media, 640, 60).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
}

#[test]
fn a_lost_packet_freezes_the_picture_until_the_keyframe_that_is_asked_for() {
    let media = Media::start(config(CameraSpec::None));
    let (local, sfu) = sfu();
    media.join(local);
    let asked =
        || sfu.commands.lock().unwrap().iter().filter(|c| matches!(c, TapCommand::Keyframe(_))).count();
    let red = sfu.canned("red", &Look::colour(0x00c0_2020, 1_000));
    until(|| snapshot_pixel(&media, 640, 100).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    let before = asked();
    drop(red);
    // The next packets of the same track come after a gap.
    let end = sfu.end.clone();
    let packet = |seq| TapPacket {
        track: track("red", true),
        layer: Layer::Low,
        seq,
        timestamp: 0,
        marker: true,
        level: None,
        payload: vec![0x10, 1].into(),
        at: Instant::now(),
    };
    (2_000..2_200).for_each(|seq| end.packet(packet(seq)).unwrap());
    until(|| asked() > before);
}

#[test]
fn a_tv_that_panics_ends_media_so_that_the_box_starts_anew() {
    let display = Config { display: DisplaySpec::X11, ..config(CameraSpec::None) };
    let media = Media::start_with(display, |report| {
        let display = matches!(report, Report::Device { device: Device::Display, .. });
        let on_tv = std::thread::current().name() == Some("media-tv");
        assert!(!(display && on_tv), "a mistake in the TV's thread");
    });
    until(|| media.has_ended());
}

#[test]
fn a_speaker_is_opened_for_a_meeting_and_closed_after_it() {
    let media =
        Media::start(Config { speaker: SpeakerSpec::Alsa("null".into()), ..config(CameraSpec::None) });
    if huddle_media::self_test().iter().any(|m| m.element == "alsasrc") {
        return; // no ALSA plugin here
    }
    let speaker = |wanted: DeviceState| {
        media.wait(|r| {
            matches!(r, Report::Device { device: Device::Speaker, state } if state == wanted).then_some(())
        });
    };
    let (local, sfu) = sfu();
    media.join(local);
    speaker(DeviceState::Running);
    let _red = sfu.canned("red", &Look::colour(0x00c0_2020, 1_000));
    until(|| snapshot_pixel(&media, 640, 60).is_some_and(|p| near(p, [0xc0, 0x20, 0x20])));
    media.send(Command::LeaveRoom);
    speaker(DeviceState::Standby);
}
