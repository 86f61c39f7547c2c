//! The version of the file, and one step per version to get there.

use redb::{Database, ReadableTable};

use crate::{StoreError, records};

/// What this version of the box writes.
pub const SCHEMA_VERSION: u64 = 4;

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
