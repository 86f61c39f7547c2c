//! The display: KMS, Wayland or X11, opened again with growing pauses when it fails. Opening happens
//! on a thread of its own, because drivers may hang in it.

use std::time::{Duration, Instant};

use gstreamer_app as gst_app;
use huddle_core::units::Size;

use crate::Error;
use crate::background::{self, Opening};
use crate::clock::nanos;
use crate::pipe::{self, Pipe};
use crate::plan::backoff::Backoff;
use crate::port::{Device, DeviceState, DisplaySpec, Report, ReportSink};

/// Opening may take so long before it is said to hang.
const OPENING: Duration = Duration::from_secs(6);
/// Closing a broken one is waited for this long.
const CLOSING: Duration = Duration::from_secs(1);

/// A display that is open.
type Output = (Pipe, gst_app::AppSrc);

/// The display with its supervision.
pub(crate) struct Display {
    spec: DisplaySpec,
    size: Size,
    reports: ReportSink,
    output: Option<Output>,
    opening: Option<(Opening<Output>, Instant)>,
    backoff: Backoff,
    state: Option<DeviceState>,
}

impl Display {
    /// Starts to open it; [`DisplaySpec::None`] shows nothing.
    pub(crate) fn new(spec: DisplaySpec, size: Size, reports: ReportSink, now: Instant) -> Self {
        let (backoff, state) = (Backoff::default(), None);
        let mut this = Self { spec, size, reports, output: None, opening: None, backoff, state };
        if this.spec != DisplaySpec::None {
            this.open(now);
        }
        this
    }

    /// Shows an I420 picture; one that comes while the last still waits replaces it.
    pub(crate) fn show(&mut self, i420: &[u8], now: Instant) {
        if self.spec == DisplaySpec::None {
            return;
        }
        self.opened(now);
        if let Some(error) = self.output.as_ref().and_then(|(pipe, _)| pipe.error()) {
            self.fail(error, now);
        }
        match &self.output {
            Some((_, input)) => {
                pipe::push(input, i420.to_vec(), nanos(now), None);
            }
            None if self.opening.is_none() && self.backoff.due(now) => self.open(now),
            None => {}
        }
    }

    /// Breaks it, for trying recovery.
    pub(crate) fn break_it(&self) {
        if let Some((pipe, _)) = &self.output {
            pipe.break_it("injected fault");
        }
    }

    fn open(&mut self, now: Instant) {
        let (spec, size) = (self.spec.clone(), self.size);
        match background::open(move || output(&spec, size)) {
            Ok(opening) => self.opening = Some((opening, now)),
            Err(error) => self.fail(error.to_string(), now),
        }
    }

    /// Takes what has been opened meanwhile.
    fn opened(&mut self, now: Instant) {
        let Some((opening, since)) = &self.opening else { return };
        match opening.result() {
            Some(Ok(output)) => {
                (self.output, self.opening) = (Some(output), None);
                self.backoff.started(now);
                self.report(DeviceState::Running);
            }
            Some(Err(error)) => {
                self.opening = None;
                self.fail(error.to_string(), now);
            }
            // A driver that hangs cannot be interrupted, but the admin is told.
            None if now.saturating_duration_since(*since) >= OPENING => {
                let reason = "it does not open".to_owned();
                self.report(DeviceState::Restarting { reason, pause: Duration::ZERO });
            }
            None => {}
        }
    }

    fn fail(&mut self, reason: String, now: Instant) {
        if let Some(output) = self.output.take() {
            background::close(output, CLOSING);
        }
        let pause = self.backoff.failed(now);
        self.report(DeviceState::Restarting { reason, pause });
    }

    /// Once for each state, however often it is found.
    fn report(&mut self, state: DeviceState) {
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            (self.reports)(Report::Device { device: Device::Display, state });
        }
    }
}

fn output(spec: &DisplaySpec, size: Size) -> Result<Output, Error> {
    let pipe = Pipe::parse(&description(sink(spec).ok_or(Error::NoPipeline)?, size))?;
    let input = pipe.get::<gst_app::AppSrc>("in")?;
    pipe.play()?;
    Ok((pipe, input))
}

fn sink(spec: &DisplaySpec) -> Option<&'static str> {
    match spec {
        DisplaySpec::Kms => Some("kmssink force-modesetting=true can-scale=false"),
        DisplaySpec::Wayland => Some("waylandsink fullscreen=true"),
        DisplaySpec::X11 => Some("ximagesink"),
        DisplaySpec::None => None,
    }
}

/// The canvas is fixed; a display may take only its own modes.
fn description(sink: &str, size: Size) -> String {
    format!(
        "appsrc name=in is-live=true format=time max-buffers=2 leaky-type=downstream \
         caps=video/x-raw,format=I420,width={},height={},framerate=0/1,colorimetry=bt601,pixel-aspect-ratio=1/1 \
         ! videoconvert ! videoscale add-borders=true ! {sink} name=out sync=false",
        size.width, size.height
    )
}

#[cfg(test)]
mod tests {
    use gstreamer as gst;
    use gstreamer_video::prelude::*;

    use super::*;

    #[test]
    fn every_display_is_a_pipeline_gstreamer_accepts() {
        gst::init().unwrap();
        for spec in [DisplaySpec::Kms, DisplaySpec::Wayland, DisplaySpec::X11] {
            let sink = sink(&spec).unwrap();
            let name = sink.split(' ').next().unwrap();
            if gst::ElementFactory::find(name).is_some() {
                Pipe::parse(&description(sink, Size { width: 1_280, height: 720 })).unwrap();
            }
        }
        assert_eq!(sink(&DisplaySpec::None), None);
    }

    #[test]
    fn a_display_that_takes_only_its_own_mode_gets_the_whole_picture_in_it() {
        gst::init().unwrap();
        let size = Size { width: 1_280, height: 720 };
        for (mode, inside) in [((1_920, 1_080), (100, 100)), ((1_024, 768), (100, 384))] {
            let sink = format!("video/x-raw,format=I420,width={},height={} ! appsink", mode.0, mode.1);
            let pipe = Pipe::parse(&description(&sink, size)).unwrap();
            let (input, output) = (pipe.get::<gst_app::AppSrc>("in"), pipe.get::<gst_app::AppSink>("out"));
            pipe.play().unwrap();
            let white = vec![235; 1_280 * 720].into_iter().chain(vec![128; 1_280 * 360]).collect();
            assert!(pipe::push(&input.unwrap(), white, 0, None));
            let sample = output.unwrap().try_pull_sample(gst::ClockTime::from_seconds(10)).unwrap();
            let picture = crate::picture::of_sample(&sample).unwrap();
            assert_eq!((picture.width(), picture.height()), mode);
            let stride = usize::try_from(picture.plane_stride()[0]).unwrap();
            assert!(picture.plane_data(0).unwrap()[inside.1 * stride + inside.0] > 200);
        }
    }
}
