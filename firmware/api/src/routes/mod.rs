//! Every route, in one place.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

mod api_keys;
mod audit;
mod boxes;
mod deletion;
mod groups;
mod limits;
mod login;
mod meetings;
mod member_token;
mod members;
mod panel;
mod recordings;
mod recordings_media;
mod room_settings;
mod rooms;
mod rtc;
mod twirp;
mod users;
mod webhooks;

pub(crate) use limits::{Limits, network};

pub(crate) use rooms::{base, max_items};

/// The REST tree, relative to `/api/v1`.
pub(crate) fn rest() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(crate::openapi::base())
        .routes(routes!(login::login))
        .routes(routes!(login::logout))
        .routes(routes!(login::refresh))
        .routes(routes!(login::me))
        .routes(routes!(login::change_password))
        .routes(routes!(users::list, users::create, users::delete_many))
        .routes(routes!(users::read, users::patch, users::put, users::delete))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::set_role))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::update, groups::delete))
        .routes(routes!(api_keys::list, api_keys::create, api_keys::delete_all))
        .routes(routes!(api_keys::read, api_keys::delete))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::read, webhooks::replace, webhooks::delete))
        .routes(routes!(webhooks::renew_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(audit::list))
        .routes(routes!(rooms::list, rooms::create, deletion::delete_many))
        .routes(routes!(rooms::read, rooms::patch, deletion::delete))
        .routes(routes!(room_settings::config, room_settings::set_config))
        .routes(routes!(room_settings::set_roles))
        .routes(routes!(room_settings::set_access))
        .routes(routes!(room_settings::regenerate))
        .routes(routes!(rooms::set_status))
        .routes(routes!(members::list, members::add, members::delete_many))
        .routes(routes!(members::read, members::patch, members::put, members::delete))
        .routes(routes!(meetings::read, meetings::end))
        .routes(routes!(meetings::participants))
        .routes(routes!(meetings::switch_off_all))
        .routes(routes!(meetings::participant, meetings::kick))
        .routes(routes!(meetings::switch_off))
        .routes(routes!(meetings::set_role))
        .routes(routes!(meetings::removed))
        .routes(routes!(meetings::invite_back))
        .routes(routes!(member_token::issue))
        .routes(routes!(member_token::refresh))
        .routes(routes!(recordings::start, recordings::list, recordings::delete_many))
        .routes(routes!(recordings::read, recordings::delete))
        .routes(routes!(recordings::stop))
        .routes(routes!(recordings_media::media))
        .routes(routes!(recordings_media::download))
        .routes(routes!(recordings_media::thumbnail))
        .routes(routes!(boxes::info))
        .routes(routes!(boxes::about))
        .routes(routes!(boxes::status))
        .routes(routes!(boxes::events))
        .routes(routes!(boxes::set_home_room))
        .routes(routes!(boxes::set_controls))
        .routes(routes!(boxes::hang_up))
        .routes(routes!(panel::show))
        .routes(routes!(panel::button))
        .routes(routes!(panel::tv))
        .routes(routes!(panel::events))
        .routes(routes!(panel::fault))
}

/// LiveKit signalling and server API, at the root.
pub(crate) fn livekit() -> Router<App> {
    rtc::routes().merge(twirp::routes())
}
