//! Routing decisions of the SFU: which simulcast layer a subscriber gets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::units::{Bitrate, Size};

/// Simulcast layer by position, lowest first (LiveKit rids `q`, `h`, `f`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Layer {
    /// `q`, LiveKit quality LOW; also the only layer of a track without simulcast.
    Low,
    /// `h`, LiveKit quality MEDIUM.
    Medium,
    /// `f`, LiveKit quality HIGH.
    High,
}

impl Layer {
    /// Lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The rid LiveKit clients use for this position (reference livekit §1.9).
    pub const fn rid(self) -> &'static str {
        match self {
            Self::Low => "q",
            Self::Medium => "h",
            Self::High => "f",
        }
    }

    /// 0, 1 or 2.
    pub const fn index(self) -> usize {
        match self {
            Self::Low => 0,
            Self::Medium => 1,
            Self::High => 2,
        }
    }
}

/// What a subscriber wants of one video track (LiveKit `UpdateTrackSettings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LayerWish {
    /// Send nothing.
    Off,
    /// The smallest layer at least this large; the largest when none is.
    Size(Size),
    /// At most this layer.
    AtMost(Layer),
}

impl Default for LayerWish {
    fn default() -> Self {
        Self::AtMost(Layer::High)
    }
}

/// A simulcast layer as the publisher declared it and as it is seen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerState {
    /// Which one.
    pub layer: Layer,
    /// Declared picture size.
    pub size: Size,
    /// Bits per second measured lately; the declared figure until packets arrive.
    pub bitrate: Bitrate,
    /// Packets have arrived lately.
    pub alive: bool,
}

/// One subscribed video track of a subscriber, as [`allocate`] sees it.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    /// What the subscriber wants.
    pub wish: LayerWish,
    /// The layers the publisher has, lowest first.
    pub layers: &'a [LayerState],
    /// What is sent now.
    pub current: Option<Layer>,
    /// More important demands (larger) are served first; equal ones in order.
    pub priority: u32,
}

/// What a subscriber gets of one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allotment {
    /// Nothing is wanted, or there is no layer to send.
    Off,
    /// Wanted, but the bandwidth is too small for even the smallest layer.
    Paused,
    /// This layer.
    Send(Layer),
}

impl Allotment {
    /// The layer to send, if any.
    pub const fn layer(self) -> Option<Layer> {
        match self {
            Self::Send(layer) => Some(layer),
            Self::Off | Self::Paused => None,
        }
    }
}

/// The layer a wish asks for, whether packets of it arrive or not; `None` for [`LayerWish::Off`]
/// or without layers. Sizes: the smallest layer at least as large (LiveKit `UpdateTrackSettings`,
/// reference livekit §1.9).
pub fn desired(wish: LayerWish, layers: &[LayerState]) -> Option<Layer> {
    let largest = layers.iter().map(|state| state.layer).max()?;
    match wish {
        LayerWish::Off => None,
        LayerWish::Size(size) => layers
            .iter()
            .filter(|state| state.size.width >= size.width && state.size.height >= size.height)
            .map(|state| state.layer)
            .min()
            .or(Some(largest)),
        LayerWish::AtMost(limit) => layers
            .iter()
            .map(|state| state.layer)
            .filter(|layer| *layer <= limit)
            .max()
            .or_else(|| layers.iter().map(|state| state.layer).min()),
    }
}

/// The layer to send now instead of `desired`: itself when packets arrive, else the nearest
/// smaller living one, else the nearest larger; `desired` itself when nothing lives.
pub fn living(desired: Layer, layers: &[LayerState]) -> Layer {
    let alive = || layers.iter().filter(|state| state.alive).map(|state| state.layer);
    alive()
        .filter(|layer| *layer <= desired)
        .max()
        .or_else(|| alive().filter(|layer| *layer > desired).min())
        .unwrap_or(desired)
}

/// Divides `budget` (bits per second; `None` = no limit) among a subscriber's video tracks:
/// first everybody's smallest layer, then upgrades towards the wish in rounds, so that no track
/// is large while another is dark. Raising a layer needs 15 % of headroom over its bitrate,
/// keeping it does not; so a noisy estimate does not make layers flap. The smallest layer is
/// paused only when less than half of it fits: a picture that stutters beats none.
pub fn allocate(budget: Option<Bitrate>, demands: &[Demand<'_>]) -> Vec<Allotment> {
    let wanted: Vec<Option<Layer>> =
        demands.iter().map(|demand| desired(demand.wish, demand.layers)).collect();
    let Some(budget) = budget else {
        return wanted.iter().map(|layer| layer.map_or(Allotment::Off, Allotment::Send)).collect();
    };
    let mut left = budget.bps();
    let mut given = vec![Allotment::Off; demands.len()];
    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(demands.get(*index).map(|d| d.priority)));
    loop {
        let mut changed = false;
        for &index in &order {
            let (Some(demand), Some(&Some(want)), Some(slot)) =
                (demands.get(index), wanted.get(index), given.get_mut(index))
            else {
                continue;
            };
            let Some((layer, extra)) = step(demand, want, *slot) else {
                continue;
            };
            let kept = demand.current.is_some_and(|current| layer <= current);
            let needed = match (slot.layer(), kept) {
                (None, _) => extra / 2,
                (Some(_), true) => extra,
                (Some(_), false) => extra.saturating_mul(115) / 100,
            };
            if needed <= left {
                left = left.saturating_sub(extra);
                *slot = Allotment::Send(layer);
                changed = true;
            } else if *slot == Allotment::Off {
                *slot = Allotment::Paused;
            }
        }
        if !changed {
            return given;
        }
    }
}

/// The next layer up for a demand and its additional bits per second.
fn step(demand: &Demand<'_>, want: Layer, given: Allotment) -> Option<(Layer, u64)> {
    let have = given.layer();
    let next = demand
        .layers
        .iter()
        .filter(|state| state.layer <= want && have.is_none_or(|layer| state.layer > layer))
        .min_by_key(|state| state.layer)?;
    let cost = |layer: Option<Layer>| {
        demand.layers.iter().find(|state| Some(state.layer) == layer).map_or(0, |state| state.bitrate.bps())
    };
    Some((next.layer, next.bitrate.bps().saturating_sub(cost(have))))
}

/// Which encodings of a published track are wanted by anybody, told to the publisher
/// (LiveKit `subscribed_quality_update`): more at once, less only after [`Self::PATIENCE`].
#[derive(Clone, Debug, Default)]
pub struct Dynacast {
    told: Option<[bool; 3]>,
    less_since: Option<Duration>,
}

impl Dynacast {
    /// How long a layer must be unwanted before the publisher is told (LiveKit: 5 s).
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// What the publisher should be told at `now` (any steady clock), if it changed.
    pub fn update(&mut self, now: Duration, wanted: [bool; 3]) -> Option<[bool; 3]> {
        let Some(told) = self.told else {
            self.told = Some(wanted);
            return Some(wanted);
        };
        if told == wanted {
            self.less_since = None;
            return None;
        }
        let more = told.iter().zip(wanted).any(|(told, wanted)| wanted && !told);
        let since = *self.less_since.get_or_insert(now);
        if more {
            let mut both = wanted;
            if now.saturating_sub(since) < Self::PATIENCE {
                both.iter_mut().zip(told).for_each(|(both, told)| *both |= told);
            }
            return self.tell(both);
        }
        if now.saturating_sub(since) < Self::PATIENCE {
            return None;
        }
        self.tell(wanted)
    }

    fn tell(&mut self, wanted: [bool; 3]) -> Option<[bool; 3]> {
        self.less_since = None;
        (self.told.replace(wanted) != Some(wanted)).then_some(wanted)
    }
}

#[cfg(test)]
mod tests;
