//! Which record goes where. Values are JSON: readable in a support case, and a new field with a
//! default needs no migration.

use std::sync::Arc;

use huddle_core::state::{Change, Write};
use redb::{TableDefinition, WriteTransaction};
use serde::Serialize;

use crate::StoreError;

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
/// The box's own settings by name.
pub(crate) const SETTINGS: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("settings");

/// Applies one change.
pub(crate) fn apply(transaction: &WriteTransaction, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::User(c) => put(transaction, USERS, "users", c, |u| u.user_id.as_str()),
        Write::Session(c) => put(transaction, SESSIONS, "sessions", c, |s| s.id.as_str()),
        Write::Room(c) => put(transaction, ROOMS, "rooms", c, |r| r.room_id.as_str()),
        Write::Meeting(c) => put(transaction, MEETINGS, "meetings", c, |m| m.room_id.as_str()),
        Write::Recording(c) => put(transaction, RECORDINGS, "recordings", c, |r| r.recording_id.as_str()),
    }
}

fn put<T: Serialize>(
    transaction: &WriteTransaction,
    table: Table,
    name: &'static str,
    change: &Change<T>,
    key: impl Fn(&T) -> &str,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(table)?;
    match (&change.before, &change.after) {
        (_, Some(after)) => {
            let bytes = serde_json::to_vec(after)
                .map_err(|source| StoreError::Damaged { table: name, source: Arc::new(source) })?;
            table.insert(key(after), bytes.as_slice())?;
        }
        (Some(before), None) => {
            table.remove(key(before))?;
        }
        (None, None) => {}
    }
    Ok(())
}
