//! A room with an owner, members and links, and a caller of each kind.

use std::sync::LazyLock;

use huddle_core::account::Role;
use huddle_core::ids::{RoomId, UserId};
use huddle_core::member::CustomPermissions;
use huddle_core::room::MemberRole;
use huddle_core::state::{BoxState, Ctx, NewMember, NewRoom, NewUser};
use serde_json::json;

use super::{Site, site};

/// Kinds of callers, in the order of the table.
pub(crate) const CALLERS: &[&str] = &[
    "none",
    "key",
    "admin",
    "owner",
    "other",
    "member",
    "security",
    "moderator",
    "speaker",
    "recording",
    "external",
];

/// The site and what its callers send.
pub(crate) struct Team {
    pub(crate) site: Site,
    /// The room of `owner_u`.
    pub(crate) room: String,
    /// The external member.
    pub(crate) external: String,
    /// Secret of the external member's link.
    pub(crate) secret: String,
}

/// Hashing is slow on purpose; one for all is enough here.
static HASH: LazyLock<String> = LazyLock::new(|| huddle_api::password::hash_now("right password").unwrap());

pub(crate) fn team() -> Team {
    let site = site(true);
    let made = site.change(|state, ctx| {
        let users = [
            ("admin_two", Role::Admin),
            ("owner_u", Role::User),
            ("other_u", Role::User),
            ("member_u", Role::RoomMember),
            ("secure_u", Role::SecurityAdmin),
        ];
        for (id, role) in users {
            let user_id = UserId::new(id);
            let new = NewUser { user_id, name: format!("Name of {id}"), role, password_hash: HASH.clone() };
            state.create_user(new, ctx).unwrap();
            let session = state.login(&UserId::new(id), &HASH, "192.0.2.1", "x".into(), ctx).unwrap().id;
            let (hash, digest) = (HASH.clone(), "y".to_owned());
            state.change_password(&session, &HASH, hash, digest, "192.0.2.1", ctx).unwrap();
        }
        let room = state.create_room(NewRoom::named("Team", UserId::new("owner_u")), ctx).unwrap().room_id;
        let (role, custom) = (MemberRole::Speaker, CustomPermissions::default());
        let internal = NewMember::Internal(UserId::new("member_u"));
        state.add_member(&room, internal, role, custom, ctx).unwrap();
        let external = NewMember::External("Guest".into());
        let external = state.add_member(&room, external, role, custom, ctx).unwrap();
        (room.to_string(), external)
    });
    let (room, external) = made;
    let secret = external.secret.as_ref().unwrap().reveal().to_owned();
    Team { site, room, external: external.member_id.to_string(), secret }
}

impl Team {
    /// The header with which a kind of caller shows who it is.
    pub(crate) async fn header(&self, caller: &str) -> Option<(&'static str, String)> {
        let user = match caller {
            "none" => return None,
            "key" => return Some(("x-api-key", "the-key".to_owned())),
            "admin" => "admin_two",
            "owner" => "owner_u",
            "other" => "other_u",
            "member" => "member_u",
            "security" => "secure_u",
            link => return Some(("x-room-member-token", self.link_token(link).await)),
        };
        Some(("authorization", format!("Bearer {}", self.log_in(user))))
    }

    /// An access token of this user.
    pub(crate) fn log_in(&self, user: &str) -> String {
        let id = UserId::new(user);
        let session = self
            .site
            .change(move |state, ctx| state.login(&id, &HASH, "192.0.2.1", "x".into(), ctx))
            .unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let claims = json!({ "sub": user, "sid": session.id, "iat": now, "exp": now + 60, "type": "access" });
        let key = jsonwebtoken::EncodingKey::from_secret(b"0123456789");
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    }

    /// A joining member token by one of the room's links.
    pub(crate) async fn link_token(&self, link: &str) -> String {
        let id = RoomId::from(self.room.as_str());
        let room = self.site.change(move |state, _| state.room(&id).unwrap().clone());
        let secret = match link {
            "moderator" => room.access.moderator.secret.reveal(),
            "speaker" => room.access.speaker.secret.reveal(),
            "recording" => room.access.recording.secret.reveal(),
            _ => self.secret.as_str(),
        };
        let join = link != "recording";
        let body = json!({ "secret": secret, "joinMeeting": join, "participantName": link }).to_string();
        let path = format!("/api/v1/rooms/{}/members/token", self.room);
        let (status, body) = self.site.call("POST", &path, &[], &body).await;
        assert_eq!(status, 200, "{link}: {body}");
        body["token"].as_str().unwrap().to_owned()
    }

    /// Asks as this kind of caller.
    pub(crate) async fn ask(
        &self,
        caller: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> (u16, serde_json::Value) {
        let header = self.header(caller).await;
        let headers: Vec<(&str, &str)> = header.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, body) = self.site.call(method, path, &headers, body).await;
        (status.as_u16(), body)
    }
}

impl Site {
    /// Changes the state directly.
    pub(crate) fn change<R: Send + 'static>(
        &self,
        change: impl FnOnce(&mut BoxState, &mut Ctx<'_>) -> R + Send + 'static,
    ) -> R {
        let (sender, receiver) = std::sync::mpsc::channel();
        let job = Box::new(move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            sender.send(change(state, ctx)).unwrap();
        });
        assert!(huddle_api::control::Control::run(&*self.fake, job, Box::new(|_| {})));
        receiver.recv().unwrap()
    }
}
