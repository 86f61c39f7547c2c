//! Every route, in one place.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

mod boxes;
mod limits;
mod login;
mod member_token;
mod panel;
mod recordings;
mod recordings_media;
mod rooms;
mod rtc;
mod twirp;

pub(crate) use limits::{Limits, network};

/// The REST tree, relative to `/api/v1`.
pub(crate) fn rest() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(crate::openapi::base())
        .routes(routes!(login::login))
        .routes(routes!(login::logout))
        .routes(routes!(login::refresh))
        .routes(routes!(login::me))
        .routes(routes!(login::change_password))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::read, rooms::delete))
        .routes(routes!(rooms::set_status))
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
