//! `kill -9` while recording: the next start saves the file and at most a second is lost (V9).
#![expect(clippy::print_stdout, reason = "figures for the reader, and a sign for the parent")]
mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::*;
use huddle_media::port::*;

const DIR: &str = "HUDDLE_CRASH_DIR";

fn finalise_leftovers(dir: &std::path::Path) -> Vec<huddle_media::Leftover> {
    let found = huddle_media::find_leftovers(dir);
    found.iter().map(|part| huddle_media::finalise_leftover(part, 0)).collect()
}

/// Not a test of its own: the process that is killed.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    // Little to do: what is measured is what is on the disk, not how busy the machine is.
    let media = Media::start(Config { microphone: MicrophoneSpec::None, ..config(CameraSpec::None) });
    let (local, sfu) = sfu();
    media.join(local);
    let _red = sfu.person("red", Look { size: (320, 180), ..Look::colour(0x00c0_2020, 1_000) });
    media.send(Command::StartRecording(Box::new(StartRecording {
        id: "rec".into(),
        path: std::path::Path::new(&dir).join("a.mp4"),
        source: RecordingSource::Room,
        layout: RecordingLayout::Grid,
        size: huddle_core::units::Size { width: 640, height: 360 },
        fps: 25,
        asked_at: Instant::now(),
    })));
    media.started();
    println!("\nrecording");
    std::thread::sleep(Duration::from_secs(50));
}

#[test]
fn at_most_a_second_is_lost_when_the_process_is_killed() {
    let dir = out_dir("crash");
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_records_until_it_is_killed", "--nocapture"])
        .env(DIR, &dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "recording"), "the child did not record");
    let started = Instant::now();
    std::thread::sleep(Duration::from_millis(4_300));
    let recorded = started.elapsed();
    child.kill().unwrap();
    child.wait().unwrap();

    let leftovers = finalise_leftovers(&dir);
    assert_eq!(leftovers.len(), 1);
    assert_eq!(leftovers[0].stem, "a");
    let file = leftovers[0].result.as_ref().unwrap();
    assert!(!small_frames(&file.path).is_empty());
    let played = duration(&file.path);
    let lost = recorded.as_secs_f64() - played;
    println!("recorded {recorded:?}, plays {played} s, lost {lost:.2} s");
    assert!(lost <= 1.0, "lost {lost} s");
    assert!((duration(&file.path) - file.duration.as_secs_f64()).abs() < 0.1);
    assert!(file.thumbnail.as_ref().unwrap().exists());
    assert!(!dir.join("a.part.mp4").exists());
    assert!(finalise_leftovers(&dir).is_empty());
}

#[test]
fn a_leftover_with_nothing_in_it_is_removed_with_a_reason() {
    let dir = out_dir("empty");
    std::fs::write(dir.join("b.part.mp4"), b"").unwrap();
    std::fs::write(dir.join("c.part.mp4"), vec![7; 5_000]).unwrap();
    let leftovers = finalise_leftovers(&dir);
    assert_eq!(leftovers.len(), 2);
    assert!(leftovers.iter().all(|l| l.result.is_err()));
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
}
