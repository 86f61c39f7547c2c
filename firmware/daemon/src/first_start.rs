//! What a new box is given: keys, its own room, the root administrator.

use anyhow::Context;
use huddle_api::auth::key_digest;
use huddle_api::password::hash_now;
use huddle_core::account::{ApiKeyRecord, FailedLogins, ROOT_ADMIN, Role, User};
use huddle_core::audit::Actor;
use huddle_core::ids::{RoomId, UserId};
use huddle_core::room::Room;
use huddle_core::state::{Change, Ctx, NewRoom, Now, Write};
use huddle_core::units::UnixMillis;
use huddle_livekit::token::ApiKey;
use huddle_store::{Reader, Writer};

use crate::conductor::wall_clock;
use crate::config::Config;
use crate::entropy::{Random, alphanumeric};

/// The keys of the box.
pub(crate) struct Keys {
    /// LiveKit API key.
    pub(crate) livekit: ApiKey,
    /// Signs login tokens.
    pub(crate) session_key: Vec<u8>,
}

/// Characters of a random initial password.
const PASSWORD: usize = 16;

/// Reads the keys; makes them at the first start. Demo mode has fixed ones (design.md), but its
/// login tokens are signed with a random key all the same.
pub(crate) fn keys(reader: &Reader, demo: bool) -> anyhow::Result<Keys> {
    let setting = |name: &str, make: &dyn Fn() -> String| -> anyhow::Result<String> {
        if let Some(value) = reader.setting(name)? {
            return Ok(value);
        }
        let value = make();
        reader.set_settings(&[(name, &value)])?;
        Ok(value)
    };
    let session_key = setting("session-key", &|| alphanumeric(64))?.into_bytes();
    if demo {
        return Ok(Keys { livekit: ApiKey::new("devkey", "secret"), session_key });
    }
    let key = setting("livekit-key", &|| format!("API{}", alphanumeric(12)))?;
    let secret = setting("livekit-secret", &|| alphanumeric(43))?;
    Ok(Keys { livekit: ApiKey::new(key, secret), session_key })
}

/// The key that a box begins with: in demo mode `meet-api-key` (design.md); an installed box has
/// none but the one that an earlier version kept among its settings. Once; whoever deletes it has
/// deleted it.
pub(crate) fn first_api_key(reader: &Reader, writer: &Writer, demo: bool) -> anyhow::Result<()> {
    if reader.setting("first-api-key")?.is_some() {
        return Ok(());
    }
    let key = if demo { Some("meet-api-key".to_owned()) } else { reader.setting("api-key")? };
    if let Some(key) = key {
        let record = ApiKeyRecord {
            key_id: "key-first".to_owned(),
            name: if demo { "Demo" } else { "First key" }.to_owned(),
            prefix: key.chars().take(7).collect(),
            digest: key_digest(&key),
            creation_date: now().wall,
        };
        save(writer, Write::ApiKey(Change { before: None, after: Some(record) }))
            .context("cannot save the first API key")?;
    }
    reader.set_settings(&[("first-api-key", "made")])?;
    Ok(())
}

/// The box's own room; made at the first start.
pub(crate) fn home_room(reader: &Reader, writer: &Writer, config: &Config) -> anyhow::Result<Room> {
    if let Some(chosen) = reader.setting("home-room")?
        && let Some(room) = reader.room(&chosen)?
    {
        return Ok(room);
    }
    let mut ctx = Ctx { now: now(), entropy: &mut Random, actor: Actor::this_box() };
    let new = NewRoom::named(config.unit.name.clone(), UserId::new(ROOT_ADMIN));
    let room = huddle_core::state::make_room(new, &mut ctx);
    let write = Write::Room(Change { before: None, after: Some(room.clone()) });
    save(writer, write).context("cannot save this box's own room")?;
    reader.set_settings(&[("home-room", RoomId::as_str(&room.room_id))])?;
    Ok(room)
}

/// Makes the root administrator at the first start and returns the password to be shown: `admin`
/// in demo mode, random on an installed box. `None` when there is one already (U3).
pub(crate) fn root_admin(reader: &Reader, writer: &Writer, demo: bool) -> anyhow::Result<Option<String>> {
    if reader.user(&UserId::new(ROOT_ADMIN))?.is_some() {
        return Ok(None);
    }
    let password = if demo { ROOT_ADMIN.to_owned() } else { alphanumeric(PASSWORD) };
    let user = admin(&password, now().wall)?;
    save(writer, Write::User(Change { before: None, after: Some(user) }))
        .context("cannot save the root administrator")?;
    Ok(Some(password))
}

/// `huddlebox reset-admin-password`: a new random password; all sessions of the admin end.
pub(crate) fn reset_admin(config: &Config) -> anyhow::Result<String> {
    let path = config.unit.data.join("box.redb");
    anyhow::ensure!(path.exists(), "there is no database at {}", path.display());
    let (writer, reader, thread) =
        huddle_store::open(&path).context("is the box still running? Stop it first, then try again")?;
    let stored = reader.load()?;
    let before = stored.users.into_iter().find(|u| u.user_id.as_str() == ROOT_ADMIN);
    let password = alphanumeric(PASSWORD);
    let fresh = admin(&password, now().wall)?;
    let after = User {
        registration_date: before.as_ref().map_or(fresh.registration_date, |b| b.registration_date),
        ..fresh
    };
    save(&writer, Write::User(Change { before, after: Some(after) }))?;
    for session in stored.sessions.into_iter().filter(|s| s.user_id.as_str() == ROOT_ADMIN) {
        save(&writer, Write::Session(Change { before: Some(session), after: None }))?;
    }
    let (everywhere, there) = (format!("user {ROOT_ADMIN}"), format!("user {ROOT_ADMIN} at "));
    let locks = |failed: &FailedLogins| failed.whose == everywhere || failed.whose.starts_with(&there);
    for failed in stored.failed_logins.into_iter().filter(locks) {
        save(&writer, Write::FailedLogins(Change { before: Some(failed), after: None }))?;
    }
    drop(writer);
    thread.join().map_err(|_| anyhow::anyhow!("the store thread failed"))?;
    Ok(password)
}

fn admin(password: &str, now: UnixMillis) -> anyhow::Result<User> {
    Ok(User {
        user_id: UserId::new(ROOT_ADMIN),
        name: "Administrator".to_owned(),
        role: Role::Admin,
        password_hash: hash_now(password)?,
        must_change_password: false,
        registration_date: now,
        role_updated_at: now,
        revision: now.0,
        known_networks: Vec::new(),
    })
}

/// Commits one change and waits for it; only before the box runs.
fn save(writer: &Writer, write: Write) -> anyhow::Result<()> {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    writer.commit(vec![write], move |result| {
        // The receiver waits below.
        let _ = sender.send(result);
    });
    Ok(receiver.recv()??)
}

fn now() -> Now {
    Now { mono: std::time::Duration::ZERO, wall: wall_clock() }
}
