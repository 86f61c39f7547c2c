//! How load clients signal: over a pipe to a bare SFU in a child process, or over WebSockets to a
//! whole box.

use std::collections::BTreeMap;
use std::io::{BufReader, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context as _;
use base64::Engine as _;
use crossbeam_channel::Receiver;
use huddle_livekit::proto;
use prost::Message as _;
use tungstenite::{Message, WebSocket};

use crate::wire::{self, Frame, Kind};

/// A way to the server.
pub(crate) enum Link {
    /// A bare SFU.
    Child { child: Child, to: ChildStdin, from: Receiver<Frame> },
    /// A box, with its web address and a socket per client.
    Sockets { web: SocketAddr, sockets: BTreeMap<usize, WebSocket<TcpStream>> },
}

impl Link {
    /// Starts a bare SFU.
    pub(crate) fn child() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        let (sender, from) = crossbeam_channel::unbounded();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(frame) = wire::read(&mut output) {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        });
        Ok(Self::Child { child, to, from })
    }

    /// Clients of the box with this web address.
    pub(crate) const fn sockets(web: SocketAddr) -> Self {
        Self::Sockets { web, sockets: BTreeMap::new() }
    }

    /// Joins; a box wants a token.
    pub(crate) fn join(
        &mut self,
        client: usize,
        token: &str,
        subscribe: bool,
        offer: proto::SessionDescription,
    ) -> anyhow::Result<()> {
        match self {
            Self::Child { to, .. } => {
                let bytes = offer.encode_to_vec();
                Ok(wire::write(to, &Frame { kind: Kind::Join, connection: u64::try_from(client)?, bytes })?)
            }
            Self::Sockets { web, sockets } => {
                let stream = TcpStream::connect(*web)?;
                stream.set_nodelay(true)?;
                let request = join_request(subscribe, offer);
                let url = format!("ws://{web}/rtc/v1?access_token={token}&join_request={request}");
                let (socket, _) = tungstenite::client(url.as_str(), stream).context("signalling")?;
                socket.get_ref().set_nonblocking(true)?;
                sockets.insert(client, socket);
                Ok(())
            }
        }
    }

    /// Asks the server for something.
    pub(crate) fn ask(
        &mut self,
        client: usize,
        message: proto::signal_request::Message,
    ) -> anyhow::Result<()> {
        let bytes = proto::SignalRequest { message: Some(message) }.encode_to_vec();
        match self {
            Self::Child { to, .. } => {
                let connection = u64::try_from(client)?;
                Ok(wire::write(to, &Frame { kind: Kind::Signal, connection, bytes })?)
            }
            Self::Sockets { sockets, .. } => {
                let socket = sockets.get_mut(&client).context("not connected")?;
                Ok(socket.send(Message::Binary(bytes.into()))?)
            }
        }
    }

    /// What the server has said since the last call.
    pub(crate) fn hear(&mut self) -> anyhow::Result<Vec<(usize, proto::SignalResponse)>> {
        let mut heard = Vec::new();
        match self {
            Self::Child { from, .. } => {
                while let Ok(frame) = from.try_recv() {
                    let response = proto::SignalResponse::decode(frame.bytes.as_slice())?;
                    heard.push((usize::try_from(frame.connection)?, response));
                }
            }
            Self::Sockets { sockets, .. } => {
                for (client, socket) in sockets {
                    loop {
                        match socket.read() {
                            Ok(Message::Binary(bytes)) => {
                                heard.push((*client, proto::SignalResponse::decode(bytes)?));
                            }
                            Ok(_) => {}
                            Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                                break;
                            }
                            Err(error) => return Err(error).context("the box ended a client's signalling"),
                        }
                    }
                }
            }
        }
        Ok(heard)
    }

    /// Ends a bare SFU.
    pub(crate) fn end(self) {
        if let Self::Child { mut child, to, .. } = self {
            drop(to);
            // It ends with its input; what it returns does not change the figures.
            let _ = child.wait();
        }
    }

    /// Closes a client's signalling.
    pub(crate) fn leave(&mut self, client: usize) {
        if let Self::Sockets { sockets, .. } = self
            && let Some(mut socket) = sockets.remove(&client)
        {
            // The box notices a closed connection as well.
            let _ = socket.close(None);
            let _ = socket.flush();
        }
    }
}

fn join_request(subscribe: bool, offer: proto::SessionDescription) -> String {
    let join = proto::JoinRequest {
        client_info: Some(proto::ClientInfo { protocol: 16, ..Default::default() }),
        connection_settings: Some(proto::ConnectionSettings {
            auto_subscribe: subscribe,
            ..Default::default()
        }),
        publisher_offer: Some(offer),
        ..Default::default()
    };
    let wrapped = proto::WrappedJoinRequest { compression: 0, join_request: join.encode_to_vec() };
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(wrapped.encode_to_vec())
}
