//! The conductor as the handlers see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use huddle_api::control::{AuditQuery, Control, DataPacket, Fault, Job, News, Saved, Signal};
use huddle_board::SimulatedPanel;
use huddle_core::audit::AuditEntry;
use huddle_core::button::Button;
use huddle_core::ids::{Identity, RoomId, TrackSid};
use huddle_core::indicator::Leds;
use huddle_core::listing::Page;
use huddle_core::state::{Admitted, BoxStatus, Refusal};
use huddle_core::webhook::{Outcome, Webhook};
use huddle_livekit::admission::Connect;
use huddle_livekit::proto;
use huddle_media::port as media;
use huddle_sfu::port as sfu;
use huddle_store::Reader;
use tokio::sync::{broadcast, mpsc};

use crate::addresses;
use crate::conductor::{Conductor, Message};
use crate::config::Config;
use crate::courier::Courier;
use crate::ready;
use crate::translate;

/// Responses waiting for a WebSocket; the one of a client that reads slower is closed, and it resumes.
const RESPONSES: usize = 512;

/// Everything handlers need.
pub(crate) struct Port {
    pub(crate) conductor: Conductor,
    pub(crate) reader: Reader,
    pub(crate) sfu: sfu::Handle,
    pub(crate) media: media::Handle,
    pub(crate) courier: Courier,
    pub(crate) panel: Option<SimulatedPanel>,
    pub(crate) config: Config,
    pub(crate) connections: AtomicU64,
}

struct Responses {
    queue: Option<mpsc::Sender<proto::SignalResponse>>,
}

impl sfu::Outbound for Responses {
    fn send(&mut self, response: proto::SignalResponse) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.try_send(response).is_ok())
    }

    fn close(&mut self) {
        self.queue = None;
    }
}

#[async_trait]
impl Control for Port {
    fn run(&self, job: Job, saved: Saved) -> bool {
        self.conductor.send(Message::Job(job, saved))
    }

    fn status(&self) -> Arc<BoxStatus> {
        self.conductor.status()
    }

    fn news(&self) -> broadcast::Receiver<News> {
        self.conductor.news()
    }

    async fn audit(&self, query: AuditQuery) -> Result<Page<AuditEntry>, Refusal> {
        let reader = self.reader.clone();
        let (before, most) = (query.before.clone(), query.most);
        blocking(move || reader.audit(before.as_deref(), most, |entry| query.fits(entry))).await
    }

    async fn test_webhook(&self, webhook: Webhook) -> Outcome {
        self.courier.test(&webhook).await
    }

    fn open_signal(&self, admitted: Admitted, connect: Connect) -> Result<Signal, Refusal> {
        let connection = sfu::ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed));
        let (queue, responses) = mpsc::channel(RESPONSES);
        let outbound = Box::new(Responses { queue: Some(queue) });
        let client = self
            .sfu
            .admit(translate::admission(admitted), connect, connection, outbound)
            .map_err(|_| Refusal::Busy)?;
        let client = Arc::new(client);
        let requests = client.clone();
        Ok(Signal {
            responses,
            requests: Box::new(move |request| requests.request(request).is_ok()),
            closed: Some(Box::new(move || client.close())),
        })
    }

    async fn participants(&self, room: RoomId) -> Result<Vec<proto::ParticipantInfo>, Refusal> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.command(sfu::Command::Participants { room, reply })?;
        let wait = move || answer.recv_timeout(std::time::Duration::from_secs(2));
        let found = tokio::task::spawn_blocking(wait).await;
        found.ok().and_then(Result::ok).ok_or(Refusal::Busy)
    }

    fn mute(&self, room: RoomId, identity: Identity, track: TrackSid, muted: bool) -> Result<(), Refusal> {
        self.command(sfu::Command::Mute { room, identity, track, muted })
    }

    fn send_data(&self, room: RoomId, packet: DataPacket) -> Result<(), Refusal> {
        let DataPacket { payload, topic, reliable, destinations } = packet;
        self.command(sfu::Command::SendData { room, payload, topic, reliable, destinations })
    }

    async fn tv_png(&self) -> Option<Arc<[u8]>> {
        let media = self.media.clone();
        tokio::task::spawn_blocking(move || media.tv_snapshot()).await.ok().flatten()
    }

    fn push_button(&self, button: Button, pressed: bool) -> bool {
        self.panel.as_ref().is_some_and(|panel| panel.set(button, pressed))
    }

    fn leds(&self) -> Leds {
        self.conductor.status().leds
    }

    fn inject(&self, fault: Fault) -> Result<(), Refusal> {
        let fault = match fault {
            Fault::Camera => media::Fault::Camera,
            Fault::Microphone => media::Fault::Microphone,
            Fault::Display => media::Fault::Display,
            Fault::DiskFull(on) => {
                let job: Job = Box::new(move |state, _| state.pretend_disk_full(on));
                if !self.run(job, Box::new(|_| {})) {
                    return Err(Refusal::Busy);
                }
                media::Fault::DiskFull(on)
            }
        };
        self.media.send(media::Command::Inject(fault)).map_err(|_| Refusal::Busy)
    }

    fn lan_bases(&self) -> Vec<String> {
        let bases = addresses::of_interfaces().into_iter().map(|ip| ready::https_base(&self.config, ip));
        bases.collect()
    }
}

impl Port {
    fn command(&self, command: sfu::Command) -> Result<(), Refusal> {
        self.sfu.send(command).map_err(|_| Refusal::Busy)
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, huddle_store::StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(%error, "the database cannot be read");
            Err(Refusal::Busy)
        }
        Err(_) => Err(Refusal::Busy),
    }
}
