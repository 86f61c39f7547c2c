//! Decoded pictures (I420), the short queue of one source, and scaling to a tile.
//! A queue is bounded: the oldest picture goes when it is full.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use huddle_core::units::Size;

/// Pictures kept per source: 0.46 s at 30 fps, more than any playout delay used here.
const KEPT: usize = 14;
/// Bytes kept per source; large pictures are kept for less long.
const BYTES: usize = 128 << 20;
/// The colorimetry of every picture here, as in caps.
pub(crate) const BT601: &str = "bt601";

/// A readable I420 picture.
pub(crate) type Picture = gst_video::VideoFrame<gst_video::video_frame::Readable>;
type Writable = gst_video::VideoFrame<gst_video::video_frame::Writable>;

/// Locks, also after a panic elsewhere: the values here are valid between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The picture of a sample; `None` when it is not I420 or cannot be mapped.
pub(crate) fn of_sample(sample: &gst::Sample) -> Option<Picture> {
    let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
    if info.format() != gst_video::VideoFormat::I420 {
        return None;
    }
    Picture::from_buffer_readable(sample.buffer_owned()?, &info).ok()
}

/// Size of a picture.
pub(crate) fn size(picture: &Picture) -> Size {
    Size { width: picture.width(), height: picture.height() }
}

/// The newest pictures of one source, by the moment they are due.
#[derive(Default)]
pub(crate) struct Pictures {
    queue: Mutex<VecDeque<(i64, Arc<Picture>)>>,
    /// Largest tile wanted by each consumer, packed; see [`Pictures::want`].
    wanted: [AtomicU64; 2],
}

/// Who shows pictures.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Consumer {
    /// The TV.
    Tv = 0,
    /// Recordings.
    Recorder = 1,
}

impl Pictures {
    /// Puts in a picture due at `due`.
    pub(crate) fn push(&self, due: i64, picture: Picture) {
        let mut queue = lock(&self.queue);
        while queue.back().is_some_and(|(last, _)| *last >= due) {
            queue.pop_back();
        }
        let most = KEPT.min(BYTES / picture.buffer().size().max(1)).max(1);
        while queue.len() >= most {
            queue.pop_front();
        }
        queue.push_back((due, Arc::new(picture)));
    }

    /// The picture to be seen at `now`: the newest that is due. When none is due yet, the oldest.
    pub(crate) fn at(&self, now: i64) -> Option<Arc<Picture>> {
        let queue = lock(&self.queue);
        let due = queue.iter().rev().find(|(due, _)| *due <= now);
        due.or(queue.front()).map(|(_, picture)| picture.clone())
    }

    /// Forgets all: the source is off.
    pub(crate) fn clear(&self) {
        lock(&self.queue).clear();
    }

    /// Says how large `consumer` shows this source; no area when it does not.
    pub(crate) fn want(&self, consumer: Consumer, tile: Size) {
        let packed = (u64::from(tile.width) << 32) | u64::from(tile.height);
        let [tv, recorder] = &self.wanted;
        match consumer {
            Consumer::Tv => tv.store(packed, Ordering::Relaxed),
            Consumer::Recorder => recorder.store(packed, Ordering::Relaxed),
        }
    }

    /// The largest tile wanted; no area when nobody shows this source.
    pub(crate) fn wanted(&self) -> Size {
        let most = self.wanted.iter().map(|w| w.load(Ordering::Relaxed)).max().unwrap_or(0);
        Size {
            width: u32::try_from(most >> 32).unwrap_or(0),
            height: u32::try_from(most & 0xffff_ffff).unwrap_or(0),
        }
    }
}

/// Scales pictures of one source to one size, once per new picture.
pub(crate) struct Scaler {
    from: Option<Arc<Picture>>,
    converter: Option<(Size, gst_video::VideoConverter)>,
    scaled: Writable,
}

impl Scaler {
    /// To `to`, both sides even and not 0.
    pub(crate) fn new(to: Size) -> Option<Self> {
        let info = i420(to)?;
        let buffer = gst::Buffer::with_size(info.size()).ok()?;
        let scaled = Writable::from_buffer_writable(buffer, &info).ok()?;
        Some(Self { from: None, converter: None, scaled })
    }

    /// `picture` in the size of this scaler.
    pub(crate) fn scale(&mut self, picture: &Arc<Picture>) -> Option<&Writable> {
        if self.from.as_ref().is_some_and(|from| Arc::ptr_eq(from, picture)) {
            return Some(&self.scaled);
        }
        let from = size(picture);
        if self.converter.as_ref().is_none_or(|(size, _)| *size != from) {
            self.converter = None;
            let mut config = gst_video::VideoConverterConfig::new();
            config.set_resampler_method(gst_video::VideoResamplerMethod::Linear);
            config.set_chroma_resampler_method(gst_video::VideoResamplerMethod::Linear);
            let converter =
                gst_video::VideoConverter::new(&i420(from)?, self.scaled.info(), Some(config)).ok()?;
            self.converter = Some((from, converter));
        }
        let (_, converter) = self.converter.as_ref()?;
        converter.frame(picture, &mut self.scaled);
        self.from = Some(picture.clone());
        Some(&self.scaled)
    }

    /// The size it scales to.
    pub(crate) fn size(&self) -> Size {
        Size { width: self.scaled.width(), height: self.scaled.height() }
    }
}

fn i420(size: Size) -> Option<gst_video::VideoInfo> {
    // One colorimetry for all: pictures from WebRTC are BT.601 whatever their size, and a converter
    // between two would recalculate every pixel.
    let colorimetry = BT601.parse::<gst_video::VideoColorimetry>().ok()?;
    gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, size.width, size.height)
        .colorimetry(&colorimetry)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32) -> Picture {
        gst::init().unwrap();
        let info = i420(Size { width, height: 16 }).unwrap();
        Picture::from_buffer_readable(gst::Buffer::with_size(info.size()).unwrap(), &info).unwrap()
    }

    #[test]
    fn the_newest_picture_that_is_due_is_shown() {
        let pictures = Pictures::default();
        for n in 1..=3 {
            pictures.push(n * 100, picture(16 * u32::try_from(n).unwrap()));
        }
        let width = |now| pictures.at(now).unwrap().width();
        assert_eq!([width(50), width(100), width(299), width(900)], [16, 16, 32, 48]);
    }

    #[test]
    fn few_large_pictures_are_kept() {
        gst::init().unwrap();
        let info = i420(Size { width: 4096, height: 4096 }).unwrap();
        let pictures = Pictures::default();
        for n in 0..KEPT {
            let buffer = gst::Buffer::with_size(info.size()).unwrap();
            let picture = Picture::from_buffer_readable(buffer, &info).unwrap();
            pictures.push(i64::try_from(n).unwrap(), picture);
        }
        let queue = lock(&pictures.queue);
        let bytes: usize = queue.iter().map(|(_, p)| p.buffer().size()).sum();
        assert!(!queue.is_empty() && bytes <= BYTES, "{bytes}");
    }

    #[test]
    fn the_queue_is_bounded_and_follows_a_clock_set_back() {
        let pictures = Pictures::default();
        for n in 0..100 {
            pictures.push(n, picture(16));
        }
        assert_eq!(lock(&pictures.queue).len(), KEPT);
        pictures.push(5, picture(32));
        assert_eq!(pictures.at(5).unwrap().width(), 32);
    }
}
