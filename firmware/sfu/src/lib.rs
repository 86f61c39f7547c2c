//! The SFU: a sans-IO engine on str0m, the LiveKit sessions beside it, and a thin runtime
//! with the sockets. `port` is what the daemon sees of it.

pub mod engine;
pub mod port;
mod runtime;

mod codec;
mod demux;
mod forward;
mod hold;
mod peer;
mod queue;
mod sdp;

pub use runtime::{Error, start};
