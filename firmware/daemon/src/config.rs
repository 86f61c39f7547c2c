//! The box's configuration: one TOML file. Demo mode is such a file too, inside the binary, so
//! that the two modes differ in nothing else. Mistakes name file, line and key.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use huddle_core::state::AutoJoin;
use huddle_media::port::{CameraSpec, DisplaySpec, MicrophoneSpec, SpeakerSpec};
use serde::Deserialize;

/// The configuration of demo mode.
pub(crate) const DEMO: &str = include_str!("../assets/demo.toml");

/// A whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Demo mode: `admin`/`admin`, fixed keys, virtual front panel, no rate limits.
    #[serde(default)]
    pub(crate) demo: bool,
    /// The box.
    #[serde(rename = "box", default)]
    pub(crate) unit: Unit,
    /// Web servers.
    #[serde(default)]
    pub(crate) web: Web,
    /// Media ports and addresses.
    #[serde(default)]
    pub(crate) media: Media,
    /// Devices of the room.
    #[serde(default)]
    pub(crate) room: Room,
    /// Buttons and LEDs.
    #[serde(default)]
    pub(crate) board: Board,
    /// Recordings.
    #[serde(default)]
    pub(crate) recording: Recording,
    /// Webhooks.
    #[serde(default)]
    pub(crate) webhooks: Webhooks,
}

/// The box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Unit {
    /// Name, also of its own room when that is made.
    pub(crate) name: String,
    /// Folder of database, keys and, unless set apart, recordings.
    pub(crate) data: PathBuf,
    /// Rooms that a user who is no admin may have.
    pub(crate) rooms_per_user: usize,
}

impl Default for Unit {
    fn default() -> Self {
        Self { name: "Huddlebox".to_owned(), data: PathBuf::from("/var/lib/huddlebox"), rooms_per_user: 200 }
    }
}

/// Web servers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Web {
    /// Address to bind.
    pub(crate) bind: IpAddr,
    /// Plain port: demo serves everything there, an installed box redirects to `https`.
    pub(crate) http: u16,
    /// TLS port.
    pub(crate) https: u16,
    /// PEM file with the certificate chain; without one the box makes its own.
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file with the certificate's key.
    pub(crate) key: Option<PathBuf>,
}

impl Default for Web {
    fn default() -> Self {
        Self { bind: IpAddr::from([0, 0, 0, 0]), http: 80, https: 443, certificate: None, key: None }
    }
}

/// Media ports and addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Media {
    /// Address to bind.
    pub(crate) bind: IpAddr,
    /// UDP port of all media.
    pub(crate) udp: u16,
    /// ICE-TCP port; 0 switches it off.
    pub(crate) tcp: u16,
    /// Address under which the box is reached from outside; the ports are forwarded as they are.
    pub(crate) public_address: Option<IpAddr>,
    /// STUN server (`host:port`) that tells the public address, if none is configured.
    pub(crate) stun: Option<String>,
    /// Also offer 127.0.0.1: only of use to browsers on the box itself.
    pub(crate) loopback: bool,
    /// Only these interface addresses; empty = all.
    pub(crate) addresses: Vec<IpAddr>,
    /// First guess of what a participant can receive, in kbit/s.
    pub(crate) start_kbps: u64,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            bind: IpAddr::from([0, 0, 0, 0]),
            udp: 7882,
            tcp: 7881,
            public_address: None,
            stun: None,
            loopback: false,
            addresses: Vec::new(),
            start_kbps: 2_000,
        }
    }
}

/// Devices of the room, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Room {
    /// `demo`, `test`, `none`, `/dev/…` or a media file.
    pub(crate) camera: String,
    /// `with-camera`, `pulse`, `none` or an ALSA device such as `hw:1,0`.
    pub(crate) microphone: String,
    /// `pulse`, `none` or an ALSA device.
    pub(crate) speaker: String,
    /// `kms`, `wayland`, `x11` or `none`.
    pub(crate) display: String,
    /// `always`, `announce` or `ask`.
    pub(crate) auto_join: String,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            camera: "/dev/video0".to_owned(),
            microphone: "pulse".to_owned(),
            speaker: "pulse".to_owned(),
            display: "kms".to_owned(),
            auto_join: "announce".to_owned(),
        }
    }
}

/// Buttons and LEDs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Board {
    /// Board file; without one the box has no buttons (demo: the virtual panel).
    pub(crate) file: Option<PathBuf>,
}

/// Recordings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Recording {
    /// Folder; `recordings` inside the data folder unless set.
    pub(crate) folder: Option<PathBuf>,
    /// Megabytes (10⁶ bytes) of the disk that recordings leave free.
    pub(crate) reserve_mb: u64,
}

impl Default for Recording {
    fn default() -> Self {
        Self { folder: None, reserve_mb: 500 }
    }
}

/// Webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Webhooks {
    /// They may lead to the box itself and its nearest neighbourhood (loopback, link-local).
    pub(crate) allow_local: bool,
    /// PEM file with certificate authorities that count beside those of the system.
    pub(crate) ca: Option<PathBuf>,
}

/// A mistake in the configuration; the text names file, line and key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, an unknown key or a value of the wrong kind.
    #[error("{path}: {message}")]
    Parse {
        /// Which.
        path: PathBuf,
        /// With line and key.
        message: String,
    },
    /// A value that cannot be.
    #[error("{path}: {key}: {message}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Parses and checks a text; `path` is only for messages.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|e| ConfigError::Parse {
            path: path.to_owned(),
            message: e.to_string().trim_end().to_owned(),
        })?;
        config.check(path)?;
        Ok(config)
    }

    fn check(&self, path: &Path) -> Result<(), ConfigError> {
        let wrong = |key, message: &str| {
            Err(ConfigError::Value { path: path.to_owned(), key, message: message.to_owned() })
        };
        if self.unit.name.trim().is_empty() || self.unit.name.chars().count() > 50 {
            return wrong("box.name", "1 to 50 characters");
        }
        if self.web.certificate.is_some() != self.web.key.is_some() {
            return wrong("web.certificate", "certificate and key belong together");
        }
        if self.web.http == self.web.https && self.web.http != 0 {
            return wrong("web.https", "http and https need different ports");
        }
        if self.auto_join().is_none() {
            return wrong("room.auto_join", "always, announce or ask");
        }
        if self.display().is_none() {
            return wrong("room.display", "kms, wayland, x11 or none");
        }
        if !(100..=1_000_000).contains(&self.media.start_kbps) {
            return wrong("media.start_kbps", "100 to 1000000");
        }
        Ok(())
    }

    /// How the room joins its meetings.
    pub(crate) fn auto_join(&self) -> Option<AutoJoin> {
        match self.room.auto_join.as_str() {
            "always" => Some(AutoJoin::Always),
            "announce" => Some(AutoJoin::Announce),
            "ask" => Some(AutoJoin::Ask),
            _ => None,
        }
    }

    /// The camera; `demo` is the file that the box ships.
    pub(crate) fn camera(&self, demo_file: &Path) -> CameraSpec {
        match self.room.camera.as_str() {
            "demo" => CameraSpec::File(demo_file.to_owned()),
            "test" => CameraSpec::Test,
            "none" => CameraSpec::None,
            device if device.starts_with("/dev/") => CameraSpec::Device(PathBuf::from(device)),
            file => CameraSpec::File(PathBuf::from(file.strip_prefix("file:").unwrap_or(file))),
        }
    }

    /// The microphone.
    pub(crate) fn microphone(&self) -> MicrophoneSpec {
        match self.room.microphone.as_str() {
            "with-camera" => MicrophoneSpec::WithCamera,
            "pulse" => MicrophoneSpec::Pulse,
            "none" => MicrophoneSpec::None,
            device => MicrophoneSpec::Alsa(device.to_owned()),
        }
    }

    /// The speaker.
    pub(crate) fn speaker(&self) -> SpeakerSpec {
        match self.room.speaker.as_str() {
            "pulse" => SpeakerSpec::Pulse,
            "none" => SpeakerSpec::None,
            device => SpeakerSpec::Alsa(device.to_owned()),
        }
    }

    /// The TV.
    pub(crate) fn display(&self) -> Option<DisplaySpec> {
        match self.room.display.as_str() {
            "kms" => Some(DisplaySpec::Kms),
            "wayland" => Some(DisplaySpec::Wayland),
            "x11" => Some(DisplaySpec::X11),
            "none" => Some(DisplaySpec::None),
            _ => None,
        }
    }

    /// Folder of recordings.
    pub(crate) fn recordings(&self) -> PathBuf {
        self.recording.folder.clone().unwrap_or_else(|| self.unit.data.join("recordings"))
    }

    /// Bytes that recordings leave free.
    pub(crate) fn reserve(&self) -> u64 {
        self.recording.reserve_mb.saturating_mul(1_000_000)
    }

    /// Where a web port is bound.
    pub(crate) fn web_address(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.web.bind, port)
    }

    /// Shortest password.
    pub(crate) fn min_password(&self) -> usize {
        if self.demo { 5 } else { 12 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("box.toml"))
    }

    #[test]
    fn demo_and_an_empty_file_are_valid() {
        assert!(Config::parse(DEMO, Path::new("demo")).unwrap().demo);
        let installed = parse("").unwrap();
        assert!(!installed.demo);
        assert_eq!(installed.web.https, 443);
    }

    #[test]
    fn the_service_may_write_where_an_empty_file_says() {
        let unit = include_str!("../../../systemd/huddlebox.service");
        let value = |key: &str| {
            let line = unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_else(|| panic!("{key} is missing")).to_owned()
        };
        let installed = parse("").unwrap();
        assert_eq!(value("ProtectSystem"), "strict");
        assert_eq!(installed.unit.data, Path::new("/var/lib").join(value("StateDirectory")));
        assert_eq!(installed.recordings(), Path::new(&value("WantsMountsFor")));
        let groups = include_str!("../../../systemd/sysusers.d-huddlebox.conf");
        let made = |group: &str| groups.lines().any(|line| line.starts_with(&format!("g {group} ")));
        // The others belong to Debian's base system.
        assert!(made("gpio") && made("pulse-access"));
    }

    #[test]
    fn mistakes_name_file_line_and_key() {
        let text = "[web]\nhttp = 80\nhtps = 443\n";
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains("box.toml"), "{message}");
        assert!(message.contains("line 3") && message.contains("htps"), "{message}");
        let message = parse("[media]\nudp = 70000\n").unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("udp"), "{message}");
        let message = parse("[room]\nauto_join = \"never\"\n").unwrap_err().to_string();
        assert!(message.contains("room.auto_join"), "{message}");
    }
}
