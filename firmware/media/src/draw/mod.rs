//! Drawing by plain loops over I420 planes: canvas, text, tiles. Reads pictures, writes a canvas;
//! must never wait for anything.

pub(crate) mod canvas;
pub(crate) mod compose;
pub(crate) mod icon;
pub(crate) mod text;
