//! Reading and rewriting SDP text (reference livekit §1.7, §8.2–8.4).
//!
//! str0m fixes msid, direction and codec order of an m-line itself; a LiveKit session needs its
//! own. The text is rewritten after str0m made it: str0m never reads its own answer again.
//! This module must never touch an `Rtc`.

use std::collections::BTreeMap;

/// Audio, video or the data channel section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
    Application,
}

/// Direction attribute as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    const fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "a=sendrecv",
            Self::SendOnly => "a=sendonly",
            Self::RecvOnly => "a=recvonly",
            Self::Inactive => "a=inactive",
        }
    }

    fn parse(line: &str) -> Option<Self> {
        [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive]
            .into_iter()
            .find(|direction| direction.attribute() == line)
    }

    /// Does the side that wrote it send?
    pub(crate) const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Does the side that wrote it receive?
    pub(crate) const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// What the session needs to know of one m-line of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub kind: Kind,
    pub mid: String,
    pub direction: Direction,
    /// Port 0 outside the bundle: rejected or stopped.
    pub rejected: bool,
    /// Second token of `a=msid`.
    pub track_id: Option<String>,
    /// `a=rid:… send`, in order.
    pub rids: Vec<String>,
}

/// The m-lines of a session description, in order. Unknown or broken lines are skipped.
pub(crate) fn sections(sdp: &str) -> Vec<Section> {
    let bundle: Vec<&str> = sdp
        .lines()
        .find_map(|line| line.trim_end().strip_prefix("a=group:BUNDLE"))
        .map(|mids| mids.split_whitespace().collect())
        .unwrap_or_default();
    let mut found: Vec<Section> = Vec::new();
    for line in sdp.lines().map(str::trim_end) {
        if let Some(media) = line.strip_prefix("m=") {
            found.extend(open_section(media));
        } else if let Some(section) = found.last_mut() {
            read_attribute(section, line);
        }
    }
    for section in &mut found {
        section.rejected &= !bundle.contains(&section.mid.as_str());
    }
    found
}

fn open_section(media: &str) -> Option<Section> {
    let mut words = media.split_whitespace();
    let kind = match words.next()? {
        "audio" => Kind::Audio,
        "video" => Kind::Video,
        "application" => Kind::Application,
        _ => return None,
    };
    Some(Section {
        kind,
        mid: String::new(),
        direction: Direction::SendRecv,
        rejected: words.next() == Some("0"),
        track_id: None,
        rids: Vec::new(),
    })
}

fn read_attribute(section: &mut Section, line: &str) {
    if let Some(mid) = line.strip_prefix("a=mid:") {
        section.mid = mid.to_owned();
    } else if let Some(msid) = line.strip_prefix("a=msid:") {
        section.track_id = msid.split_whitespace().nth(1).map(str::to_owned);
    } else if let Some(rid) = line.strip_prefix("a=rid:") {
        let mut words = rid.split_whitespace();
        if let (Some(id), Some("send")) = (words.next(), words.next()) {
            section.rids.push(id.to_owned());
        }
    } else if let Some(direction) = Direction::parse(line) {
        section.direction = direction;
    }
}

/// How one m-line of our description is rewritten. Default: left alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rewrite {
    /// Replaces the direction; `Inactive` and `RecvOnly` also remove msid and ssrc lines.
    pub direction: Option<Direction>,
    /// Stream id and track id of `a=msid` and `a=ssrc … msid:`.
    pub msid: Option<(String, String)>,
    /// MIME type whose payload types come first (`video/H264`).
    pub codec_first: Option<String>,
    /// Appended to the Opus `a=fmtp` line, with its `;`.
    pub opus_parameters: String,
}

/// Rewrites the m-lines of our own offer or answer, by mid.
pub(crate) fn rewrite(sdp: &str, by_mid: &BTreeMap<String, Rewrite>) -> String {
    let mut out = String::with_capacity(sdp.len() + 256);
    for (index, block) in blocks(sdp).into_iter().enumerate() {
        let mid = block.iter().find_map(|line| line.strip_prefix("a=mid:"));
        match mid.and_then(|mid| by_mid.get(mid)) {
            Some(change) if index > 0 => rewrite_block(&block, change, &mut out),
            Some(_) | None => block.iter().for_each(|line| push(&mut out, line)),
        }
    }
    out
}

/// The session part and one block per m-line.
fn blocks(sdp: &str) -> Vec<Vec<&str>> {
    let mut blocks = vec![Vec::new()];
    for line in sdp.lines().map(str::trim_end) {
        if line.starts_with("m=") {
            blocks.push(Vec::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    blocks
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push_str("\r\n");
}

fn rewrite_block(block: &[&str], change: &Rewrite, out: &mut String) {
    let first = change.codec_first.as_deref().map(|mime| payload_types(block, mime));
    let opus = payload_types(block, "audio/opus");
    let silent = change.direction.is_some_and(|direction| !direction.sends());
    for line in block {
        if silent && (line.starts_with("a=msid:") || line.starts_with("a=ssrc")) {
            continue;
        }
        if let (Some(first), true) = (&first, line.starts_with("m=")) {
            push(out, &reorder(line, first));
        } else if let (Some(direction), Some(_)) = (change.direction, Direction::parse(line)) {
            push(out, direction.attribute());
        } else if let (Some((stream, track)), true) = (&change.msid, line.starts_with("a=msid:")) {
            push(out, &format!("a=msid:{stream} {track}"));
        } else if let (Some((stream, track)), Some(ssrc)) = (&change.msid, ssrc_msid(line)) {
            push(out, &format!("a=ssrc:{ssrc} msid:{stream} {track}"));
        } else if opus.iter().any(|pt| line.starts_with(&format!("a=fmtp:{pt} "))) {
            push(out, &format!("{line}{}", change.opus_parameters));
        } else {
            push(out, line);
        }
    }
}

fn ssrc_msid(line: &str) -> Option<&str> {
    let (ssrc, attribute) = line.strip_prefix("a=ssrc:")?.split_once(' ')?;
    attribute.starts_with("msid:").then_some(ssrc)
}

/// Payload types of a MIME type in a block, each followed by its RTX type.
fn payload_types(block: &[&str], mime: &str) -> Vec<String> {
    let name = mime.rsplit('/').next().unwrap_or(mime);
    let mut types = Vec::new();
    for line in block {
        let Some((pt, codec)) = line.strip_prefix("a=rtpmap:").and_then(|map| map.split_once(' ')) else {
            continue;
        };
        if codec.split('/').next().is_some_and(|have| have.eq_ignore_ascii_case(name)) {
            types.push(pt.to_owned());
        }
    }
    let repairs = block.iter().filter_map(|line| {
        let (pt, parameters) = line.strip_prefix("a=fmtp:")?.split_once(' ')?;
        let main = parameters.strip_prefix("apt=")?;
        types.iter().any(|have| have == main).then(|| pt.to_owned())
    });
    let repairs: Vec<String> = repairs.collect();
    types.extend(repairs);
    types
}

fn reorder(line: &str, first: &[String]) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (head, types) = words.split_at(words.len().min(3));
    let front = types.iter().filter(|pt| first.iter().any(|have| have == **pt));
    let back = types.iter().filter(|pt| !first.iter().any(|have| have == **pt));
    let all: Vec<&str> = head.iter().chain(front).chain(back).copied().collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\na=group:BUNDLE 0 1 2\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=msid:x y\r\n\
        a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=ssrc:5 cname:c\r\n\
        a=ssrc:5 msid:x y\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\na=mid:1\r\na=recvonly\r\n\
        a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
        a=rtpmap:98 H264/90000\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";

    #[test]
    fn an_assigned_section_carries_the_track_in_both_msid_forms() {
        let change = Rewrite {
            msid: Some(("PA_a|TR_b".into(), "TR_b".into())),
            opus_parameters: ";usedtx=1".into(),
            ..Rewrite::default()
        };
        let text = rewrite(ANSWER, &BTreeMap::from([("0".into(), change)]));
        assert!(text.contains("a=msid:PA_a|TR_b TR_b\r\n"));
        assert!(text.contains("a=ssrc:5 msid:PA_a|TR_b TR_b\r\n"));
        assert!(text.contains("a=fmtp:111 minptime=10;usedtx=1\r\n"));
        assert_eq!(text.matches("m=").count(), 3);
    }

    #[test]
    fn an_unassigned_section_is_inactive_and_names_no_track() {
        let change = Rewrite { direction: Some(Direction::Inactive), ..Rewrite::default() };
        let text = rewrite(ANSWER, &BTreeMap::from([("0".into(), change)]));
        assert!(text.contains("a=inactive\r\n"));
        assert!(!text.contains("a=msid") && !text.contains("a=ssrc"));
    }

    #[test]
    fn the_chosen_codec_comes_first_with_its_rtx() {
        let change = Rewrite { codec_first: Some("video/h264".into()), ..Rewrite::default() };
        let text = rewrite(ANSWER, &BTreeMap::from([("1".into(), change)]));
        assert!(text.contains("m=video 9 UDP/TLS/RTP/SAVPF 98 99 96 97\r\n"));
    }

    #[test]
    fn sections_are_read_with_direction_msid_and_rids() {
        let offer = "a=group:BUNDLE 0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n\
            a=sendonly\r\na=msid:- cam\r\na=rid:q send\r\na=rid:h send\r\n\
            m=audio 0 X 0\r\na=mid:1\r\na=inactive\r\nm=weird 9\r\n";
        let found = sections(offer);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].track_id.as_deref(), Some("cam"));
        assert_eq!(found[0].rids, ["q", "h"]);
        assert!(!found[0].rejected && found[1].rejected);
        assert!(found[0].direction.sends() && !found[0].direction.receives());
    }
}
