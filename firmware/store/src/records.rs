//! Which record goes where. Values are JSON: readable in a support case, and a new field with a
//! default needs no migration.

use std::sync::Arc;

use huddle_core::audit::AuditEntry;
use huddle_core::ids::RoomId;
use huddle_core::member::Member;
use huddle_core::state::{Change, Write};
use huddle_core::webhook::Delivery;
use redb::{ReadableTableMetadata, TableDefinition, WriteTransaction};
use serde::Serialize;

use crate::StoreError;

/// Lines of the audit log that are kept.
const MOST_AUDIT: u64 = 100_000;

type Table = TableDefinition<'static, &'static str, &'static [u8]>;

/// By user id.
pub(crate) const USERS: Table = Table::new("users");
/// By session id.
pub(crate) const SESSIONS: Table = Table::new("sessions");
/// By room id.
pub(crate) const ROOMS: Table = Table::new("rooms");
/// By room id.
pub(crate) const MEETINGS: Table = Table::new("meetings");
/// By recording id.
pub(crate) const RECORDINGS: Table = Table::new("recordings");
/// By group id.
pub(crate) const GROUPS: Table = Table::new("groups");
/// By key id.
pub(crate) const API_KEYS: Table = Table::new("api-keys");
/// By `room id/member id`.
pub(crate) const MEMBERS: Table = Table::new("members");
/// By `user ID` or `address NETWORK`.
pub(crate) const FAILED_LOGINS: Table = Table::new("failed-logins");
/// By webhook id.
pub(crate) const WEBHOOKS: Table = Table::new("webhooks");
/// By `webhook id/number`.
pub(crate) const DELIVERIES: Table = Table::new("deliveries");
/// By the entry's id, which rises with time.
pub(crate) const AUDIT: Table = Table::new("audit");
/// The box's own settings by name.
pub(crate) const SETTINGS: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("settings");

/// Applies one change.
pub(crate) fn apply(transaction: &WriteTransaction, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::User(c) => put(transaction, USERS, "users", c, |u| u.user_id.to_string()),
        Write::Session(c) => put(transaction, SESSIONS, "sessions", c, |s| s.id.to_string()),
        Write::Room(c) => put(transaction, ROOMS, "rooms", c, |r| r.room_id.to_string()),
        Write::Meeting(c) => put(transaction, MEETINGS, "meetings", c, |m| m.room_id.to_string()),
        Write::Recording(c) => put(transaction, RECORDINGS, "recordings", c, |r| r.recording_id.to_string()),
        Write::Group(c) => put(transaction, GROUPS, "groups", c, |g| g.group_id.to_string()),
        Write::ApiKey(c) => put(transaction, API_KEYS, "api-keys", c, |k| k.key_id.to_string()),
        Write::Member(c) => put(transaction, MEMBERS, "members", c, Member::key),
        Write::FailedLogins(c) => put(transaction, FAILED_LOGINS, "failed-logins", c, |f| f.whose.clone()),
        Write::HomeRoom(c) => set(transaction, "home-room", c.after.as_ref().map(RoomId::as_str)),
        Write::Webhook(c) => put(transaction, WEBHOOKS, "webhooks", c, |w| w.webhook_id.to_string()),
        Write::Delivery(c) => put(transaction, DELIVERIES, "deliveries", c, Delivery::key),
        Write::Audit(entry) => add(transaction, entry),
    }
}

/// Sets or removes one of the box's own settings.
fn set(transaction: &WriteTransaction, name: &str, value: Option<&str>) -> Result<(), StoreError> {
    let mut table = transaction.open_table(SETTINGS)?;
    match value {
        Some(value) => table.insert(name, value)?,
        None => table.remove(name)?,
    };
    Ok(())
}

/// Adds a line; the oldest goes when there are too many.
fn add(transaction: &WriteTransaction, entry: &AuditEntry) -> Result<(), StoreError> {
    let mut table = transaction.open_table(AUDIT)?;
    table.insert(entry.id.as_str(), json(entry, "audit")?.as_slice())?;
    while table.len()? > MOST_AUDIT {
        table.pop_first()?;
    }
    Ok(())
}

/// As it is kept.
pub(crate) fn json<T: Serialize>(value: &T, table: &'static str) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|source| StoreError::Damaged { table, source: Arc::new(source) })
}

fn put<T: Serialize>(
    transaction: &WriteTransaction,
    table: Table,
    name: &'static str,
    change: &Change<T>,
    key: impl Fn(&T) -> String,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(table)?;
    match (&change.before, &change.after) {
        (_, Some(after)) => {
            table.insert(key(after).as_str(), json(after, name)?.as_slice())?;
        }
        (Some(before), None) => {
            table.remove(key(before).as_str())?;
        }
        (None, None) => {}
    }
    Ok(())
}
