//! Camera and microphone: sources of pictures and sound for the encoders, the recorder and the
//! self-view. Each source is a unit that may fail at any time and is started again by its
//! supervisor; what it feeds ([`Room`]) stays.

pub(crate) mod file;
pub(crate) mod live;
pub(crate) mod unit;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use gstreamer as gst;

use crate::clock::{nanos, sample_at};
use crate::picture::{self, Pictures, lock};
use crate::publish::{CHUNK, Inputs};
use crate::sound::{Sound, stereo_of_mono};

/// A device's sound this far from where it should be begins anew, in nanoseconds.
const TOLERANCE: u64 = 15_000_000;

/// What the room captures, for whoever needs it.
#[derive(Default)]
pub(crate) struct Room {
    /// Its pictures.
    pub(crate) pictures: Arc<Pictures>,
    /// Its sound.
    pub(crate) sound: Arc<Sound>,
    camera_on: AtomicBool,
    mic_on: AtomicBool,
    last_picture: AtomicI64,
    last_sound: AtomicI64,
    inputs: Mutex<Option<Inputs>>,
    chunk: Mutex<(Vec<i16>, i64)>,
}

impl Room {
    /// Connects or disconnects the encoders.
    pub(crate) fn connect(&self, inputs: Option<Inputs>) {
        *lock(&self.inputs) = inputs;
    }

    /// Lets pictures through or not.
    pub(crate) fn set_camera(&self, on: bool) {
        self.camera_on.store(on, Ordering::Release);
        if !on {
            self.pictures.clear();
        }
    }

    /// Lets sound through or not.
    pub(crate) fn set_microphone(&self, on: bool) {
        self.mic_on.store(on, Ordering::Release);
    }

    /// A camera picture of the moment `at`; on a capture thread.
    pub(crate) fn picture(&self, sample: &gst::Sample, at: i64) {
        self.last_picture.store(nanos(Instant::now()), Ordering::Relaxed);
        if !self.camera_on.load(Ordering::Acquire) {
            return;
        }
        if let (Some(buffer), Some(inputs)) = (sample.buffer(), lock(&self.inputs).as_ref()) {
            inputs.picture(buffer, at);
        }
        if let Some(picture) = picture::of_sample(sample) {
            self.pictures.push(at, picture);
        }
        // Off again meanwhile: nothing may stay.
        if !self.camera_on.load(Ordering::Acquire) {
            self.pictures.clear();
        }
    }

    /// Mono samples whose first is of the moment `at`; on a capture thread.
    pub(crate) fn sound(&self, samples: &[i16], at: i64) {
        self.last_sound.store(nanos(Instant::now()), Ordering::Relaxed);
        if !self.mic_on.load(Ordering::Acquire) {
            lock(&self.chunk).0.clear();
            return;
        }
        self.sound.write(sample_at(at), &stereo_of_mono(samples));
        let mut pending = lock(&self.chunk);
        // Chunks follow each other exactly, unless the device's clock is far off: receivers take
        // uneven timestamps for gaps.
        let due = at - samples_to_nanos(pending.0.len());
        if pending.1.abs_diff(due) > TOLERANCE {
            pending.0.clear();
            pending.1 = at;
        }
        pending.0.extend_from_slice(samples);
        while pending.0.len() >= CHUNK {
            let rest = pending.0.split_off(CHUNK);
            let chunk = std::mem::replace(&mut pending.0, rest);
            if let Some(inputs) = lock(&self.inputs).as_ref() {
                inputs.chunk(&chunk, pending.1);
            }
            pending.1 += 20_000_000;
        }
    }

    /// When the last picture came, if any did.
    pub(crate) fn last_picture(&self) -> Option<Instant> {
        fed(&self.last_picture)
    }

    /// When the last sound came, if any did.
    pub(crate) fn last_sound(&self) -> Option<Instant> {
        fed(&self.last_sound)
    }
}

fn samples_to_nanos(samples: usize) -> i64 {
    i64::try_from(samples).unwrap_or(0) * 62_500 / 3
}

fn fed(at: &AtomicI64) -> Option<Instant> {
    Some(at.load(Ordering::Relaxed)).filter(|&at| at > 0).map(crate::clock::instant)
}
