//! The version of the file, and one step per version to get there.

use huddle_core::permission::Permission;
use redb::{Database, ReadableTable};
use serde_json::Value;

use crate::{StoreError, decode, records};

/// What this version of the box writes.
pub const SCHEMA_VERSION: u64 = 5;

const VERSION: &str = "schema-version";

/// Brings the file to [`SCHEMA_VERSION`] in one transaction; refuses a newer one.
pub(crate) fn migrate(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write()?;
    {
        let mut settings = transaction.open_table(records::SETTINGS)?;
        let stored = settings.get(VERSION)?.map(|v| v.value().to_owned());
        let found: u64 = stored.and_then(|v| v.parse().ok()).unwrap_or(0);
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
        }
        if found < 1 {
            to_1(&transaction)?;
        }
        if found < 2 {
            to_2(&transaction)?;
        }
        if found < 3 {
            to_3(&transaction)?;
        }
        if found < 4 {
            to_4(&transaction)?;
        }
        if found < 5 {
            to_5(&transaction)?;
        }
        settings.insert(VERSION, SCHEMA_VERSION.to_string().as_str())?;
    }
    transaction.commit()?;
    Ok(())
}

/// A new file: all tables, so that readers find them.
fn to_1(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    for table in [records::USERS, records::SESSIONS, records::ROOMS, records::MEETINGS, records::RECORDINGS] {
        transaction.open_table(table)?;
    }
    Ok(())
}

/// Groups, API keys, members and the audit log.
fn to_2(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    for table in [records::GROUPS, records::API_KEYS, records::MEMBERS, records::AUDIT] {
        transaction.open_table(table)?;
    }
    Ok(())
}

/// Failed logins.
fn to_3(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(records::FAILED_LOGINS)?;
    Ok(())
}

/// Webhooks and their deliveries.
fn to_4(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    for table in [records::WEBHOOKS, records::DELIVERIES] {
        transaction.open_table(table)?;
    }
    Ok(())
}

/// Two permissions were split off from that to remove others: who was given or denied that one has
/// the same of these. Roles inherit them where they are read.
fn to_5(transaction: &redb::WriteTransaction) -> Result<(), StoreError> {
    let mut table = transaction.open_table(records::MEMBERS)?;
    let mut members: Vec<(String, Value)> = Vec::new();
    for row in table.iter()? {
        let (key, record) = row?;
        members.push((key.value().to_owned(), decode(record.value(), "members")?));
    }
    for (key, mut member) in members {
        if split_off(&mut member) {
            table.insert(key.as_str(), records::json(&member, "members")?.as_slice())?;
        }
    }
    Ok(())
}

/// Adds the later permissions to the deviations of a member; `false` when there is nothing to add.
fn split_off(member: &mut Value) -> bool {
    let Some(Value::Object(custom)) = member.get_mut("custom") else { return false };
    let Some(kick) = custom.get(Permission::KickParticipants.name()).cloned() else { return false };
    let before = custom.len();
    for later in [Permission::MuteParticipants, Permission::Invite] {
        custom.entry(later.name()).or_insert_with(|| kick.clone());
    }
    custom.len() > before
}
