//! The child: an SFU on loopback, commanded over standard input.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use huddle_core::ids::{Identity, MeetingSid, ParticipantSid, RoomId};
use huddle_core::units::{Bitrate, UnixMillis};
use huddle_livekit::admission::{Admission, Connect, Grants, SignalMode};
use huddle_livekit::proto;
use huddle_sfu::port::{Command, Config, ConnectionId, Outbound};
use prost::Message as _;

use crate::wire::{self, Frame, Kind};

struct Pipe {
    connection: u64,
    out: Arc<Mutex<std::io::Stdout>>,
}

impl Outbound for Pipe {
    fn send(&mut self, response: proto::SignalResponse) -> bool {
        let bytes = response.encode_to_vec();
        let frame = Frame { kind: Kind::Signal, connection: self.connection, bytes };
        self.out.lock().is_ok_and(|mut out| wire::write(&mut *out, &frame).is_ok())
    }

    fn close(&mut self) {}
}

/// Serves until standard input ends.
pub(crate) fn serve() -> anyhow::Result<()> {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let config = Config {
        bind: address,
        udp_port: 0,
        tcp_port: None,
        addresses: vec![address],
        public: Vec::new(),
        start_bitrate: Bitrate::kbps(10_000),
        node_id: "ND_load".to_owned(),
    };
    let (handle, thread) = huddle_sfu::start(config, Arc::new(|_| ()))?;
    let out = Arc::new(Mutex::new(std::io::stdout()));
    let mut input = std::io::stdin().lock();
    let mut clients = BTreeMap::new();
    while let Ok(frame) = wire::read(&mut input) {
        let connection = ConnectionId(frame.connection);
        match frame.kind {
            Kind::Join => {
                let offer = proto::SessionDescription::decode(frame.bytes.as_slice())?;
                let pipe = Pipe { connection: frame.connection, out: out.clone() };
                let admission = admission(frame.connection);
                let client = handle.admit(admission, connect(offer), connection, Box::new(pipe))?;
                clients.insert(frame.connection, client);
            }
            Kind::Signal => {
                let request = proto::SignalRequest::decode(frame.bytes.as_slice())?;
                clients.get(&frame.connection).context("not joined")?.request(request)?;
            }
        }
    }
    handle.send(Command::Shutdown)?;
    thread.join().map_err(|_| anyhow::anyhow!("the SFU thread panicked"))
}

fn admission(number: u64) -> Admission {
    Admission {
        room: RoomId::new("load"),
        meeting: MeetingSid::new("RM_load"),
        started: UnixMillis(0),
        room_metadata: String::new(),
        recording: false,
        identity: Identity::new(format!("client{number}")),
        sid: ParticipantSid::new(format!("PA_client{number}")),
        name: String::new(),
        metadata: String::new(),
        attributes: BTreeMap::new(),
        kind: proto::participant_info::Kind::Standard,
        grants: Grants {
            can_publish: true,
            sources: Vec::new(),
            can_subscribe: true,
            can_publish_data: true,
            can_read_chat: true,
            can_write_chat: true,
            can_update_own_metadata: false,
        },
        version: 1,
    }
}

fn connect(offer: proto::SessionDescription) -> Connect {
    Connect {
        mode: SignalMode::SinglePc,
        client: proto::ClientInfo { protocol: 16, ..Default::default() },
        auto_subscribe: true,
        adaptive_stream: false,
        resume: None,
        publisher_offer: Some(offer),
        add_tracks: Vec::new(),
        sync_state: None,
    }
}
