//! The lines the box prints once when it is ready (design.md), and systemd's notice.

use std::io::Write;
use std::net::IpAddr;

use huddle_core::room::Room;

use crate::config::Config;

/// What is printed.
pub(crate) struct Ready<'a> {
    /// Configuration in force.
    pub(crate) config: &'a Config,
    /// This box's own room.
    pub(crate) room: &'a Room,
    /// Addresses in the network.
    pub(crate) lan: &'a [IpAddr],
    /// The admin's password, when it may be shown.
    pub(crate) password: Option<&'a str>,
}

/// `https://address[:port]`.
pub(crate) fn https_base(config: &Config, ip: IpAddr) -> String {
    let host = match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    };
    match config.web.https {
        443 => format!("https://{host}"),
        port => format!("https://{host}:{port}"),
    }
}

/// The base of links for everybody in the network: the box's first address there.
pub(crate) fn join_base(config: &Config, lan: &[IpAddr]) -> String {
    lan.first().map_or_else(|| local_base(config, lan), |ip| https_base(config, *ip))
}

/// The base of links on the box itself: plain in demo mode.
pub(crate) fn local_base(config: &Config, lan: &[IpAddr]) -> String {
    if config.demo {
        return format!("http://localhost:{}", config.web.http);
    }
    let ip = lan.first().copied().unwrap_or(IpAddr::from([127, 0, 0, 1]));
    https_base(config, ip)
}

/// The text.
pub(crate) fn text(ready: &Ready<'_>) -> String {
    let base = local_base(ready.config, ready.lan);
    let room = ready.room;
    let path = format!("/room/{}?secret=", room.room_id);
    let (moderator, speaker) = (room.access.moderator.secret.reveal(), room.access.speaker.secret.reveal());
    let password =
        ready.password.unwrap_or("(as set before; huddlebox reset-admin-password gives a new one)");
    let mut text = format!(
        "Huddlebox is ready\n  Console:    {base}\n  Admin:      admin / {password}\n  \
         This room:  {base}{path}{moderator}\n  Speakers:   {base}{path}{speaker}\n"
    );
    for ip in ready.lan {
        let lan = https_base(ready.config, *ip);
        text.push_str(&format!("  On the LAN: {lan}{path}{speaker}\n"));
    }
    text
}

/// Prints the text and tells systemd.
pub(crate) fn announce(ready: &Ready<'_>) {
    let mut out = std::io::stdout();
    // Nobody may be listening any more; the box runs all the same.
    let _ = out.write_all(text(ready).as_bytes()).and_then(|()| out.flush());
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}
