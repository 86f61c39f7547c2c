//! The LiveKit session without sockets and without media: what a track and a participant look
//! like on the wire, which announced track an m-line belongs to, who may receive which data
//! packet, and the responses. It decides nothing about rights of its own: it asks `Grants`.

pub mod data;
pub mod info;
pub mod limits;
pub mod pending;
pub mod reply;
