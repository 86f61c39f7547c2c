//! The buttons of the box (`features.md` B4, B5, R7): whatever they do shows on TV and LED.

use super::{BoxState, Ctx, Endpoint, Refusal, RunPhase, StartedBy};
use crate::button::Button;
use crate::ids::RoomId;
use crate::recording::{EndReason, RecordingWishes};

impl BoxState {
    /// A button went down (`features.md` B4, B5). Everything it does shows on TV and LED.
    pub fn press(&mut self, button: Button, ctx: &mut Ctx<'_>) {
        if matches!(self.endpoint, Endpoint::Announcing { .. }) {
            self.answer_call(button, ctx);
            return;
        }
        let home = self.settings.home_room.clone();
        match button {
            Button::Record => self.press_record(&home, ctx),
            Button::Stop => self.press_stop(&home, ctx),
            Button::RecordToggle if self.runs.contains_key(&home) => self.press_stop(&home, ctx),
            Button::RecordToggle => self.press_record(&home, ctx),
            Button::Mute => {
                let muted = !self.room_controls.mic_muted;
                self.press_control(Some(muted), None, ctx);
            }
            Button::Camera => {
                let off = !self.room_controls.camera_off;
                self.press_control(None, Some(off), ctx);
            }
            Button::HangUp => {
                if self.hang_up(ctx).is_err() {
                    self.notify("Not in a meeting", ctx.now);
                }
            }
        }
    }

    /// R7: any button declines an announced call; where the box asks, record or mute accept.
    fn answer_call(&mut self, button: Button, ctx: &mut Ctx<'_>) {
        let asks = self.endpoint.deadline().is_none();
        if asks && button != Button::HangUp && button != Button::Stop {
            self.endpoint_join(ctx);
        } else {
            self.endpoint = Endpoint::Away;
            self.notify("Call declined", ctx.now);
        }
    }

    fn press_record(&mut self, home: &RoomId, ctx: &mut Ctx<'_>) {
        match self.start_recording(home, StartedBy::Box, RecordingWishes::default(), ctx) {
            Ok(_) | Err(Refusal::DiskFull) => {}
            Err(Refusal::AlreadyRecording(_)) => {
                let text = match self.runs.get(home).map(|r| r.phase) {
                    Some(RunPhase::Ending { .. }) => "The last recording is being saved",
                    _ => "Already recording",
                };
                self.notify(text, ctx.now);
            }
            Err(refusal) => self.fault(refusal.to_string(), ctx.now),
        }
    }

    fn press_stop(&mut self, home: &RoomId, ctx: &mut Ctx<'_>) {
        let running = self.runs.get(home).filter(|run| !run.is_ending());
        if let Some(id) = running.map(|run| run.recording.recording_id.clone()) {
            self.note("recording.stop", id.as_str(), "", ctx);
        }
        if self.stop_run(home, EndReason::Stopped, ctx).is_none() {
            self.notify("No recording is running", ctx.now);
        }
    }

    fn press_control(&mut self, mic: Option<bool>, camera: Option<bool>, ctx: &Ctx<'_>) {
        if self.set_room_controls(mic, camera, ctx).is_err() {
            self.notify("Not in a meeting", ctx.now);
        }
    }
}
