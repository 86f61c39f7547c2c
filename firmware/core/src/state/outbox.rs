//! Events on their way to webhooks. Each webhook has a queue per room: the first of a queue is
//! tried until the receiver takes it or it is given up, then comes the next one. Rooms do not wait
//! for each other.
//!
//! ```text
//! added ──saved──► waiting ──due──► flying ──2xx──► delivered
//!                     ▲               │
//!                     └──pause 1 s…───┴──24 h──► failed
//! ```
//!
//! Bounds: [`WAITING`] deliveries wait per webhook; when one more comes, the oldest is given up and
//! listed as failed. [`LISTED`] that are over are kept for the log; the oldest goes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::{Change, Now};
use crate::ids::{RoomId, WebhookId};
use crate::units::UnixMillis;
use crate::webhook::{Delivery, DeliveryState, Event, GIVE_UP, Outcome, pause};

/// Deliveries that wait per webhook at most.
pub(super) const WAITING: usize = 1_000;
/// Deliveries that are over and still listed, per webhook.
pub(super) const LISTED: usize = 200;
/// Tries at a time per webhook: a slow receiver with many rooms does not take all sockets.
pub(super) const FLYING: usize = 4;
/// A try without any outcome by then counts as failed; those who try answer within seconds.
const OVERDUE: Duration = Duration::from_secs(60);

/// All queues.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queues: BTreeMap<WebhookId, Queue>,
    last_number: u64,
}

#[derive(Debug, Default)]
struct Queue {
    rooms: BTreeMap<RoomId, VecDeque<Entry>>,
    over: VecDeque<Delivery>,
}

#[derive(Debug)]
struct Entry {
    delivery: Delivery,
    /// It is on the disk.
    saved: bool,
    /// Being tried since (monotonic).
    flying: Option<Duration>,
    /// Next try (monotonic).
    due: Duration,
    /// Until then, how long it has waited is known to the delivery itself (monotonic).
    counted: Duration,
}

impl Outbox {
    /// What was on the disk. What waits is tried at once: the receiver may be there again.
    pub(super) fn load(mut deliveries: Vec<Delivery>, now: Now) -> Self {
        let mut outbox = Self::default();
        deliveries.sort_by_key(|d| d.number);
        for delivery in deliveries {
            outbox.last_number = outbox.last_number.max(delivery.number);
            outbox.put(delivery, true, now.mono);
        }
        outbox
            .queues
            .values_mut()
            .flat_map(|q| q.rooms.values_mut())
            .for_each(|room| catch_up(room, now.wall));
        outbox
    }

    /// A new event for a webhook; what is to be saved.
    pub(super) fn add(
        &mut self,
        to: &WebhookId,
        event: Arc<Event>,
        mono: Duration,
        wall: UnixMillis,
    ) -> Vec<Change<Delivery>> {
        self.last_number += 1;
        let delivery = Delivery {
            webhook_id: to.clone(),
            number: self.last_number,
            event,
            state: DeliveryState::Waiting,
            attempts: 0,
            waited: Duration::ZERO,
            last_attempt: None,
            next_attempt: Some(wall),
            last_status: None,
            last_error: None,
        };
        let mut changes = vec![Change { before: None, after: Some(delivery.clone()) }];
        self.put(delivery, false, mono);
        let Some(queue) = self.queues.get_mut(to) else { return changes };
        if queue.waiting() > WAITING
            && let Some(entry) = queue.take_oldest()
        {
            changes.extend(queue.give_up(entry.delivery, "Too many events were waiting for this webhook"));
        }
        changes
    }

    /// Puts back what was on the disk after all; it is due at once.
    pub(super) fn put(&mut self, delivery: Delivery, saved: bool, mono: Duration) {
        let queue = self.queues.entry(delivery.webhook_id.clone()).or_default();
        if delivery.state == DeliveryState::Waiting {
            queue.line_up(Entry { delivery, saved, flying: None, due: mono, counted: mono });
        } else {
            let place = queue.over.partition_point(|d| d.number < delivery.number);
            queue.over.insert(place, delivery);
        }
    }

    /// A delivery is on the disk: it may be tried.
    pub(super) fn saved(&mut self, delivery: &Delivery) {
        let queue = self.queues.get_mut(&delivery.webhook_id);
        let room = queue.and_then(|q| q.rooms.get_mut(&delivery.event.room_id));
        if let Some(entry) = room.and_then(|r| r.iter_mut().find(|e| e.delivery.number == delivery.number)) {
            entry.saved = true;
        }
    }

    /// What is to be tried now, of the webhooks that are `on`.
    pub(super) fn take_due(&mut self, mono: Duration, on: impl Fn(&WebhookId) -> bool) -> Vec<Delivery> {
        let mut due = Vec::new();
        for (_, queue) in self.queues.iter_mut().filter(|(id, _)| on(id)) {
            let mut free = FLYING.saturating_sub(queue.flying());
            let firsts = queue.rooms.values_mut().filter_map(VecDeque::front_mut);
            for entry in firsts.filter(|e| e.saved && e.flying.is_none() && e.due <= mono) {
                if free == 0 {
                    break;
                }
                free -= 1;
                entry.flying = Some(mono);
                due.push(entry.delivery.clone());
            }
        }
        due
    }

    /// Tries that have no outcome and never will.
    pub(super) fn overdue(&self, mono: Duration) -> Vec<(WebhookId, u64)> {
        let late = |e: &&Entry| e.flying.is_some_and(|since| since + OVERDUE <= mono);
        let entries = self.queues.values().flat_map(|q| q.rooms.values()).filter_map(VecDeque::front);
        entries.filter(late).map(|e| (e.delivery.webhook_id.clone(), e.delivery.number)).collect()
    }

    /// When [`Self::take_due`] or [`Self::overdue`] finds something next (monotonic).
    pub(super) fn deadline(&self, on: impl Fn(&WebhookId) -> bool) -> Option<Duration> {
        let of = |(id, queue): (&WebhookId, &Queue)| {
            let free = on(id) && queue.flying() < FLYING;
            let firsts = queue.rooms.values().filter_map(VecDeque::front);
            firsts
                .filter_map(|e| match e.flying {
                    Some(since) => Some(since + OVERDUE),
                    None => (free && e.saved).then_some(e.due),
                })
                .min()
        };
        self.queues.iter().filter_map(of).min()
    }

    /// What came of a try; what is to be saved. A webhook that answers is tried for its other rooms
    /// at once.
    pub(super) fn tried(
        &mut self,
        to: &WebhookId,
        number: u64,
        outcome: Outcome,
        mono: Duration,
        wall: UnixMillis,
    ) -> Vec<Change<Delivery>> {
        let Some(queue) = self.queues.get_mut(to) else { return Vec::new() };
        let Some(mut entry) = queue.take(number) else { return Vec::new() };
        let before = entry.delivery.clone();
        let delivery = &mut entry.delivery;
        delivery.attempts = delivery.attempts.saturating_add(1);
        delivery.last_attempt = Some(wall);
        delivery.last_status = outcome.status;
        delivery.last_error = outcome.error;
        delivery.next_attempt = None;
        delivery.waited += mono.saturating_sub(entry.counted);
        let taken = delivery.last_error.is_none();
        if taken || delivery.waited >= GIVE_UP {
            delivery.state = if taken { DeliveryState::Delivered } else { DeliveryState::Failed };
            let mut changes = vec![Change { before: Some(before), after: Some(entry.delivery.clone()) }];
            changes.extend(queue.list(entry.delivery));
            if taken {
                queue.wake(mono);
            }
            return changes;
        }
        let wait = pause(delivery.attempts);
        let millis = u64::try_from(wait.as_millis()).unwrap_or(0);
        delivery.next_attempt = Some(UnixMillis(wall.0.saturating_add(millis)));
        let after = Some(delivery.clone());
        queue.line_up(Entry { flying: None, due: mono + wait, counted: mono, ..entry });
        vec![Change { before: Some(before), after }]
    }

    /// Events of an earlier version did not say how their links begin.
    pub(super) fn complete(&mut self, base: &str) {
        let queues = self.queues.values_mut();
        let entries = queues.flat_map(|q| q.rooms.values_mut()).flatten();
        for entry in entries.filter(|e| e.delivery.event.base.is_empty()) {
            base.clone_into(&mut Arc::make_mut(&mut entry.delivery.event).base);
        }
    }

    /// A webhook that was off is on again: nothing has waited meanwhile.
    pub(super) fn resume(&mut self, to: &WebhookId, mono: Duration) {
        for entry in self.queues.get_mut(to).into_iter().flat_map(|q| q.rooms.values_mut()).flatten() {
            entry.counted = mono;
        }
    }

    /// Everything that waits for this webhook is due now.
    pub(super) fn wake(&mut self, to: &WebhookId, mono: Duration) {
        if let Some(queue) = self.queues.get_mut(to) {
            queue.wake(mono);
        }
    }

    /// Forgets a webhook; what is to be removed.
    pub(super) fn remove(&mut self, to: &WebhookId) -> Vec<Delivery> {
        let queue = self.queues.remove(to).unwrap_or_default();
        let waiting = queue.rooms.into_values().flatten().map(|e| e.delivery);
        queue.over.into_iter().chain(waiting).collect()
    }

    /// Waiting ones and those that are over, in no particular order.
    pub(super) fn of(&self, to: &WebhookId) -> impl Iterator<Item = &Delivery> {
        let queue = self.queues.get(to).into_iter();
        queue.flat_map(|q| q.over.iter().chain(q.rooms.values().flatten().map(|e| &e.delivery)))
    }
}

/// Only tries are saved, and only the first of a room is tried: those behind it have waited as long
/// as it has, as far as they are that old.
fn catch_up(room: &mut VecDeque<Entry>, wall: UnixMillis) {
    let first = room.front().map_or(Duration::ZERO, |e| e.delivery.waited);
    for Entry { delivery, .. } in room {
        let age = Duration::from_millis(wall.since(delivery.event.at));
        delivery.waited = delivery.waited.max(first.min(age));
    }
}

impl Queue {
    fn waiting(&self) -> usize {
        self.rooms.values().map(VecDeque::len).sum()
    }

    fn flying(&self) -> usize {
        self.rooms.values().filter_map(VecDeque::front).filter(|e| e.flying.is_some()).count()
    }

    /// Into its room's queue, where its number puts it.
    fn line_up(&mut self, entry: Entry) {
        let room = self.rooms.entry(entry.delivery.event.room_id.clone()).or_default();
        let place = room.partition_point(|e| e.delivery.number < entry.delivery.number);
        room.insert(place, entry);
    }

    /// Takes the entry out, and its room with the last one.
    fn take(&mut self, number: u64) -> Option<Entry> {
        let is = |e: &Entry| e.delivery.number == number;
        let (room, place) = self
            .rooms
            .iter()
            .find_map(|(room, r)| r.iter().position(is).map(|place| (room.clone(), place)))?;
        let entries = self.rooms.get_mut(&room)?;
        let entry = entries.remove(place);
        if entries.is_empty() {
            self.rooms.remove(&room);
        }
        entry
    }

    /// The oldest that is not just being tried.
    fn take_oldest(&mut self) -> Option<Entry> {
        let still = |r: &VecDeque<Entry>| r.iter().find(|e| e.flying.is_none()).map(|e| e.delivery.number);
        let number = self.rooms.values().filter_map(still).min()?;
        self.take(number)
    }

    fn give_up(&mut self, before: Delivery, why: &str) -> Vec<Change<Delivery>> {
        let after = Delivery {
            state: DeliveryState::Failed,
            next_attempt: None,
            last_error: Some(why.to_owned()),
            ..before.clone()
        };
        let mut changes = vec![Change { before: Some(before), after: Some(after.clone()) }];
        changes.extend(self.list(after));
        changes
    }

    /// Into the log; what falls out of it.
    fn list(&mut self, delivery: Delivery) -> Option<Change<Delivery>> {
        self.over.push_back(delivery);
        let oldest = if self.over.len() > LISTED { self.over.pop_front() } else { None };
        oldest.map(|d| Change { before: Some(d), after: None })
    }

    fn wake(&mut self, mono: Duration) {
        // Whom the receiver has answered with a refusal keeps its pause.
        let unanswered = |entry: &&mut Entry| entry.delivery.last_status.is_none();
        for entry in self.rooms.values_mut().flatten().filter(unanswered) {
            entry.due = entry.due.min(mono);
        }
    }
}
