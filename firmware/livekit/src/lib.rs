//! The LiveKit wire protocol as a server speaks it, without sockets.
//!
//! `token` and `connect` read what a client brings to `/rtc` and `/rtc/v1`; `admission` is what
//! the conductor grants; `session` is the state machine of one signalling session: requests
//! in, responses and SFU commands out. No I/O and no clock.

pub mod admission;
pub mod connect;
pub mod grants;
pub mod session;
pub mod token;

pub use livekit_protocol as proto;
