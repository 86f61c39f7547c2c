//! Who is shown large. Holds a speaker for a while so that a cough does not switch the picture.

use std::time::{Duration, Instant};

use huddle_core::ids::Identity;

/// Shortest time a speaker stays large.
const HOLD: Duration = Duration::from_millis(1_500);

/// The large one.
#[derive(Debug, Default)]
pub(crate) struct Floor {
    who: Option<(Identity, Instant)>,
}

impl Floor {
    /// `speakers` loudest first, among `present`; returns whom to show large. Keeps the last
    /// speaker while all are silent; the first of `present` when nobody has spoken yet.
    pub(crate) fn choose(
        &mut self,
        speakers: &[Identity],
        present: &[Identity],
        now: Instant,
    ) -> Option<Identity> {
        let gone = self.who.as_ref().is_some_and(|(who, _)| !present.contains(who));
        if gone {
            self.who = None;
        }
        let loudest = speakers.iter().find(|s| present.contains(s));
        let held = self.who.as_ref().is_some_and(|(_, since)| now.saturating_duration_since(*since) < HOLD);
        let same = self.who.as_ref().map(|(who, _)| who) == loudest;
        if let Some(loudest) = loudest.filter(|_| !held && !same) {
            self.who = Some((loudest.clone(), now));
        }
        self.who.as_ref().map(|(who, _)| who).or(present.first()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<Identity> {
        names.iter().map(Identity::new).collect()
    }

    #[test]
    fn a_cough_does_not_take_the_floor() {
        let (mut f, t, all) = (Floor::default(), Instant::now(), ids(&["a", "b"]));
        assert_eq!(f.choose(&ids(&["a"]), &all, t), Some("a".into()));
        assert_eq!(f.choose(&ids(&["b"]), &all, t + HOLD / 2), Some("a".into()));
        assert_eq!(f.choose(&ids(&["b"]), &all, t + HOLD), Some("b".into()));
        assert_eq!(f.choose(&[], &all, t + HOLD * 9), Some("b".into()));
    }

    #[test]
    fn who_left_loses_the_floor() {
        let (mut f, t) = (Floor::default(), Instant::now());
        f.choose(&ids(&["b"]), &ids(&["a", "b"]), t);
        assert_eq!(f.choose(&[], &ids(&["a"]), t), Some("a".into()));
        assert_eq!(f.choose(&[], &[], t), None);
    }
}
