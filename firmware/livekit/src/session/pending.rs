//! Tracks that were announced by `AddTrackRequest` and wait for their m-line, or the reverse:
//! whichever comes first waits (reference livekit §0.6, §1.6).

use livekit_protocol as proto;

/// More pending tracks than this are refused with LIMIT_EXCEEDED (LiveKit: 20).
pub const LIMIT: usize = 20;

/// A track waiting for its m-line.
#[derive(Clone, Debug)]
pub struct Pending {
    /// As announced to the client.
    pub info: proto::TrackInfo,
    /// All client ids the m-line may carry.
    pub cids: Vec<String>,
}

/// The waiting tracks of one session, oldest first.
#[derive(Clone, Debug, Default)]
pub struct PendingTracks {
    waiting: Vec<Pending>,
}

/// Too many tracks are waiting.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("too many pending tracks")]
pub struct Full;

impl PendingTracks {
    /// Adds a track; a second request with the same cid replaces nothing and answers the first.
    pub fn add(
        &mut self,
        request: &proto::AddTrackRequest,
        make: impl FnOnce() -> proto::TrackInfo,
    ) -> Result<proto::TrackInfo, Full> {
        if let Some(known) = self.waiting.iter().find(|pending| pending.cids.contains(&request.cid)) {
            return Ok(known.info.clone());
        }
        if self.waiting.len() >= LIMIT {
            return Err(Full);
        }
        let info = make();
        let mut cids = vec![request.cid.clone()];
        cids.extend(
            request
                .simulcast_codecs
                .iter()
                .map(|codec| codec.cid.clone())
                .filter(|cid| !cid.is_empty() && *cid != request.cid),
        );
        self.waiting.push(Pending { info: info.clone(), cids });
        Ok(info)
    }

    /// Takes the track an m-line belongs to: by its msid track id, else the oldest, because some
    /// clients change ids (Safari, Firefox). Always of the m-line's kind: rights were judged by it.
    pub fn take(&mut self, msid_track: Option<&str>, kind: proto::TrackType) -> Option<Pending> {
        let by_cid = msid_track.and_then(|cid| {
            self.waiting.iter().position(|pending| {
                pending.info.r#type() == kind && pending.cids.iter().any(|have| have == cid)
            })
        });
        let index =
            by_cid.or_else(|| self.waiting.iter().position(|pending| pending.info.r#type() == kind))?;
        Some(self.waiting.remove(index))
    }

    /// Does a track of this kind wait?
    pub fn has(&self, kind: proto::TrackType) -> bool {
        self.waiting.iter().any(|pending| pending.info.r#type() == kind)
    }

    /// What was announced of those that wait.
    pub fn infos(&self) -> impl Iterator<Item = &proto::TrackInfo> {
        self.waiting.iter().map(|pending| &pending.info)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// None waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Changes the mute state of a waiting track; `false` when it is not here.
    pub fn mute(&mut self, sid: &str, muted: bool) -> bool {
        match self.waiting.iter_mut().find(|pending| pending.info.sid == sid) {
            Some(pending) => {
                pending.info.muted = muted;
                true
            }
            None => false,
        }
    }

    /// Drops the tracks for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(&proto::TrackInfo) -> bool) {
        self.waiting.retain(|pending| keep(&pending.info));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(tracks: &mut PendingTracks, cid: &str, kind: proto::TrackType) {
        let request = proto::AddTrackRequest { cid: cid.into(), r#type: kind as i32, ..Default::default() };
        let info = proto::TrackInfo { sid: format!("TR_{cid}"), r#type: kind as i32, ..Default::default() };
        tracks.add(&request, || info).unwrap();
    }

    #[test]
    fn an_mline_finds_its_track_by_cid_and_else_by_kind() {
        let mut tracks = PendingTracks::default();
        add(&mut tracks, "mic", proto::TrackType::Audio);
        add(&mut tracks, "cam", proto::TrackType::Video);
        add(&mut tracks, "screen", proto::TrackType::Video);
        let sid = |pending: Option<Pending>| pending.map(|pending| pending.info.sid);
        assert_eq!(sid(tracks.take(Some("screen"), proto::TrackType::Video)), Some("TR_screen".into()));
        assert_eq!(sid(tracks.take(Some("{ff}"), proto::TrackType::Video)), Some("TR_cam".into()));
        assert_eq!(sid(tracks.take(None, proto::TrackType::Video)), None);
        assert_eq!(sid(tracks.take(None, proto::TrackType::Audio)), Some("TR_mic".into()));
    }

    #[test]
    fn the_same_cid_twice_is_one_track_and_the_queue_is_bounded() {
        let mut tracks = PendingTracks::default();
        for n in 0..LIMIT {
            add(&mut tracks, &format!("c{n}"), proto::TrackType::Audio);
        }
        add(&mut tracks, "c3", proto::TrackType::Audio);
        let request = proto::AddTrackRequest { cid: "more".into(), ..Default::default() };
        assert_eq!(tracks.add(&request, proto::TrackInfo::default), Err(Full));
    }

    #[test]
    fn a_video_section_never_takes_a_track_announced_as_sound() {
        let mut tracks = PendingTracks::default();
        add(&mut tracks, "mic", proto::TrackType::Audio);
        assert!(tracks.take(Some("mic"), proto::TrackType::Video).is_none());
        assert!(tracks.take(Some("mic"), proto::TrackType::Audio).is_some());
    }
}
