//! A GStreamer pipeline that stops when dropped, and the few operations needed on it.
//! Never drop a [`Pipe`] on one of its own streaming threads.

use std::sync::{Mutex, MutexGuard};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use crate::Error;
use crate::picture::lock;

/// A pipeline; dropping it stops it and closes its devices.
pub(crate) struct Pipe {
    pipeline: gst::Pipeline,
    heard: Mutex<Heard>,
}

#[derive(Default)]
struct Heard {
    error: Option<String>,
    ended: bool,
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // Going to NULL cannot fail in a way that could be handled.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

impl Pipe {
    /// Parses a gst-launch description; everything in it runs on the system clock.
    pub(crate) fn parse(description: &str) -> Result<Self, Error> {
        let element = gst::parse::launch(description).map_err(Error::Element)?;
        let pipeline = element.downcast::<gst::Pipeline>().map_err(|_| Error::NoPipeline)?;
        pipeline.use_clock(Some(&gst::SystemClock::obtain()));
        Ok(Self { pipeline, heard: Mutex::default() })
    }

    /// Starts it.
    pub(crate) fn play(&self) -> Result<(), Error> {
        match self.pipeline.set_state(gst::State::Playing) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Start(self.error().unwrap_or_else(|| "it does not start".into()))),
        }
    }

    /// The element called `name`.
    pub(crate) fn get<T: IsA<gst::Element>>(&self, name: &str) -> Result<T, Error> {
        let element = self.pipeline.by_name(name).and_then(|e| e.downcast::<T>().ok());
        element.ok_or(Error::NoPipeline)
    }

    /// The GStreamer object.
    pub(crate) fn pipeline(&self) -> &gst::Pipeline {
        &self.pipeline
    }

    /// What went wrong since the last call.
    pub(crate) fn error(&self) -> Option<String> {
        self.listen().error.take()
    }

    /// Whether the end of the stream has reached all sinks.
    pub(crate) fn ended(&self) -> bool {
        self.listen().ended
    }

    /// Takes both kinds of messages at once: asking the bus for one kind throws the others away.
    fn listen(&self) -> MutexGuard<'_, Heard> {
        let mut heard = lock(&self.heard);
        let kinds = [gst::MessageType::Error, gst::MessageType::Eos];
        while let Some(message) = self.pipeline.bus().and_then(|bus| bus.pop_filtered(&kinds)) {
            if let gst::MessageView::Error(error) = message.view() {
                let source = error.src().map(|s| s.name().to_string()).unwrap_or_default();
                heard.error.get_or_insert(format!("{source}: {}", error.error()));
            } else {
                heard.ended = true;
            }
        }
        heard
    }

    /// Posts an element error, as a broken device would.
    pub(crate) fn break_it(&self, text: &str) {
        gst::element_error!(self.pipeline, gst::ResourceError::Failed, ("{text}"));
    }
}

/// Pushes bytes with a time; `false` when the pipeline does not take them.
pub(crate) fn push(input: &gst_app::AppSrc, bytes: Vec<u8>, pts: i64, duration: Option<u64>) -> bool {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    if let Some(buffer) = buffer.get_mut() {
        buffer.set_pts(gst::ClockTime::from_nseconds(u64::try_from(pts).unwrap_or(0)));
        buffer.set_duration(duration.map(gst::ClockTime::from_nseconds));
    }
    input.push_buffer(buffer).is_ok()
}

/// Calls `on_sample` on the streaming thread for each sample.
pub(crate) fn on_sample(sink: &gst_app::AppSink, mut on_sample: impl FnMut(gst::Sample) + Send + 'static) {
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        on_sample(sample);
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
}

/// Presentation time of a sample's buffer in nanoseconds.
pub(crate) fn pts(sample: &gst::Sample) -> Option<i64> {
    let pts = sample.buffer()?.pts()?;
    i64::try_from(pts.nseconds()).ok()
}

/// The first of these elements that is installed.
pub(crate) fn first_installed(names: &[&'static str]) -> Option<&'static str> {
    names.iter().copied().find(|name| gst::ElementFactory::find(name).is_some())
}
