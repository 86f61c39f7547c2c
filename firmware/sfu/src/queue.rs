//! The way in: commands of the box and requests of clients, apart, so that no client can keep the
//! box from removing it.
//!
//! Both are bounded. The box's commands are refused when [`COMMANDS`] wait. A client's requests are
//! refused when [`EACH`] of its own wait, or [`ALL`] of everybody's, in number or in bytes; whoever
//! refuses one ends that client's session. The end of a connection always gets in: there is one per
//! connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use huddle_livekit::admission::{Admission, Connect};
use huddle_livekit::proto;
use prost::Message as _;

use crate::port::{Command, ConnectionId, Outbound};

/// Commands of the box that may wait.
const COMMANDS: usize = 4_096;
/// What may wait of all clients.
const ALL: Amount = Amount { requests: 4_096, bytes: 32 << 20 };
/// What may wait of one client: more than any client sends at once (a resume with 20 tracks sends
/// about 50 requests, its offer is the largest).
const EACH: Amount = Amount { requests: 128, bytes: 1 << 20 };

struct Amount {
    requests: usize,
    /// Encoded.
    bytes: usize,
}

/// What waits.
#[derive(Default)]
struct Waiting {
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

/// The SFU cannot take it: its queue is full or its thread is gone.
#[derive(Debug, thiserror::Error)]
#[error("the SFU is busy or stopped")]
pub struct Busy;

/// Puts commands into the SFU's bounded queue and wakes its thread. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    commands: Sender<Command>,
    requests: Sender<(Command, Option<Ticket>)>,
    waiting: Arc<Waiting>,
    beats: Arc<AtomicU64>,
    waker: huddle_tap::Waker,
}

/// One signalling connection's way in.
pub struct Client {
    handle: Handle,
    connection: ConnectionId,
    waiting: Arc<Waiting>,
    closed: AtomicBool,
}

/// The receiving end.
pub(crate) struct Queue {
    commands: Receiver<Command>,
    requests: Receiver<(Command, Option<Ticket>)>,
    beats: Arc<AtomicU64>,
}

/// Makes both ends; `waker` is called after each message.
pub(crate) fn queue(waker: huddle_tap::Waker) -> (Handle, Queue) {
    let (commands, box_side) = bounded(COMMANDS);
    let (requests, client_side) = unbounded();
    let beats: Arc<AtomicU64> = Arc::default();
    let handle = Handle { commands, requests, waiting: Arc::default(), beats: beats.clone(), waker };
    (handle, Queue { commands: box_side, requests: client_side, beats })
}

impl Handle {
    /// How many turns the thread has made: several a second, whatever there is to do.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Queues a command of the box, never waiting.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        self.commands.try_send(command).map_err(|_| Busy)?;
        (self.waker)();
        Ok(())
    }

    /// Queues a command of the box, or gives back what does not fit; for those who may not lose one.
    pub fn offer(&self, command: Command) -> Option<Command> {
        let back = self.commands.try_send(command).err();
        (self.waker)();
        back.map(crossbeam_channel::TrySendError::into_inner)
    }

    /// Lets a client in. What it asks for afterwards comes in order behind this.
    pub fn admit(
        &self,
        admission: Admission,
        connect: Connect,
        connection: ConnectionId,
        outbound: Box<dyn Outbound>,
    ) -> Result<Client, Busy> {
        let waiting: Arc<Waiting> = Arc::default();
        let client = Client { handle: self.clone(), connection, waiting, closed: AtomicBool::new(false) };
        let (admission, connect) = (Box::new(admission), Box::new(connect));
        client.put(Command::Admit { admission, connect, connection, outbound }, 0)?;
        Ok(client)
    }
}

impl Client {
    /// Queues a request, never waiting. After `Busy` the session is to be ended: a request is lost.
    pub fn request(&self, request: proto::SignalRequest) -> Result<(), Busy> {
        let bytes = request.encoded_len();
        self.put(Command::Signal { connection: self.connection, request: Box::new(request) }, bytes)
    }

    /// The connection is gone (without `leave`). Dropping does the same.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::Relaxed) {
            let command = Command::SignalClosed { connection: self.connection };
            // A stopped SFU has no sessions.
            let _ = self.handle.requests.send((command, None));
            (self.handle.waker)();
        }
    }

    fn put(&self, command: Command, bytes: usize) -> Result<(), Busy> {
        let ticket = Ticket::take(&self.waiting, &self.handle.waiting, bytes).ok_or(Busy)?;
        self.handle.requests.send((command, Some(ticket))).map_err(|_| Busy)?;
        (self.handle.waker)();
        Ok(())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.close();
    }
}

impl Queue {
    /// The next command, the box's before the clients'.
    pub(crate) fn next(&self) -> Option<Command> {
        let command = self.commands.try_recv().ok();
        command.or_else(|| self.requests.try_recv().ok().map(|(command, _)| command))
    }

    /// One turn is made.
    pub(crate) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.requests.is_empty()
    }
}

/// A place in the queue, given back when dropped.
struct Ticket {
    of: [Arc<Waiting>; 2],
    bytes: usize,
}

impl Ticket {
    fn take(own: &Arc<Waiting>, all: &Arc<Waiting>, bytes: usize) -> Option<Self> {
        let fits = [own.take(bytes, &EACH), all.take(bytes, &ALL)];
        // Dropped again, and so given back, when there is no room.
        let ticket = Self { of: [own.clone(), all.clone()], bytes };
        fits.into_iter().all(|fits| fits).then_some(ticket)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        for waiting in &self.of {
            waiting.requests.fetch_sub(1, Ordering::Relaxed);
            waiting.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

impl Waiting {
    /// Counts one more; false when there was no room for it.
    fn take(&self, bytes: usize, most: &Amount) -> bool {
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        requests < most.requests && before + bytes <= most.bytes
    }
}

#[cfg(test)]
mod tests {
    use huddle_core::ids::{Identity, RoomId};

    use super::*;

    fn client(handle: &Handle, number: u64) -> Client {
        Client {
            handle: handle.clone(),
            connection: ConnectionId(number),
            waiting: Arc::default(),
            closed: AtomicBool::new(false),
        }
    }

    fn removal() -> Command {
        Command::Remove {
            room: RoomId::new("room"),
            identity: Identity::new("flood"),
            sid: None,
            reason: proto::DisconnectReason::ParticipantRemoved,
        }
    }

    #[test]
    fn a_flooding_client_is_refused_and_the_box_and_others_are_not() {
        let (handle, queue) = queue(Arc::new(|| ()));
        let (flood, quiet) = (client(&handle, 1), client(&handle, 2));
        let taken = (0..10_000).filter(|_| flood.request(Default::default()).is_ok()).count();
        assert_eq!(taken, EACH.requests);
        assert!(quiet.request(Default::default()).is_ok());
        assert!(handle.send(removal()).is_ok());
        assert!(matches!(queue.next(), Some(Command::Remove { .. })), "the box comes first");
        flood.close();
        let rest: Vec<Command> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(rest.len(), EACH.requests + 2);
        assert!(matches!(rest.last(), Some(Command::SignalClosed { .. })));
        assert!(flood.request(Default::default()).is_ok(), "places are given back");
    }

    #[test]
    fn large_requests_fill_a_client_s_share_sooner() {
        let (handle, queue) = queue(Arc::new(|| ()));
        let flood = client(&handle, 1);
        let offer = proto::SessionDescription { sdp: "x".repeat(250 << 10), ..Default::default() };
        let message = Some(proto::signal_request::Message::Offer(offer));
        let request = proto::SignalRequest { message };
        let taken = (0..100).filter(|_| flood.request(request.clone()).is_ok()).count();
        assert_eq!(taken, 4);
        assert!(client(&handle, 2).request(request.clone()).is_ok());
        while queue.next().is_some() {}
        assert!(flood.request(request).is_ok(), "its bytes are given back");
    }

    #[test]
    fn many_flooding_clients_cannot_fill_more_than_the_queue_and_never_the_box_s() {
        let (handle, queue) = queue(Arc::new(|| ()));
        let clients: Vec<Client> = (0..100).map(|number| client(&handle, number)).collect();
        let asks = clients
            .iter()
            .map(|client| (0..EACH.requests).filter(|_| client.request(Default::default()).is_ok()).count());
        assert_eq!(asks.sum::<usize>(), ALL.requests);
        assert!(handle.send(removal()).is_ok());
        drop(clients);
        let closed = std::iter::from_fn(|| queue.next())
            .filter(|command| matches!(command, Command::SignalClosed { .. }))
            .count();
        assert_eq!(closed, 100, "every end of a connection gets in");
    }
}
