//! A whole box as a process: `huddlebox serve --demo` on free ports, with a data folder that is
//! thrown away, and just enough HTTP to press its buttons.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running box; killed when dropped.
pub(crate) struct Appliance {
    child: Child,
    folder: Arc<TempDir>,
    /// Web address.
    pub web: SocketAddr,
    rest: TcpStream,
    /// Moderator's link of the home room: room id and secret.
    pub home: (String, String),
}

impl Appliance {
    /// Starts the box and waits until it is ready.
    pub(crate) fn start(binary: &Path) -> anyhow::Result<Self> {
        Self::start_in(Arc::new(tempfile::tempdir()?), binary)
    }

    /// The same in a folder in which one has run before.
    pub(crate) fn start_in(folder: Arc<TempDir>, binary: &Path) -> anyhow::Result<Self> {
        let web = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut child = Command::new(binary)
            .args(["serve", "--demo", "--data"])
            .arg(folder.path().join("data"))
            .args(["--http", &web.port().to_string(), "--https", &free_port()?.to_string()])
            .args(["--media", &free_port()?.to_string()])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("log"))?)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let link = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, link) = line.split_once("This room:")?;
            let (id, secret) = link.trim().rsplit_once("/room/")?.1.split_once("?secret=")?;
            Some((id.to_owned(), secret.to_owned()))
        });
        let home = link.context("the box did not become ready")?;
        std::thread::spawn(move || lines.for_each(drop));
        let rest = TcpStream::connect(web)?;
        rest.set_nodelay(true)?;
        rest.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { child, folder, web, rest, home })
    }

    /// Stops it; its folder stays.
    pub(crate) fn stop(self) -> Arc<TempDir> {
        self.folder.clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the box has logged.
    pub(crate) fn log(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.folder.path().join("log"))?)
    }

    /// One request with the administrator's key; an answer above 299 is an error.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: {}\r\nx-api-key: meet-api-key\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.web,
            body.len()
        );
        self.rest.write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        let text = String::from_utf8_lossy(&body);
        anyhow::ensure!((200..300).contains(&status), "{method} {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Status and body of one answer. The box sends a length or nothing.
    fn answer(&mut self) -> anyhow::Result<(u16, Vec<u8>)> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.rest.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(Ok(0), |length| length.trim().parse())?];
        self.rest.read_exact(&mut body)?;
        Ok((status, body))
    }

    /// A token to join a room with.
    pub(crate) fn token(&mut self, room: &(String, String), name: &str) -> anyhow::Result<String> {
        let ask = json!({ "secret": room.1, "joinMeeting": true, "participantName": name });
        let told = self.ask("POST", &format!("/rooms/{}/members/token", room.0), Some(&ask))?;
        text(&told, "/token")
    }

    /// Another room: its id and the moderator's secret.
    pub(crate) fn make_room(&mut self) -> anyhow::Result<(String, String)> {
        let made = self.ask("POST", "/rooms", Some(&json!({ "roomName": "Bench" })))?;
        let id = text(&made, "/roomId")?;
        let room = made.to_string();
        let secret = room.split("secret=").nth(1).and_then(|rest| rest.split(['"', '&']).next());
        Ok((id, secret.context("a secret")?.to_owned()))
    }

    /// Presses a button of the virtual panel.
    pub(crate) fn press(&mut self, button: &str) -> anyhow::Result<()> {
        self.ask("POST", &format!("/panel/buttons/{button}"), Some(&json!({ "action": "press" }))).map(drop)
    }

    /// The pattern of the recording lamp.
    pub(crate) fn tally(&mut self) -> anyhow::Result<String> {
        let panel = self.ask("GET", "/panel", None)?;
        text(&panel, "/leds/tally")
    }

    /// Asks until `done`, at most a minute.
    pub(crate) fn until(
        &mut self,
        what: &str,
        mut done: impl FnMut(&mut Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            if done(self)? {
                return Ok(());
            }
        }
        bail!("never: {what}")
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        // SIGTERM first: recordings are finished, and nothing is left behind.
        let asked = i32::try_from(self.child.id()).map(|pid| kill(Pid::from_raw(pid), Signal::SIGTERM));
        let end = Instant::now() + Duration::from_secs(15);
        while asked.is_ok() && Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A text in a JSON answer, by its pointer (RFC 6901).
pub(crate) fn text(answer: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("no {pointer} in {answer}"))?.to_owned())
}

/// A free port whose predecessor is probably free as well: media takes both.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
