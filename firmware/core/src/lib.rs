//! The rules of Huddlebox: accounts, permissions, rooms, meetings, recording policy,
//! routing, layout and indicators.
//!
//! Pure code: no I/O, no clock, no randomness of its own, no async, neither prost nor tokio.
//! Time, randomness and secrets are arguments; what is to be done comes out as data.

pub mod access;
pub mod account;
pub mod audit;
pub mod button;
pub mod encoding;
pub mod ids;
pub mod indicator;
pub mod layout;
pub mod link;
pub mod listing;
pub mod meeting;
pub mod member;
pub mod permission;
pub mod recording;
pub mod room;
pub mod routing;
pub mod speaker;
pub mod state;
pub mod units;
pub mod webhook;
