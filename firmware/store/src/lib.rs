//! The box's memory: one redb file, a table per kind of record, versioned.
//!
//! Writes go through one thread with group commit: what waits is committed together, then every
//! asker is told. Reads look at redb's snapshots and never wait for a writer. After an I/O error
//! (disk full) redb refuses writes until the file is opened again; the writer does that before
//! the next batch, so that the box goes on when there is room again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use huddle_core::account::User;
use huddle_core::audit::AuditEntry;
use huddle_core::ids::UserId;
use huddle_core::listing::Page;
use huddle_core::recording::Recording;
use huddle_core::room::Room;
use huddle_core::state::{Stored, Write};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::de::DeserializeOwned;

mod records;
mod schema;

pub use schema::SCHEMA_VERSION;

/// Batches that may wait; a full queue answers [`StoreError::Busy`].
const QUEUE: usize = 1_024;
/// Batches committed together at most.
const GROUP: usize = 256;

/// What can go wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or is damaged.
    #[error("the database {path} cannot be opened")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<redb::Error>,
    },
    /// It was written by a newer version of the box.
    #[error("the database was written by a newer version (schema {found}, this version knows {known})")]
    Newer {
        /// In the file.
        found: u64,
        /// Known here.
        known: u64,
    },
    /// Reading or writing failed; nothing was changed.
    #[error("the settings disk does not take the change")]
    Io(#[source] Arc<redb::Error>),
    /// A record cannot be read.
    #[error("a record in table {table} is damaged")]
    Damaged {
        /// Which table.
        table: &'static str,
        /// Why.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// Too many changes are waiting.
    #[error("too many changes are waiting for the settings disk")]
    Busy,
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Io(Arc::new(error.into()))
    }
}

type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Batch {
    writes: Vec<Write>,
    done: Done,
}

#[derive(Clone)]
struct File {
    path: PathBuf,
    open: Arc<RwLock<Option<Arc<Database>>>>,
}

/// The write port. Cheap to clone; the writer thread ends when the last one is gone.
#[derive(Clone)]
pub struct Writer {
    queue: Sender<Batch>,
}

/// The read port. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    file: File,
}

/// Opens or makes the database, brings it to this version, and starts the writer.
pub fn open(path: &Path) -> Result<(Writer, Reader, JoinHandle<()>), StoreError> {
    let file = File { path: path.to_owned(), open: Arc::default() };
    let database = file.database()?;
    schema::migrate(&database)?;
    let (queue, batches) = bounded(QUEUE);
    let own = file.clone();
    let thread = std::thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || write_loop(&own, &batches))
        .map_err(|e| StoreError::Io(Arc::new(redb::Error::Io(e))))?;
    Ok((Writer { queue }, Reader { file }, thread))
}

impl Writer {
    /// Commits `writes` in one transaction, durably, and then calls `done` on the writer's
    /// thread. Never waits.
    pub fn commit(&self, writes: Vec<Write>, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        let batch = Batch { writes, done: Box::new(done) };
        if let Err(error) = self.queue.try_send(batch) {
            (error.into_inner().done)(Err(StoreError::Busy));
        }
    }
}

impl Reader {
    /// Everything the state machine holds in memory.
    pub fn load(&self) -> Result<Stored, StoreError> {
        Ok(Stored {
            users: self.all(records::USERS, "users")?,
            sessions: self.all(records::SESSIONS, "sessions")?,
            rooms: self.all(records::ROOMS, "rooms")?,
            groups: self.all(records::GROUPS, "groups")?,
            keys: self.all(records::API_KEYS, "api-keys")?,
            members: self.all(records::MEMBERS, "members")?,
            recordings: self.recordings()?,
            failed_logins: self.all(records::FAILED_LOGINS, "failed-logins")?,
            webhooks: self.all(records::WEBHOOKS, "webhooks")?,
            deliveries: self.all(records::DELIVERIES, "deliveries")?,
            meetings: self.all(records::MEETINGS, "meetings")?,
        })
    }

    /// Every recording.
    pub fn recordings(&self) -> Result<Vec<Recording>, StoreError> {
        self.all(records::RECORDINGS, "recordings")
    }

    /// One user.
    pub fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        self.one(records::USERS, "users", id.as_str())
    }

    /// One room.
    pub fn room(&self, id: &str) -> Result<Option<Room>, StoreError> {
        self.one(records::ROOMS, "rooms", id)
    }

    /// Lines of the audit log, newest first, from before the line `before`; at most `most` that
    /// `fits` takes.
    pub fn audit(
        &self,
        before: Option<&str>,
        most: usize,
        fits: impl Fn(&AuditEntry) -> bool,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let transaction = self.file.database()?.begin_read()?;
        let table = transaction.open_table(records::AUDIT)?;
        let mut items = Vec::new();
        for row in table.range(..before.unwrap_or("~"))?.rev() {
            let entry: AuditEntry = decode(row?.1.value(), "audit")?;
            if !fits(&entry) {
                continue;
            }
            if items.len() == most {
                return Ok(Page { items, truncated: true });
            }
            items.push(entry);
        }
        Ok(Page { items, truncated: false })
    }

    /// A value of the box's own settings (keys, chosen home room).
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let transaction = self.file.database()?.begin_read()?;
        let table = transaction.open_table(records::SETTINGS)?;
        Ok(table.get(name)?.map(|v| v.value().to_owned()))
    }

    /// Sets values of the box's own settings, durably, on the calling thread. Only for start-up
    /// and the command line, where nothing else writes.
    pub fn set_settings(&self, values: &[(&str, &str)]) -> Result<(), StoreError> {
        let transaction = self.file.database()?.begin_write()?;
        {
            let mut table = transaction.open_table(records::SETTINGS)?;
            for (name, value) in values {
                table.insert(*name, *value)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn one<T: DeserializeOwned>(
        &self,
        table: TableDefinition<'static, &'static str, &'static [u8]>,
        name: &'static str,
        key: &str,
    ) -> Result<Option<T>, StoreError> {
        let transaction = self.file.database()?.begin_read()?;
        let table = transaction.open_table(table)?;
        table.get(key)?.map(|bytes| decode(bytes.value(), name)).transpose()
    }

    fn all<T: DeserializeOwned>(
        &self,
        table: TableDefinition<'static, &'static str, &'static [u8]>,
        name: &'static str,
    ) -> Result<Vec<T>, StoreError> {
        let transaction = self.file.database()?.begin_read()?;
        let table = transaction.open_table(table)?;
        table.iter()?.map(|row| decode(row?.1.value(), name)).collect()
    }
}

impl File {
    fn database(&self) -> Result<Arc<Database>, StoreError> {
        let read = self.open.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(database) = read.as_ref() {
            return Ok(database.clone());
        }
        drop(read);
        let mut slot = self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(database) = slot.as_ref() {
            return Ok(database.clone());
        }
        let database = Database::create(&self.path).map_err(|source| StoreError::Open {
            path: self.path.clone(),
            source: Arc::new(source.into()),
        })?;
        let database = Arc::new(database);
        *slot = Some(database.clone());
        Ok(database)
    }

    fn close(&self) {
        *self.open.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}

fn write_loop(file: &File, batches: &Receiver<Batch>) {
    while let Ok(first) = batches.recv() {
        let mut group = vec![first];
        group.extend(batches.try_iter().take(GROUP - 1));
        let result = commit(file, &group);
        if let Err(error) = &result {
            tracing::warn!(error = %error, "settings were not saved; the database is opened again");
            file.close();
        }
        if result.is_err() && group.len() > 1 {
            // One record may be at fault: the others get a chance of their own.
            for batch in group {
                let alone = commit(file, std::slice::from_ref(&batch));
                if alone.is_err() {
                    file.close();
                }
                (batch.done)(alone);
            }
            continue;
        }
        for batch in group {
            (batch.done)(result.clone());
        }
    }
}

fn commit(file: &File, group: &[Batch]) -> Result<(), StoreError> {
    let transaction = file.database()?.begin_write()?;
    for write in group.iter().flat_map(|b| &b.writes) {
        records::apply(&transaction, write)?;
    }
    transaction.commit()?;
    Ok(())
}

fn decode<T: DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|source| StoreError::Damaged { table, source: Arc::new(source) })
}
