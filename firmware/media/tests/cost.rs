//! What the room and recordings cost, in cores. Ignored: figures, not a pass or fail.
//! `cargo nextest run -p huddle-media --run-ignored only -E 'test(cost)' --no-capture`
#![expect(clippy::print_stdout, reason = "figures for the reader")]
mod common;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::*;
use huddle_media::port::*;

/// CPU seconds of this process by thread name, from schedstat.
fn spent() -> BTreeMap<String, f64> {
    let mut spent = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |name| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let nanos = read("schedstat").split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
        *spent.entry(read("comm").trim().to_owned()).or_insert(0.0) += nanos / 1e9;
    }
    spent
}

fn measure(what: &str, seconds: u64) {
    std::thread::sleep(Duration::from_secs(2));
    let (before, at) = (spent(), Instant::now());
    std::thread::sleep(Duration::from_secs(seconds));
    let (after, passed) = (spent(), at.elapsed().as_secs_f64());
    let mut threads: Vec<(f64, String)> = after
        .into_iter()
        .map(|(name, s)| ((s - before.get(&name).copied().unwrap_or(0.0)) / passed, name))
        .collect();
    threads.sort_by(|a, b| b.0.total_cmp(&a.0));
    let total: f64 = threads.iter().map(|t| t.0).sum();
    let most: Vec<String> =
        threads.iter().take(9).map(|(cores, name)| format!("{name} {cores:.3}")).collect();
    println!("{what}: {total:.3} cores ({})", most.join(", "));
}

/// People whose packets were made beforehand: sending costs next to nothing.
fn people(sfu: &Sfu, count: usize) -> Vec<Canned> {
    (0..count).map(|n| sfu.canned(&format!("p{n}"), &Look::person(n))).collect()
}

#[test]
#[ignore = "figures"]
fn cost_of_the_room_and_of_recordings() {
    let dir = out_dir("cost");
    let media = Media::start(config(CameraSpec::Test));
    measure("standby", 5);
    let (local, sfu) = sfu();
    media.join(local);
    measure("room alone in a meeting, three layers", 5);
    let mut everybody = people(&sfu, 3);
    measure("room and 3 others", 6);
    media.record(&dir.join("4.mp4"), RecordingLayout::Grid);
    measure("recording 4", 6);
    media.stop_recording();
    everybody.extend((3..8).map(|n| sfu.canned(&format!("p{n}"), &Look::person(n))));
    measure("room and 8 others", 6);
    media.record(&dir.join("9.mp4"), RecordingLayout::Grid);
    measure("recording 9", 6);
    let (end, file) = media.stop_recording();
    println!("{end:?} {file:?} {}", probe(&dir.join("9.mp4")));
}
