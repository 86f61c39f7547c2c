//! GStreamer: the room endpoint (camera, microphone, TV, speaker) and the recorder.
//! `port` is what the daemon sees of it. GStreamer moves buffers; decisions are plain structs.

pub mod port;
