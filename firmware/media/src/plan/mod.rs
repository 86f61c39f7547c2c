//! Decisions as plain structs: no GStreamer, no clock of their own, no threads.
//! Time comes in as an argument; tests run without a camera.

pub(crate) mod backoff;
pub(crate) mod clock;
pub(crate) mod jitter;
pub(crate) mod load;
pub(crate) mod speaker;
