//! RFC 4571 framing of ICE-TCP: two bytes of length, then the packet. Pure.

/// Frames above this are not WebRTC: the connection is closed.
pub(super) const LONGEST: usize = 2_048;

/// Collects a byte stream into frames. Holds at most one incomplete frame.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: Vec<u8>,
}

/// The peer does not speak RFC 4571.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("frame too long")]
pub(super) struct TooLong;

impl Frames {
    /// Takes bytes and hands out complete frames.
    pub(super) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), TooLong> {
        self.buffer.extend_from_slice(bytes);
        let mut rest = self.buffer.as_slice();
        while let Some((length, tail)) = rest.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length));
            if length > LONGEST {
                return Err(TooLong);
            }
            let Some(frame) = tail.get(..length) else { break };
            take(frame);
            rest = tail.get(length..).unwrap_or_default();
        }
        let used = self.buffer.len() - rest.len();
        self.buffer.drain(..used);
        Ok(())
    }
}

/// Appends a frame to an output buffer; false (and nothing appended) when it is too long.
pub(super) fn append(out: &mut Vec<u8>, packet: &[u8]) -> bool {
    let Ok(length) = u16::try_from(packet.len()) else { return false };
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(packet);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_split_of_the_stream() {
        let mut stream = Vec::new();
        let packets: [&[u8]; 4] = [b"a", b"", b"hello", &[7; 1_500]];
        for packet in packets {
            assert!(append(&mut stream, packet));
        }
        for step in [1, 2, 3, 7, 1_000, 5_000] {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for part in stream.chunks(step) {
                frames.push(part, |frame| seen.push(frame.to_vec())).unwrap();
            }
            assert_eq!(seen, packets);
        }
    }

    #[test]
    fn an_absurd_length_is_refused_before_it_is_awaited() {
        let mut frames = Frames::default();
        assert_eq!(frames.push(&[0xff, 0xff], |_| ()), Err(TooLong));
        assert!(!append(&mut Vec::new(), &[0; 70_000]));
    }
}
