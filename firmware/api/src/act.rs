//! Acting on the state as somebody: every handler that reads or changes something of others goes
//! through here, so that the one decision (P3) is asked in one place and every act has its actor.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use huddle_core::access::{Action, Person, Why, decide};
use huddle_core::audit::Actor;
use huddle_core::ids::{Identity, RoomId};
use huddle_core::permission::Permission;
use huddle_core::room::Room;
use huddle_core::state::{BoxState, By, Ctx, Refusal};

use crate::App;
use crate::auth::Caller;
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
        let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            let person = asker.person(state, None, ctx)?;
            require(decide(&person, action, None, None).why, None, action)?;
            ctx.actor = asker.actor();
            f(state, ctx)
        };
        Ok(ask(&*app.control, job).await??)
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
        let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
            let room = state.room(&id)?.clone();
            let person = asker.person(state, Some(&room), ctx)?;
            let meeting = state.meeting(&id);
            if !decide(&person, Action::ReadRoom, Some(&room), meeting).allowed && !person.knows(&room) {
                return Err(Refusal::RoomNotFound(id));
            }
            require(decide(&person, action, Some(&room), meeting).why, Some(&room), action)?;
            ctx.actor = asker.actor();
            f(state, ctx, &room)
        };
        Ok(ask(&*app.control, job).await??)
    }

    /// Who this is to the box or to a room, now.
    pub(crate) fn person(
        &self,
        state: &BoxState,
        room: Option<&Room>,
        ctx: &Ctx<'_>,
    ) -> Result<Person, Refusal> {
        match (&self.caller, room) {
            (Caller::ApiKey(_), _) => Ok(Person::with_api_key()),
            (Caller::User { user, .. }, room) => Ok(state.person_of_user(&user.user_id, room)),
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

    /// Nobody changes themself: see [`By`].
    pub(crate) fn by(&self) -> Option<huddle_core::ids::UserId> {
        match &self.caller {
            Caller::User { user, .. } => Some(user.user_id.clone()),
            Caller::ApiKey(_) | Caller::Member(_) => None,
        }
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

/// May they do this in that room? For a room that may be gone already.
pub(crate) async fn permit(
    app: &App,
    caller: &Caller,
    permission: Permission,
    room: &Room,
) -> Result<(), ApiError> {
    let (asker, room) = (Asker { caller: caller.clone(), address: String::new() }, room.clone());
    let action = Action::Use(permission);
    let job = move |state: &mut BoxState, ctx: &mut Ctx<'_>| {
        let person = asker.person(state, Some(&room), ctx)?;
        let decision = decide(&person, action, Some(&room), state.meeting(&room.room_id));
        require(decision.why, Some(&room), action)
    };
    Ok(ask(&*app.control, job).await??)
}

/// The refusal that says why not.
fn require(why: Why, room: Option<&Room>, action: Action) -> Result<(), Refusal> {
    match (why, action) {
        (why, _) if why.allows() => Ok(()),
        (Why::FeatureOff, Action::Use(Permission::Record)) => {
            Err(room.map_or(Refusal::Forbidden, |r| Refusal::RecordingDisabled(r.room_id.clone())))
        }
        (_, Action::Use(permission)) => Err(Refusal::Missing(permission)),
        _ => Err(Refusal::Forbidden),
    }
}

/// [`By`] of an owned id.
pub(crate) fn by(id: Option<&huddle_core::ids::UserId>) -> By<'_> {
    By(id)
}
