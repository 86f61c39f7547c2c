//! `kill -9` in mid-write: whatever was answered is there afterwards.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use huddle_core::account::Session;
use huddle_core::ids::UserId;
use huddle_core::state::{Change, Write};
use huddle_core::units::UnixMillis;

const CHILD: &str = "HUDDLE_STORE_CRASH_CHILD";

fn session(n: u64) -> Session {
    Session {
        id: format!("s{n:08}"),
        user_id: UserId::new("admin"),
        created: UnixMillis(n),
        expires: UnixMillis(n + 1),
        refresh_digest: "x".repeat(200),
        previous_digest: None,
    }
}

/// The child: writes records for ever and prints each number once its commit was acknowledged.
#[test]
fn child_writes_until_killed() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let (writer, reader, _thread) = huddle_store::open(Path::new(&path)).unwrap();
    let first = reader.load().unwrap().sessions.len() as u64;
    let (done, acks) = mpsc::channel();
    let mut out = std::io::stdout();
    for n in first.. {
        let done = done.clone();
        let write = Write::Session(Change { before: None, after: Some(session(n)) });
        writer.commit(vec![write], move |result| done.send((n, result.is_ok())).unwrap());
        // Four in flight, so that groups form.
        if n >= first + 4 {
            let (n, ok) = acks.recv().unwrap();
            assert!(ok);
            writeln!(out, "ack {n}").unwrap();
            out.flush().unwrap();
        }
    }
}

fn run_and_kill(path: &Path, after_acks: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_writes_until_killed", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = 0;
    let mut seen = 0;
    let mut note = |line: String| {
        // The harness prints its own text before the first line, without a line break.
        if let Some((_, n)) = line.split_once("ack ") {
            last = n.parse().unwrap();
            seen += 1;
        }
        seen
    };
    while note(lines.next().unwrap().unwrap()) < after_acks {}
    child.kill().unwrap();
    for line in lines.map_while(Result::ok) {
        note(line);
    }
    child.wait().unwrap();
    last
}

#[test]
fn nothing_that_was_answered_is_lost() {
    let rounds = std::env::var("HUDDLE_LONG").map_or(4, |_| 40);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("box.redb");
    for round in 0..rounds {
        let last = run_and_kill(&path, 5 + round * 7 % 31);
        let (writer, reader, thread) = huddle_store::open(&path).unwrap();
        let sessions = reader.load().unwrap().sessions;
        drop((writer, reader));
        thread.join().unwrap();
        let expected: Vec<String> = (0..=last).map(|n| session(n).id).collect();
        let found: Vec<String> = sessions.into_iter().map(|s| s.id).collect();
        assert_eq!(found.get(..expected.len()), Some(expected.as_slice()), "round {round}");
    }
}
