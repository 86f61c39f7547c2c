//! Webhooks (`features.md` I3): keeping them, and what becomes an event. An event is saved in the
//! same transaction as the change that made it, and goes out when it is on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{BoxState, Change, Ctx, Effect, Refusal, Write};
use crate::ids::{Identity, RoomId, WebhookId};
use crate::meeting::ParticipantKind;
use crate::recording::Recording;
use crate::room::{MeetingRecord, MemberRole, Room, Secret};
use crate::webhook::{
    Attempt, Attendee, Delivery, Departure, Event, EventKind, Facts, LeaveReason, MOST, Outcome, Webhook,
    check_url,
};

/// A webhook's own part, as an admin gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSpec {
    /// Where to.
    pub url: String,
    /// Only of these; never empty.
    pub events: Option<BTreeSet<EventKind>>,
    /// Only of this room, which must exist.
    pub room_id: Option<RoomId>,
    /// Told at the moment.
    pub enabled: bool,
}

impl BoxState {
    /// All webhooks.
    pub fn webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.tables.webhooks.values()
    }

    /// One of them.
    pub fn webhook(&self, id: &WebhookId) -> Result<&Webhook, Refusal> {
        self.tables.webhooks.get(id).ok_or_else(|| Refusal::WebhookNotFound(id.clone()))
    }

    /// Its deliveries: all that wait, and the last ones that are over.
    pub fn deliveries(&self, id: &WebhookId) -> Result<impl Iterator<Item = &Delivery>, Refusal> {
        self.webhook(id)?;
        Ok(self.outbox.of(id))
    }

    /// Makes a webhook. Its secret is in the answer.
    pub fn create_webhook(&mut self, spec: WebhookSpec, ctx: &mut Ctx<'_>) -> Result<Webhook, Refusal> {
        let spec = self.checked(spec, None)?;
        if self.tables.webhooks.len() >= MOST {
            return Err(Refusal::TooMany(MOST, "webhooks"));
        }
        let webhook = Webhook {
            webhook_id: WebhookId::from(format!("wh-{}", ctx.entropy.alphanumeric(12))),
            url: spec.url,
            events: spec.events,
            room_id: spec.room_id,
            enabled: spec.enabled,
            creation_date: ctx.now.wall,
            secret: new_secret(ctx),
            revision: 0,
        };
        self.write_webhook(None, Some(webhook.clone()));
        self.note("webhook.create", webhook.webhook_id.as_str(), host(&webhook.url), ctx);
        Ok(webhook)
    }

    /// Replaces everything but id and secret. What waits is tried at once.
    pub fn replace_webhook(
        &mut self,
        id: &WebhookId,
        spec: WebhookSpec,
        ctx: &mut Ctx<'_>,
    ) -> Result<Webhook, Refusal> {
        let before = self.webhook(id)?.clone();
        let WebhookSpec { url, events, room_id, enabled } = self.checked(spec, Some(&before))?;
        let revision = before.revision + 1;
        let after = Webhook { url, events, room_id, enabled, revision, ..before.clone() };
        if !before.enabled {
            self.outbox.resume(id, ctx.now.mono);
        }
        self.write_webhook(Some(before), Some(after.clone()));
        self.outbox.wake(id, ctx.now.mono);
        self.note("webhook.update", id.as_str(), host(&after.url), ctx);
        Ok(after)
    }

    /// Gives it a new secret, which is in the answer; everything from now on is signed with it.
    pub fn renew_webhook_secret(&mut self, id: &WebhookId, ctx: &mut Ctx<'_>) -> Result<Webhook, Refusal> {
        let before = self.webhook(id)?.clone();
        let revision = before.revision + 1;
        let after = Webhook { secret: new_secret(ctx), revision, ..before.clone() };
        self.write_webhook(Some(before), Some(after.clone()));
        self.note("webhook.renewSecret", id.as_str(), "", ctx);
        Ok(after)
    }

    /// Deletes it with everything that waits for it.
    pub fn delete_webhook(&mut self, id: &WebhookId, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        let before = self.webhook(id)?.clone();
        let address = host(&before.url);
        // In this order: taken back, the webhook is there before its deliveries.
        self.forget_deliveries(id);
        self.write_webhook(Some(before), None);
        self.note("webhook.delete", id.as_str(), address, ctx);
        Ok(())
    }

    /// Links to the box begin so from now on, such as `https://192.0.2.7`. What already waits keeps
    /// the links it was saved with.
    pub fn set_base(&mut self, base: String) {
        self.outbox.complete(&base);
        self.base = base;
    }

    /// What came of an [`Effect::Deliver`].
    pub fn tried(&mut self, to: &WebhookId, number: u64, outcome: Outcome, ctx: &Ctx<'_>) {
        let now = ctx.now;
        self.save_deliveries(|outbox| outbox.tried(to, number, outcome, now.mono, now.wall));
        self.send_due(ctx);
    }

    pub(super) fn tick_webhooks(&mut self, ctx: &Ctx<'_>) {
        for (to, number) in self.outbox.overdue(ctx.now.mono) {
            let error = Some("The attempt had no outcome".to_owned());
            self.tried(&to, number, Outcome { status: None, error }, ctx);
        }
        self.send_due(ctx);
    }

    fn send_due(&mut self, ctx: &Ctx<'_>) {
        let webhooks = &self.tables.webhooks;
        let due = self.outbox.take_due(ctx.now.mono, |id| webhooks.get(id).is_some_and(|w| w.enabled));
        for delivery in due {
            let Some(webhook) = self.tables.webhooks.get(&delivery.webhook_id) else { continue };
            let attempt = Attempt {
                webhook_id: delivery.webhook_id,
                number: delivery.number,
                url: webhook.url.clone(),
                secret: webhook.secret.clone(),
                event: delivery.event,
            };
            self.push(Effect::Deliver(Box::new(attempt)));
        }
    }

    /// The webhook is gone, and with it what waits for it.
    pub(super) fn forget_deliveries(&mut self, of: &WebhookId) {
        let theirs = self.outbox.remove(of);
        self.remove_deliveries(theirs);
    }

    /// Takes deliveries off the disk.
    pub(super) fn remove_deliveries(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.persist(Write::Delivery(Change { before: Some(delivery), after: None }));
        }
    }

    /// The removal of a delivery failed: it is still on the disk.
    pub(super) fn put_delivery_back(&mut self, delivery: &Delivery, ctx: &Ctx<'_>) {
        if self.tables.webhooks.contains_key(&delivery.webhook_id) {
            self.outbox.put(delivery.clone(), true, ctx.now.mono);
        }
    }

    pub(super) fn tell_meeting(&mut self, kind: EventKind, room: &Room, timed_out: bool, ctx: &mut Ctx<'_>) {
        let id = room.room_id.clone();
        let room = Box::new(Room { metadata: String::new(), ..room.clone() });
        self.tell(kind, &id, ctx, || Facts::Meeting { room, timed_out });
    }

    /// Somebody is in; told once until they leave.
    pub(super) fn tell_joined(&mut self, room: &RoomId, identity: &Identity, ctx: &mut Ctx<'_>) {
        let role = if self.leads(room, identity) { MemberRole::Moderator } else { MemberRole::Speaker };
        let Some(meeting) = self.meetings.get(room) else { return };
        let Some(participant) = meeting.participants.get(identity) else { return };
        if participant.kind != ParticipantKind::Standard || meeting.attendees.contains_key(identity) {
            return;
        }
        let attendee = Attendee {
            name: participant.name.clone(),
            role,
            joined: participant.joined,
            external_id: participant.external_id().cloned(),
        };
        let kept = attendee.clone();
        self.change_attendees(room, |all| all.insert(identity.clone(), kept));
        self.tell_participant(room, identity, attendee, None, ctx);
    }

    /// Somebody who was in is gone.
    pub(super) fn tell_left(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        reason: LeaveReason,
        ctx: &mut Ctx<'_>,
    ) {
        let known = self.meetings.get(room).and_then(|m| m.attendees.get(identity)).cloned();
        if let Some(attendee) = known {
            self.change_attendees(room, |all| all.remove(identity));
            let departure = Departure { at: ctx.now.wall, reason };
            self.tell_participant(room, identity, attendee, Some(departure), ctx);
        }
    }

    /// Those who were in are no longer.
    pub(super) fn tell_all_left(&mut self, record: &MeetingRecord, reason: LeaveReason, ctx: &mut Ctx<'_>) {
        for (identity, attendee) in &record.attendees {
            let departure = Departure { at: ctx.now.wall, reason };
            self.tell_participant(&record.room_id, identity, attendee.clone(), Some(departure), ctx);
        }
    }

    /// A meeting is over, and so is everybody's stay in it.
    pub(super) fn tell_over(
        &mut self,
        record: &MeetingRecord,
        reason: LeaveReason,
        timed_out: bool,
        ctx: &mut Ctx<'_>,
    ) {
        self.tell_all_left(record, reason, ctx);
        if let Some(room) = self.tables.rooms.get(&record.room_id).cloned() {
            self.tell_meeting(EventKind::MeetingEnded, &room, timed_out, ctx);
        }
    }

    /// Changes who is in; on the disk too, where a webhook wants to hear of their leaving.
    fn change_attendees<R>(
        &mut self,
        room: &RoomId,
        change: impl FnOnce(&mut BTreeMap<Identity, Attendee>) -> R,
    ) {
        if self.tables.webhooks.values().any(|w| w.wants(EventKind::ParticipantLeft, room)) {
            self.change_meeting(room, |meeting| change(&mut meeting.attendees));
        } else if let Some(meeting) = self.meetings.get_mut(room) {
            change(&mut meeting.attendees);
        }
    }

    pub(super) fn tell_recording(
        &mut self,
        before: Option<&Recording>,
        after: &Recording,
        ctx: &mut Ctx<'_>,
    ) {
        let kind = match (before, after.status) {
            (None, _) => EventKind::RecordingStarted,
            (Some(_), status) if status.is_over() => EventKind::RecordingEnded,
            (Some(_), _) => EventKind::RecordingUpdated,
        };
        self.tell(kind, &after.room_id, ctx, || Facts::Recording(Box::new(after.clone())));
    }

    /// What became of a recording that was running when the box went down, or whose file was missing
    /// (V9). A doomed one goes at once: its end is told and its record goes in one step, the file then.
    pub fn recording_recovered(&mut self, before: Recording, after: Recording, ctx: &mut Ctx<'_>) {
        let (doomed, id) = (after.doomed, after.recording_id.clone());
        if before != after {
            self.tell_and_save(Some(before), after, ctx);
        }
        if doomed {
            // It is over, so nothing refuses.
            let _ = self.delete_recording(&id, ctx);
        }
    }

    fn tell_participant(
        &mut self,
        room: &RoomId,
        identity: &Identity,
        attendee: Attendee,
        departure: Option<Departure>,
        ctx: &mut Ctx<'_>,
    ) {
        let kind =
            if departure.is_some() { EventKind::ParticipantLeft } else { EventKind::ParticipantJoined };
        let room_name = self.tables.rooms.get(room).map(|r| r.room_name.clone()).unwrap_or_default();
        let identity = identity.clone();
        self.tell(kind, room, ctx, || Facts::Participant { room_name, identity, attendee, departure });
    }

    fn tell(&mut self, kind: EventKind, room: &RoomId, ctx: &mut Ctx<'_>, facts: impl FnOnce() -> Facts) {
        let wanting: Vec<WebhookId> = self
            .tables
            .webhooks
            .values()
            .filter(|w| w.wants(kind, room))
            .map(|w| w.webhook_id.clone())
            .collect();
        if wanting.is_empty() {
            return;
        }
        let id = format!("ev-{}", ctx.entropy.alphanumeric(20));
        let (room_id, base) = (room.clone(), self.base.clone());
        let event = Arc::new(Event { id, kind, room_id, at: ctx.now.wall, base, facts: facts() });
        for to in wanting {
            let (event, now) = (event.clone(), ctx.now);
            self.save_deliveries(|outbox| outbox.add(&to, event, now.mono, now.wall));
        }
    }

    fn save_deliveries(&mut self, act: impl FnOnce(&mut super::outbox::Outbox) -> Vec<Change<Delivery>>) {
        for change in act(&mut self.outbox) {
            self.persist(Write::Delivery(change));
        }
    }

    /// What stays as it was before is not judged again: its room may be gone, its address no
    /// longer allowed, and still it can be switched off.
    fn checked(&self, spec: WebhookSpec, before: Option<&Webhook>) -> Result<WebhookSpec, Refusal> {
        let url = match before {
            Some(before) if before.url == spec.url => spec.url.clone(),
            _ => check_url(&spec.url, self.settings.local_webhooks)?,
        };
        if spec.events.as_ref().is_some_and(BTreeSet::is_empty) {
            let text = "Array must contain at least 1 element(s)".to_owned();
            return Err(Refusal::InvalidField("events", text));
        }
        if let Some(room) = &spec.room_id
            && before.is_none_or(|before| before.room_id.as_ref() != Some(room))
        {
            self.room(room)?;
        }
        Ok(WebhookSpec { url, ..spec })
    }

    fn write_webhook(&mut self, before: Option<Webhook>, after: Option<Webhook>) {
        self.persist(Write::Webhook(Change { before, after }));
    }
}

fn new_secret(ctx: &mut Ctx<'_>) -> Secret {
    Secret::new(format!("whsec-{}", ctx.entropy.alphanumeric(40)))
}

/// For the audit log: paths and queries of webhooks often hold secrets.
fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
