//! Frames between the load client and the child with the SFU: length, kind, connection, bytes.

use std::io::{Read, Write};

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To the child: join; the bytes are a `SessionDescription`.
    Join,
    /// To the child: a `SignalRequest`; from it: a `SignalResponse`.
    Signal,
}

/// One frame.
pub(crate) struct Frame {
    pub kind: Kind,
    pub connection: u64,
    pub bytes: Vec<u8>,
}

pub(crate) fn write(out: &mut impl Write, frame: &Frame) -> std::io::Result<()> {
    let length = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&[u8::from(frame.kind == Kind::Signal)])?;
    out.write_all(&frame.connection.to_be_bytes())?;
    out.write_all(&frame.bytes)?;
    out.flush()
}

/// The next frame; an error when the other side is gone.
pub(crate) fn read(input: &mut impl Read) -> std::io::Result<Frame> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut kind = [0; 1];
    input.read_exact(&mut kind)?;
    let mut connection = [0; 8];
    input.read_exact(&mut connection)?;
    let mut bytes = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap_or(0)];
    input.read_exact(&mut bytes)?;
    let kind = if kind == [1] { Kind::Signal } else { Kind::Join };
    Ok(Frame { kind, connection: u64::from_be_bytes(connection), bytes })
}
