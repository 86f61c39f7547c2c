//! The display: KMS, Wayland or X11, opened again with growing pauses when it fails.

use std::time::Instant;

use gstreamer_app as gst_app;
use huddle_core::units::Size;

use crate::Error;
use crate::clock::nanos;
use crate::pipe::{self, Pipe};
use crate::plan::backoff::Backoff;
use crate::port::{Device, DeviceState, DisplaySpec, Report, ReportSink};

/// The display with its supervision.
pub(crate) struct Display {
    spec: DisplaySpec,
    size: Size,
    reports: ReportSink,
    output: Option<(Pipe, gst_app::AppSrc)>,
    backoff: Backoff,
    opened: Option<Instant>,
}

impl Display {
    /// Opens it; [`DisplaySpec::None`] shows nothing.
    pub(crate) fn new(spec: DisplaySpec, size: Size, reports: ReportSink, now: Instant) -> Self {
        let mut this = Self { spec, size, reports, output: None, backoff: Backoff::default(), opened: None };
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
        if let Some(error) = self.output.as_ref().and_then(|(pipe, _)| pipe.error()) {
            self.fail(error, now);
        }
        match &self.output {
            Some((_, input)) => {
                pipe::push(input, i420.to_vec(), nanos(now), None);
            }
            None if self.backoff.due(now) => self.open(now),
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
        self.opened = Some(now);
        match self.try_open() {
            Ok(output) => {
                self.output = Some(output);
                self.backoff.started(now);
                self.report(DeviceState::Running);
            }
            Err(error) => self.fail(error.to_string(), now),
        }
    }

    fn try_open(&self) -> Result<(Pipe, gst_app::AppSrc), Error> {
        let sink = match self.spec {
            DisplaySpec::Kms => "kmssink force-modesetting=true can-scale=false",
            DisplaySpec::Wayland => "waylandsink fullscreen=true",
            DisplaySpec::X11 => "ximagesink",
            DisplaySpec::None => return Err(Error::NoPipeline),
        };
        let pipe = Pipe::parse(&format!(
            "appsrc name=in is-live=true format=time max-buffers=2 leaky-type=downstream \
             caps=video/x-raw,format=I420,width={},height={},framerate=0/1,colorimetry=bt601,pixel-aspect-ratio=1/1 \
             ! videoconvert ! {sink} sync=false",
            self.size.width, self.size.height
        ))?;
        let input = pipe.get::<gst_app::AppSrc>("in")?;
        pipe.play()?;
        Ok((pipe, input))
    }

    fn fail(&mut self, reason: String, now: Instant) {
        self.output = None;
        let pause = self.backoff.failed(now);
        tracing::warn!(%reason, ?pause, "the display failed and will be opened again");
        self.report(DeviceState::Restarting { reason, pause });
    }

    fn report(&self, state: DeviceState) {
        (self.reports)(Report::Device { device: Device::Display, state });
    }
}
