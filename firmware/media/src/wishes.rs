//! What the SFU says about the room's own tracks, on its way to the media thread: the latest of each
//! kind until it is taken. So nothing is lost and nothing grows, however busy that thread is.

use std::sync::Mutex;

use huddle_core::ids::TrackSid;
use huddle_core::routing::Layer;

use crate::picture::lock;

/// What the tap says about the room's own tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    /// A keyframe is needed.
    Keyframe(Layer),
    /// These layers are watched.
    Layers([bool; 3]),
    /// A moderator muted this track.
    Mute(TrackSid),
    /// The tap is over.
    Closed,
}

/// What waits.
#[derive(Default)]
pub(crate) struct Wishes(Mutex<Vec<Own>>);

impl Wishes {
    /// Adds one, in place of an older one of its kind.
    pub(crate) fn put(&self, own: Own) {
        let mut waiting = lock(&self.0);
        let layers = matches!(own, Own::Layers(_));
        waiting.retain(|known| *known != own && !(layers && matches!(known, Own::Layers(_))));
        waiting.push(own);
    }

    /// All of them, in the order in which they came.
    pub(crate) fn take(&self) -> Vec<Own> {
        std::mem::take(&mut lock(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moderator_s_mute_is_not_lost_among_a_thousand_keyframes() {
        let wishes = Wishes::default();
        wishes.put(Own::Layers([true; 3]));
        for _ in 0..1_000 {
            Layer::ALL.into_iter().for_each(|layer| wishes.put(Own::Keyframe(layer)));
        }
        wishes.put(Own::Mute("TR_AM".into()));
        wishes.put(Own::Layers([true, false, false]));
        wishes.put(Own::Mute("TR_VC".into()));
        let taken = wishes.take();
        assert_eq!(taken.len(), 6, "{taken:?}");
        assert!(taken.contains(&Own::Mute("TR_AM".into())) && taken.contains(&Own::Mute("TR_VC".into())));
        assert!(taken.contains(&Own::Layers([true, false, false])), "the latest");
        assert!(wishes.take().is_empty());
    }
}
