//! Reads what was recorded: its streams, its pictures, its sound, and how far they are apart.

use std::path::Path;
use std::process::Command as Process;

/// What `ffprobe` says, as `key=value` lines.
pub fn probe(path: &Path) -> String {
    let out = Process::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name,width,height,avg_frame_rate,nb_frames,start_time:format=duration,start_time",
        ])
        .args(["-of", "flat"])
        .arg(path)
        .output()
        .unwrap();
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

pub fn duration(path: &Path) -> f64 {
    let text = probe(path);
    let line = text.lines().find(|l| l.starts_with("format.duration")).unwrap().to_owned();
    line.split('"').nth(1).unwrap().parse().unwrap()
}

/// All frames as RGB at 64×36; `[frame][y * 64 + x]`.
pub fn small_frames(path: &Path) -> Vec<Vec<[u8; 3]>> {
    let out = ffmpeg(
        path,
        &["-map", "0:v", "-vf", "scale=64:36:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    );
    let frames = out.chunks_exact(64 * 36 * 3);
    frames.map(|f| f.as_chunks::<3>().0.to_vec()).collect()
}

/// The sound as mono 48 kHz.
pub fn samples(path: &Path) -> Vec<f32> {
    let out = ffmpeg(path, &["-map", "0:a", "-f", "f32le", "-ac", "1", "-ar", "48000", "-"]);
    out.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

fn ffmpeg(path: &Path, args: &[&str]) -> Vec<u8> {
    let out = Process::new("ffmpeg").args(["-v", "error", "-i"]).arg(path).args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Strength of a tone, 0–1 (Goertzel).
pub fn tone(samples: &[f32], hertz: f32) -> f32 {
    let w = 2.0 * std::f32::consts::PI * hertz / 48_000.0;
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    for &x in samples {
        let s = x + 2.0 * w.cos() * s1 - s2;
        (s2, s1) = (s1, s);
    }
    let power = s1 * s1 + s2 * s2 - 2.0 * w.cos() * s1 * s2;
    2.0 * power.max(0.0).sqrt() / samples.len() as f32
}

pub fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 28)
}

/// A PNG as size and RGB.
pub fn png(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    (info.width, info.height, data)
}

/// For each flash, how much later its beep begins, in seconds.
pub fn offsets(path: &Path) -> Vec<f64> {
    let frames = small_frames(path);
    let bright: Vec<bool> = frames.iter().map(|f| f[18 * 64 + 32][0] > 128).collect();
    let flashes = (1..bright.len()).filter(|&n| bright[n] && !bright[n - 1]).map(|n| n as f64 / 25.0);
    let sound = samples(path);
    let loud: Vec<bool> = sound.chunks(48).map(|ms| ms.iter().any(|s| s.abs() > 0.05)).collect();
    let quiet_before = |n: usize| n >= 300 && loud[n - 300..n].iter().all(|l| !l);
    let beeps: Vec<f64> =
        (0..loud.len()).filter(|&n| loud[n] && quiet_before(n)).map(|n| n as f64 / 1000.0).collect();
    let nearest = |flash: f64| beeps.iter().map(|b| b - flash).min_by(|a, b| a.abs().total_cmp(&b.abs()));
    flashes.filter_map(nearest).filter(|o| o.abs() < 0.45).collect()
}
