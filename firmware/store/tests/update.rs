//! Files of earlier versions of the box.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::path::Path;

use huddle_core::permission::Permission;
use redb::{Database, TableDefinition};

/// A file of that version with one member in it.
fn old_file(path: &Path, version: &str, member: &str) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    let settings: TableDefinition<'_, &str, &str> = TableDefinition::new("settings");
    transaction.open_table(settings).unwrap().insert("schema-version", version).unwrap();
    let tables = ["users", "sessions", "rooms", "meetings", "recordings", "groups", "api-keys", "audit"];
    let later = ["failed-logins", "webhooks", "deliveries", "members"];
    for name in tables.into_iter().chain(later) {
        let table: TableDefinition<'_, &str, &[u8]> = TableDefinition::new(name);
        let mut table = transaction.open_table(table).unwrap();
        if name == "members" {
            table.insert("team/ext-1", member.as_bytes()).unwrap();
        }
    }
    transaction.commit().unwrap();
}

#[test]
fn who_was_denied_removing_others_may_not_mute_or_invite_after_an_update() {
    for (kick, later) in [("false", ""), ("true", ""), ("true", r#","canMuteParticipants":false"#)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("box.redb");
        let member = format!(
            r#"{{"room_id":"team","member_id":"ext-1","name":"Ann","secret":"s","base_role":"moderator",
                "custom":{{"canKickParticipants":{kick}{later}}},"membership_date":1,"permissions_updated_at":1}}"#
        );
        old_file(&path, "4", &member);
        let (writer, reader, thread) = huddle_store::open(&path).unwrap();
        let custom = reader.load().unwrap().members.first().unwrap().custom;
        drop((writer, reader));
        thread.join().unwrap();
        let (has, hasnt) =
            if kick == "true" { (custom.granted, custom.denied) } else { (custom.denied, custom.granted) };
        assert!(has.has(Permission::Invite) && !hasnt.has(Permission::Invite), "{member}");
        assert_eq!(has.has(Permission::MuteParticipants), later.is_empty(), "{member}");
    }
}
