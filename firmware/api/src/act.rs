//! Acting on the state as somebody: every handler that reads or changes something of others goes
//! through here, so that the one decision (P3) is asked in one place and every act has its actor.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use huddle_core::access::{Action, Person, Why, decide, effective};
use huddle_core::audit::Actor;
use huddle_core::ids::{Identity, RecordingId, RoomId};
use huddle_core::permission::{Permission, PermissionSet};
use huddle_core::recording::{Recording, check_recording_id};
use huddle_core::room::Room;
use huddle_core::state::{BoxState, Ctx, Refusal, Tables};
use huddle_core::units::UnixMillis;

use crate::App;
use crate::auth::Caller;
use crate::body::Sent;
use crate::control::ask;
use crate::error::ApiError;

/// A caller and where they call from.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// Who.
    pub(crate) caller: Caller,
    /// IP address.
    pub(crate) address: String,
}

/// Everything that is kept, as it was when the caller was let in; what a list is made from.
pub(crate) struct View {
    /// The records.
    pub(crate) tables: Tables,
    /// Rooms with a running meeting.
    pub(crate) active: BTreeSet<RoomId>,
    /// Who asks, outside of any room.
    pub(crate) person: Person,
    /// What they may do in the room that was looked into, its meeting counted.
    pub(crate) rights: Option<PermissionSet>,
    /// When.
    pub(crate) now: UnixMillis,
}

impl View {
    /// Who asks, in that room.
    pub(crate) fn person_in(&self, room: &Room) -> Person {
        if self.person.api_key { self.person.clone() } else { self.tables.in_room(&self.person, room) }
    }
}

impl FromRequestParts<App> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = address.map(|ConnectInfo(a)| a.ip().to_canonical().to_string()).unwrap_or_default();
        Ok(Self { caller, address })
    }
}

impl Asker {
    /// Does something to the box, if the decision allows it. Member tokens are no credentials
    /// here (reference openvidu-meet §1.2).
    pub(crate) async fn act<R, F>(&self, app: &App, action: Action, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>) -> Result<R, Refusal> + Send + 'static,
    {
        if matches!(self.caller, Caller::Member(_)) {
            return Err(ApiError::unauthorized());
        }
        let asker = self.clone();
        let act = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            let person = asker.person(state, None, ctx)?;
            require(decide(&person, action, None, None).why, None, action)?;
            f(state, ctx)
        };
        self.run(app, act).await
    }

    /// Does something for which the caller is judged on the way, by [`Self::room`] or
    /// [`Self::recording`].
    pub(crate) async fn run<R, F>(&self, app: &App, f: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>) -> Result<R, Refusal> + Send + 'static,
    {
        let actor = self.actor();
        let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            ctx.actor = actor;
            f(state, ctx)
        };
        Ok(ask(&*app.control, job).await??)
    }

    /// Does what a body asks for: first the caller is judged, then the body read and checked.
    pub(crate) async fn edit<B, W, R, F>(
        &self,
        app: &App,
        action: Action,
        body: Sent<B>,
        checked: impl FnOnce(B) -> Result<W, ApiError>,
        f: F,
    ) -> Result<R, ApiError>
    where
        W: Send + 'static,
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>, W) -> Result<R, Refusal> + Send + 'static,
    {
        self.may(app, action).await?;
        let wanted = checked(body.read()?)?;
        self.act(app, action, move |state, ctx| f(state, ctx, wanted)).await
    }

    /// The same in a room.
    pub(crate) async fn edit_in<B, W, R, F>(
        &self,
        app: &App,
        (room, action): (&str, Action),
        body: Sent<B>,
        checked: impl FnOnce(B) -> Result<W, ApiError>,
        f: F,
    ) -> Result<R, ApiError>
    where
        W: Send + 'static,
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>, &Room, W) -> Result<R, Refusal> + Send + 'static,
    {
        self.may_in(app, room, action).await?;
        let wanted = checked(body.read()?)?;
        self.act_in(app, room, action, move |state, ctx, room| f(state, ctx, room, wanted)).await
    }

    /// May they at all? For handlers that look at a body only then.
    pub(crate) async fn may(&self, app: &App, action: Action) -> Result<(), ApiError> {
        self.act(app, action, |_, _| Ok(())).await
    }

    /// The same in a room.
    pub(crate) async fn may_in(&self, app: &App, room: &str, action: Action) -> Result<(), ApiError> {
        self.act_in(app, room, action, |_, _, _| Ok(())).await
    }

    /// Does something in a room. A room that the caller may not even see is not there (404).
    pub(crate) async fn act_in<R, F>(
        &self,
        app: &App,
        room: &str,
        action: Action,
        f: F,
    ) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>, &Room) -> Result<R, Refusal> + Send + 'static,
    {
        let (asker, id) = (self.clone(), RoomId::from(room));
        let act = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            let room = asker.room(state, &id, action, ctx)?;
            f(state, ctx, &room)
        };
        self.run(app, act).await
    }

    /// The room, for somebody who may do that in it.
    pub(crate) fn room(
        &self,
        state: &BoxState,
        id: &RoomId,
        action: Action,
        ctx: &Ctx<'_>,
    ) -> Result<Room, Refusal> {
        let room = state.room(id)?;
        let person = self.person(state, Some(room), ctx)?;
        if !person.sees(room) {
            return Err(Refusal::RoomNotFound(id.clone()));
        }
        require(decide(&person, action, Some(room), state.meeting(id)).why, Some(room), action)?;
        Ok(room.clone())
    }

    /// Makes something – a list – of everything that is kept, away from the task that owns it, which
    /// has more urgent things to do.
    pub(crate) async fn look<R, F>(&self, app: &App, action: Action, make: F) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&View) -> Result<R, ApiError> + Send + 'static,
    {
        let asker = self.clone();
        let view = self.act(app, action, move |state, ctx| asker.view(state, None, ctx)).await?;
        made_of(view, make).await
    }

    /// The same for something of one room.
    pub(crate) async fn look_in<R, F>(
        &self,
        app: &App,
        room: &str,
        action: Action,
        make: F,
    ) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&View, &Room) -> Result<R, ApiError> + Send + 'static,
    {
        let asker = self.clone();
        let look = move |state: &mut BoxState, ctx: &mut Ctx<'_>, room: &Room| {
            Ok((asker.view(state, Some(room), ctx)?, room.clone()))
        };
        let (view, room) = self.act_in(app, room, action, look).await?;
        made_of(view, move |view| make(view, &room)).await
    }

    fn view(&self, state: &BoxState, room: Option<&Room>, ctx: &Ctx<'_>) -> Result<View, Refusal> {
        let person = self.person(state, room, ctx)?;
        Ok(View {
            tables: state.tables().clone(),
            active: state.active_rooms(),
            rights: room.map(|room| effective(&person, room, state.meeting(&room.room_id))),
            person,
            now: ctx.now.wall,
        })
    }

    /// Does something with a recording.
    pub(crate) async fn act_on<R, F>(
        &self,
        app: &App,
        recording: &str,
        permission: Permission,
        f: F,
    ) -> Result<R, ApiError>
    where
        R: Send + 'static,
        F: FnOnce(&mut BoxState, &mut Ctx<'_>, &Recording) -> Result<R, Refusal> + Send + 'static,
    {
        let (asker, id) = (self.clone(), recording.to_owned());
        let act = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            let recording = asker.recording(state, &id, permission, ctx)?;
            f(state, ctx, &recording)
        };
        self.run(app, act).await
    }

    /// The recording, for somebody with that permission. One in a room that the caller may not even
    /// see is not there (404). A room that was deleted leaves its recordings to admins and operators: then
    /// a room nobody else has rights in stands for it.
    pub(crate) fn recording(
        &self,
        state: &BoxState,
        id: &str,
        permission: Permission,
        ctx: &Ctx<'_>,
    ) -> Result<Recording, Refusal> {
        if !check_recording_id(id) {
            let text = "recordingId does not follow the expected format".to_owned();
            return Err(Refusal::InvalidField("recordingId", text));
        }
        let recording = state.recording(&RecordingId::from(id))?;
        let room = room_of(state.tables(), recording, ctx.now.wall);
        let person = self.person(state, Some(&room), ctx)?;
        if !person.sees(&room) {
            return Err(Refusal::RecordingNotFound(recording.recording_id.clone()));
        }
        let action = Action::Use(permission);
        let decision = decide(&person, action, Some(&room), state.meeting(&room.room_id));
        require(decision.why, Some(&room), action)?;
        Ok(recording.clone())
    }

    /// Who this is to the box or to a room, now. Whoever has logged out meanwhile, or whose key is
    /// gone, is nobody (401).
    pub(crate) fn person(
        &self,
        state: &BoxState,
        room: Option<&Room>,
        ctx: &Ctx<'_>,
    ) -> Result<Person, Refusal> {
        match (&self.caller, room) {
            (Caller::ApiKey(id), _) if state.tables().keys.contains_key(id.as_str()) => {
                Ok(Person::with_api_key())
            }
            (Caller::ApiKey(_), _) => Err(Refusal::TokenDead),
            (Caller::User { session, .. }, room) => {
                let user = state.session_user(session, ctx.now.wall)?.user_id.clone();
                Ok(state.tables().person_of_user(&user, room))
            }
            (Caller::Member(member), Some(room)) if member.room == room.room_id => {
                let identity = self.identity();
                state.token_person(&member.room, &member.source, identity.as_ref(), ctx.now.wall)
            }
            (Caller::Member(_), _) => Ok(Person::default()),
        }
    }

    /// The identity in the meeting that a member token is for.
    pub(crate) fn identity(&self) -> Option<Identity> {
        match &self.caller {
            Caller::Member(member) if !member.claims.sub.is_empty() => {
                Some(Identity::from(member.claims.sub.as_str()))
            }
            Caller::Member(_) | Caller::ApiKey(_) | Caller::User { .. } => None,
        }
    }

    /// Nobody changes themself: see [`By`](huddle_core::state::By).
    pub(crate) fn by(&self) -> Option<huddle_core::ids::UserId> {
        match &self.caller {
            Caller::User { user, .. } => Some(user.user_id.clone()),
            Caller::ApiKey(_) | Caller::Member(_) => None,
        }
    }

    /// What counts as one client for failed logins.
    pub(crate) fn network(&self) -> String {
        let address: Option<std::net::IpAddr> = self.address.parse().ok();
        address.map(|ip| crate::routes::network(ip).to_string()).unwrap_or_default()
    }

    /// For the audit log.
    pub(crate) fn actor(&self) -> Actor {
        let who = match &self.caller {
            Caller::ApiKey(key) => format!("key:{key}"),
            Caller::User { user, .. } => format!("user:{}", user.user_id),
            Caller::Member(member) => match (&member.source.user, member.claims.sub.as_str()) {
                (Some(user), _) => format!("user:{user}"),
                (None, "") => "link".to_owned(),
                (None, identity) => format!("participant:{identity}"),
            },
        };
        Actor { who, address: Some(self.address.clone()).filter(|a| !a.is_empty()) }
    }
}

async fn made_of<R, F>(view: View, make: F) -> Result<R, ApiError>
where
    R: Send + 'static,
    F: FnOnce(&View) -> Result<R, ApiError> + Send + 'static,
{
    let made = tokio::task::spawn_blocking(move || make(&view)).await;
    made.unwrap_or_else(|_| Err(Refusal::Failed.into()))
}

/// The room of a recording, or what stands for it.
pub(crate) fn room_of<'a>(tables: &'a Tables, recording: &Recording, now: UnixMillis) -> Cow<'a, Room> {
    let ghost = || Room::ghost(recording.room_id.clone(), recording.room_name.clone(), now);
    tables.rooms.get(&recording.room_id).map_or_else(|| Cow::Owned(ghost()), Cow::Borrowed)
}

/// The refusal that says why not.
pub(crate) fn require(why: Why, room: Option<&Room>, action: Action) -> Result<(), Refusal> {
    match (why, action) {
        (why, _) if why.allows() => Ok(()),
        (Why::FeatureOff, Action::Use(Permission::Record)) => {
            Err(room.map_or(Refusal::Forbidden, |r| Refusal::RecordingDisabled(r.room_id.clone())))
        }
        (Why::Removed, _) => Err(Refusal::Removed),
        (_, Action::Use(permission)) => Err(Refusal::Missing(permission)),
        _ => Err(Refusal::Forbidden),
    }
}
