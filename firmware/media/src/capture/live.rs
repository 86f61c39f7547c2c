//! Live sources: test picture and tone, V4L2 camera, ALSA or PulseAudio microphone, and the room
//! speaker, which shares a pipeline with the microphone so that its echo can be cancelled.

use std::sync::Arc;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use huddle_core::units::Size;

use crate::Error;
use crate::capture::Room;
use crate::clock;
use crate::pipe::{self, Pipe};
use crate::port::{MicrophoneSpec, SpeakerSpec};
use crate::publish::{CAMERA, FPS};
use crate::sound;

/// A running live source.
pub(crate) struct Live {
    pipe: Pipe,
    speaker: Option<gst_app::AppSrc>,
}

impl Live {
    /// The moving test picture, with a tone if `sound`.
    pub(crate) fn test(room: &Arc<Room>, sound: bool) -> Result<Self, Error> {
        let video = format!(
            "videotestsrc is-live=true pattern=ball background-color=0xff204060 ! {} ! appsink name=video {SINK}",
            picture_caps()
        );
        let audio = format!(
            "audiotestsrc is-live=true samplesperbuffer=960 volume=0.25 freq=440 ! {SOUND_CAPS} ! appsink name=audio {SINK}"
        );
        Self::start(&if sound { format!("{video} {audio}") } else { video }, room)
    }

    /// A V4L2 camera. USB cameras give 720p at full rate only as MJPEG, so that is preferred.
    pub(crate) fn camera(room: &Arc<Room>, device: &std::path::Path) -> Result<Self, Error> {
        let path = device.display().to_string().replace(['"', '\\'], "");
        let Size { width, height } = CAMERA;
        Self::start(
            &format!(
                "v4l2src device=\"{path}\" ! image/jpeg,width={width},height={height};video/x-raw,width={width},height={height};image/jpeg;video/x-raw \
                 ! decodebin ! queue max-size-buffers=2 leaky=downstream ! videoconvert ! videoscale add-borders=true ! videorate drop-only=false ! {} \
                 ! appsink name=video {SINK}",
                picture_caps()
            ),
            room,
        )
    }

    /// Microphone, speaker or both; with both, echo is cancelled where the element is installed.
    pub(crate) fn audio(
        room: &Arc<Room>,
        microphone: &MicrophoneSpec,
        speaker: &SpeakerSpec,
    ) -> Result<Self, Error> {
        let plan = AudioPlan::new(microphone, speaker, gst::ElementFactory::find("webrtcdsp").is_some());
        Self::start(&plan.description(), room)
    }

    /// Where sound for the speaker goes; too much waiting drops the oldest.
    pub(crate) fn speaker(&self) -> Option<gst_app::AppSrc> {
        self.speaker.clone()
    }

    /// What went wrong, if anything did.
    pub(crate) fn error(&self) -> Option<String> {
        self.pipe.error()
    }

    /// Breaks it, for trying recovery.
    pub(crate) fn break_it(&self) {
        self.pipe.break_it("injected fault");
    }

    fn start(description: &str, room: &Arc<Room>) -> Result<Self, Error> {
        let pipe = Pipe::parse(description)?;
        let pipeline = pipe.pipeline().downgrade();
        if let Ok(video) = pipe.get::<gst_app::AppSink>("video") {
            let (room, pipeline) = (room.clone(), pipeline.clone());
            pipe::on_sample(&video, move |sample| {
                if let Some(at) = moment(&pipeline, &sample) {
                    room.picture(&sample, at);
                }
            });
        }
        if let Ok(audio) = pipe.get::<gst_app::AppSink>("audio") {
            let room = room.clone();
            pipe::on_sample(&audio, move |sample| {
                let map = sample.buffer().and_then(|b| b.map_readable().ok());
                if let (Some(at), Some(map)) = (moment(&pipeline, &sample), map) {
                    room.sound(&sound::mono(&map), at);
                }
            });
        }
        let speaker = pipe.get::<gst_app::AppSrc>("speaker").ok();
        pipe.play()?;
        Ok(Self { pipe, speaker })
    }
}

const SINK: &str = "sync=false async=false max-buffers=4 drop=true";
const SOUND_CAPS: &str = "audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1";

fn picture_caps() -> String {
    let Size { width, height } = CAMERA;
    format!(
        "videoconvert ! video/x-raw,format=I420,width={width},height={height},framerate={FPS}/1,pixel-aspect-ratio=1/1,colorimetry=bt601"
    )
}

fn moment(pipeline: &gst::glib::WeakRef<gst::Pipeline>, sample: &gst::Sample) -> Option<i64> {
    let pipeline = pipeline.upgrade()?;
    clock::of_running_time(&pipeline, sample.buffer()?.pts()?)
}

/// Which audio elements are needed: plain data, so that it can be tested without hardware.
#[derive(Debug, PartialEq, Eq)]
struct AudioPlan {
    source: Option<String>,
    sink: Option<String>,
    cancel_echo: bool,
}

impl AudioPlan {
    fn new(microphone: &MicrophoneSpec, speaker: &SpeakerSpec, can_cancel: bool) -> Self {
        let source = match microphone {
            MicrophoneSpec::Alsa(device) => Some(format!("alsasrc device=\"{}\"", quoted(device))),
            MicrophoneSpec::Pulse => Some("pulsesrc".to_owned()),
            MicrophoneSpec::WithCamera | MicrophoneSpec::None => None,
        };
        let sink = match speaker {
            SpeakerSpec::Alsa(device) => Some(format!("alsasink device=\"{}\"", quoted(device))),
            SpeakerSpec::Pulse => Some("pulsesink".to_owned()),
            SpeakerSpec::None => None,
        };
        let cancel_echo = can_cancel && source.is_some() && sink.is_some();
        Self { source, sink, cancel_echo }
    }

    fn description(&self) -> String {
        // The probe must exist before the canceller looks for it: the speaker comes first.
        let speaker = self.sink.as_ref().map(|sink| {
            let probe = if self.cancel_echo { "! webrtcechoprobe name=probe" } else { "" };
            format!(
                "appsrc name=speaker is-live=true do-timestamp=true format=time max-buffers=10 leaky-type=downstream \
                 caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved \
                 ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000 {probe} ! audioconvert ! {sink} buffer-time=60000 \
                 sync=false"
            )
        });
        let microphone = self.source.as_ref().map(|source| {
            let clean = if self.cancel_echo {
                "! webrtcdsp probe=probe echo-cancel=true noise-suppression=true gain-control=true"
            } else if gst::ElementFactory::find("webrtcdsp").is_some() {
                "! webrtcdsp echo-cancel=false noise-suppression=true gain-control=true"
            } else {
                ""
            };
            format!("{source} buffer-time=60000 ! queue max-size-time=200000000 leaky=downstream ! {SOUND_CAPS} {clean} ! appsink name=audio {SINK}")
        });
        [speaker, microphone].into_iter().flatten().collect::<Vec<_>>().join("  ")
    }
}

fn quoted(device: &str) -> String {
    device.replace(['"', '\\'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(microphone: MicrophoneSpec, speaker: SpeakerSpec, can: bool) -> String {
        gst::init().unwrap();
        AudioPlan::new(&microphone, &speaker, can).description()
    }

    #[test]
    fn echo_is_cancelled_only_between_a_real_microphone_and_a_real_speaker() {
        let (mic, spk) = (MicrophoneSpec::Alsa("hw:1,0".into()), SpeakerSpec::Alsa("hw:1,0".into()));
        let both = plan(mic.clone(), spk.clone(), true);
        assert!(both.contains("webrtcdsp probe=probe echo-cancel=true"));
        assert!(both.find("webrtcechoprobe").unwrap() < both.find("webrtcdsp").unwrap());
        assert!(!plan(mic.clone(), SpeakerSpec::None, true).contains("echoprobe"));
        assert!(!plan(MicrophoneSpec::WithCamera, spk.clone(), true).contains("webrtcdsp"));
        assert!(!plan(mic, spk, false).contains("echo-cancel=true"));
    }

    #[test]
    fn every_audio_plan_is_a_pipeline_gstreamer_accepts() {
        let mics = [MicrophoneSpec::Alsa("x".into()), MicrophoneSpec::Pulse, MicrophoneSpec::None];
        let speakers = [SpeakerSpec::Alsa("y\" ! fakesink".into()), SpeakerSpec::Pulse, SpeakerSpec::None];
        for (mic, speaker) in mics.iter().flat_map(|m| speakers.iter().map(move |s| (m, s))) {
            let description = plan(mic.clone(), speaker.clone(), true);
            if !description.is_empty() {
                Pipe::parse(&description).unwrap();
            }
        }
    }
}
