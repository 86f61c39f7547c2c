//! The one port through which handlers see the box. The conductor implements it; tests put a
//! [`BoxState`] behind it.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use huddle_core::audit::AuditEntry;
use huddle_core::button::Button;
use huddle_core::ids::{Identity, RoomId, TrackSid};
use huddle_core::indicator::Leds;
use huddle_core::listing::Page;
use huddle_core::recording::Recording;
use huddle_core::state::{Admitted, BoxState, BoxStatus, Ctx, Refusal};
use huddle_core::webhook::{Outcome, Webhook};
use huddle_livekit::admission::Connect;
use huddle_livekit::proto;
use tokio::sync::{broadcast, mpsc, oneshot};

/// A job for the task that owns the state.
pub type Job = Box<dyn FnOnce(&mut BoxState, &mut Ctx<'_>) + Send>;

/// Called when everything the job changed is on the disk, or was taken back (with the reason).
pub type Saved = Box<dyn FnOnce(Result<(), String>) + Send>;

/// News for consoles.
#[derive(Clone, Debug)]
pub enum News {
    /// The box's status changed.
    Status(Arc<BoxStatus>),
    /// A recording changed.
    Recording(Arc<Recording>),
}

/// One signalling connection, seen from the WebSocket.
pub struct Signal {
    /// Responses for the client; `None` ends the connection.
    pub responses: mpsc::Receiver<proto::SignalResponse>,
    /// Requests of the client; `false` = the SFU cannot take it, the connection is to end.
    pub requests: Box<dyn Fn(proto::SignalRequest) -> bool + Send + Sync>,
    /// To be called once when the socket is gone.
    pub closed: Option<Box<dyn FnOnce() + Send>>,
}

/// Faults of demo mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Camera element error.
    Camera,
    /// Microphone element error.
    Microphone,
    /// Display element error.
    Display,
    /// The recordings disk is (not) full.
    DiskFull(bool),
}

/// Which lines of the audit log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only from before this line.
    pub before: Option<String>,
    /// At most so many.
    pub most: usize,
    /// Only lines with this lower-case text anywhere.
    pub text: Option<String>,
    /// Only from this moment on, in milliseconds since 1970.
    pub from: Option<u64>,
    /// Only before this moment.
    pub to: Option<u64>,
}

impl AuditQuery {
    /// Is this line asked for?
    pub fn fits(&self, entry: &AuditEntry) -> bool {
        let texts = [&entry.actor.who, &entry.action, &entry.target, &entry.detail];
        let address = entry.actor.address.iter();
        let found = |wanted: &String| {
            texts.into_iter().chain(address).any(|text| text.to_lowercase().contains(wanted.as_str()))
        };
        self.from.is_none_or(|from| entry.at.0 >= from)
            && self.to.is_none_or(|to| entry.at.0 < to)
            && self.text.as_ref().is_none_or(found)
    }
}

/// A data packet from the server.
#[derive(Clone, Debug)]
pub struct DataPacket {
    /// Payload.
    pub payload: Vec<u8>,
    /// Topic.
    pub topic: Option<String>,
    /// Reliable or lossy.
    pub reliable: bool,
    /// Receivers; empty = all.
    pub destinations: Vec<Identity>,
}

/// The box.
#[async_trait]
pub trait Control: Send + Sync {
    /// Runs a job on the state. `false` when the queue is full; then neither is called. A job
    /// that panics is counted as done.
    fn run(&self, job: Job, saved: Saved) -> bool;

    /// The status now.
    fn status(&self) -> Arc<BoxStatus>;
    /// News from now on. A slow listener misses some and is told so.
    fn news(&self) -> broadcast::Receiver<News>;

    /// A page of the audit log.
    async fn audit(&self, query: AuditQuery) -> Result<Page<AuditEntry>, Refusal>;

    /// Sends a test event; what came of it.
    async fn test_webhook(&self, webhook: Webhook) -> Outcome;

    /// Opens a signalling session in the SFU.
    fn open_signal(&self, admitted: Admitted, connect: Connect) -> Result<Signal, Refusal>;
    /// Participants of a meeting with their tracks.
    async fn participants(&self, room: RoomId) -> Result<Vec<proto::ParticipantInfo>, Refusal>;
    /// Moderator mute.
    fn mute(&self, room: RoomId, identity: Identity, track: TrackSid, muted: bool) -> Result<(), Refusal>;
    /// Data from the server.
    fn send_data(&self, room: RoomId, packet: DataPacket) -> Result<(), Refusal>;

    /// The TV picture as PNG.
    async fn tv_png(&self) -> Option<Arc<[u8]>>;
    /// Demo only: moves a button of the simulated board. `false` = there is none.
    fn push_button(&self, button: Button, pressed: bool) -> bool;
    /// Lamps now.
    fn leds(&self) -> Leds;
    /// Demo only: injects a fault.
    fn inject(&self, fault: Fault) -> Result<(), Refusal>;
    /// Links with a LAN address: `https://<address>:8443`.
    fn lan_bases(&self) -> Vec<String>;
}

/// Runs `f` on the state and waits until what it changed is on the disk.
pub async fn ask<R, F>(control: &dyn Control, f: F) -> Result<R, Refusal>
where
    R: Send + 'static,
    F: FnOnce(&mut BoxState, &mut Ctx<'_>) -> R + Send + 'static,
{
    let slot: Arc<Mutex<Option<R>>> = Arc::default();
    let fill = slot.clone();
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |state, ctx| {
        *fill.lock().unwrap_or_else(PoisonError::into_inner) = Some(f(state, ctx));
    });
    let saved: Saved = Box::new(move |result| {
        // The asker may have gone away meanwhile.
        let _ = sender.send(result);
    });
    if !control.run(job, saved) {
        return Err(Refusal::Busy);
    }
    receiver.await.map_err(|_| Refusal::Busy)?.map_err(Refusal::NotSaved)?;
    let answer = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    answer.ok_or(Refusal::Failed)
}
