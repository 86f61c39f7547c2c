//! The rules of Huddlebox: accounts, permissions, rooms, meetings, recording policy,
//! routing, layout and indicators.
//!
//! Pure code: no I/O, no clock, no randomness of its own, no async, neither prost nor tokio.
//! Time, randomness and secrets are arguments; what is to be done comes out as data.

pub mod ids;
pub mod layout;
pub mod routing;
pub mod speaker;
pub mod units;
