//! Finalising whole, cut and damaged files; `ffprobe` is the judge where it is installed.

use gstreamer as gst;
use gstreamer::prelude::*;

use super::*;
use crate::pipe::Pipe;

/// Two seconds of test picture and tone, fragmented, as the recorder writes it.
pub(crate) fn fragmented(dir: &Path) -> std::path::PathBuf {
    gst::init().unwrap();
    let path = dir.join("x.part.mp4");
    let pipe = Pipe::parse(&format!(
        "videotestsrc num-buffers=50 ! video/x-raw,width=160,height=96,framerate=25/1 ! x264enc tune=zerolatency key-int-max=12 \
         speed-preset=ultrafast ! h264parse ! mp4mux name=m fragment-duration=500 streamable=true ! filesink location={} \
         audiotestsrc num-buffers=94 samplesperbuffer=1024 ! audio/x-raw,rate=48000,channels=2 ! avenc_aac ! aacparse ! m.",
        path.display()
    ))
    .unwrap();
    pipe.play().unwrap();
    let bus = pipe.pipeline().bus().unwrap();
    bus.timed_pop_filtered(gst::ClockTime::from_seconds(20), &[gst::MessageType::Eos]).unwrap();
    drop(pipe);
    path
}

fn frames(path: &Path) -> (u32, f64) {
    let out = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries"])
        .args(["stream=nb_read_frames:format=duration", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|n| n.trim_end_matches(','));
    (numbers.next().unwrap().parse().unwrap(), numbers.next().unwrap().parse().unwrap())
}

#[test]
fn a_whole_recording_keeps_every_frame_and_has_its_index_in_front() {
    let dir = tempfile::tempdir().unwrap();
    let (part, done) = (fragmented(dir.path()), dir.path().join("x.mp4"));
    let duration = finalise(&part, &done).unwrap();
    let (count, probed) = frames(&done);
    assert_eq!(count, 50);
    assert!(
        (duration.as_secs_f64() - 2.0).abs() < 0.05 && (probed - 2.0).abs() < 0.05,
        "{duration:?} {probed}"
    );
    let bytes = std::fs::read(&done).unwrap();
    let order: Vec<[u8; 4]> = boxes::children(&bytes).iter().map(|c| c.kind).collect();
    assert_eq!(order, [*b"ftyp", *b"moov", *b"mdat"]);
}

#[test]
fn in_place_keeps_every_frame_too() {
    let dir = tempfile::tempdir().unwrap();
    let part = fragmented(dir.path());
    finalise_in_place(&part).unwrap();
    assert_eq!(frames(&part).0, 50);
}

#[test]
fn a_file_knows_whether_it_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let (part, done) = (fragmented(dir.path()), dir.path().join("x.mp4"));
    assert_eq!(finished(&part), None);
    let duration = finalise(&part, &done).unwrap();
    let near = |other: Duration| other.abs_diff(duration) < Duration::from_millis(2);
    assert!(finished(&done).is_some_and(near));
    finalise_in_place(&part).unwrap();
    assert!(finished(&part).is_some_and(near));
    assert_eq!(finished(&dir.path().join("missing")), None);
}

#[test]
fn an_interrupted_finalisation_in_place_can_be_done_again() {
    let dir = tempfile::tempdir().unwrap();
    let part = fragmented(dir.path());
    let movie = Movie::read(&mut File::open(&part).unwrap()).unwrap();
    let mut file = File::options().append(true).open(&part).unwrap();
    file.write_all(&progressive::index(&movie, None).unwrap()).unwrap();
    finalise_in_place(&part).unwrap();
    assert_eq!(frames(&part).0, 50);
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_samples_or_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (part, done) = (fragmented(dir.path()), dir.path().join("x.mp4"));
    let bytes = std::fs::read(&part).unwrap();
    let mut best = 0;
    for cut in (0..bytes.len()).step_by(97) {
        std::fs::write(&part, &bytes[..cut]).unwrap();
        if let Ok(duration) = finalise(&part, &done) {
            assert!(duration.as_millis() >= best, "a longer file gave less");
            best = duration.as_millis();
        }
    }
    assert!(best > 1_900, "{best}");
    std::fs::write(&part, &bytes[..bytes.len() * 3 / 5]).unwrap();
    finalise(&part, &done).unwrap();
    assert!(frames(&done).0 >= 25);
}

#[test]
fn damage_late_in_a_file_costs_only_what_follows() {
    let dir = tempfile::tempdir().unwrap();
    let (part, done) = (fragmented(dir.path()), dir.path().join("x.mp4"));
    let absurd: u32 = 20 << 20;
    let mut file = File::options().append(true).open(&part).unwrap();
    file.write_all(&[&absurd.to_be_bytes(), b"moof".as_slice()].concat()).unwrap();
    file.set_len(file.metadata().unwrap().len() + u64::from(absurd)).unwrap();
    finalise(&part, &done).unwrap();
    assert_eq!(frames(&done).0, 50);
}

#[test]
fn damaged_files_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let (part, done) = (fragmented(dir.path()), dir.path().join("x.mp4"));
    let bytes = std::fs::read(&part).unwrap();
    let mut seed = 7u64;
    for _ in 0..400 {
        let mut broken = bytes.clone();
        for _ in 0..20 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap() % broken.len().min(4_000);
            broken[at] = (seed >> 20).to_le_bytes()[0];
        }
        std::fs::write(&part, &broken).unwrap();
        let _ = finalise(&part, &done);
    }
}
