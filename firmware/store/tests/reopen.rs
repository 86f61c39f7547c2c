//! What is there after the file was closed and opened again.

use huddle_core::account::{Backoff, FailedLogins};
use huddle_core::state::{Change, Write};
use huddle_core::units::UnixMillis;

#[test]
fn failed_logins_are_still_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("box.redb");
    let now = UnixMillis(1_700_000_000_000);
    let mut backoff = Backoff::default();
    (0..9).for_each(|_| backoff.fail(now));
    let failed = |whose: &str| FailedLogins { whose: whose.to_owned(), backoff };
    let commit = |before: Option<FailedLogins>, after: Option<FailedLogins>| {
        let (writer, reader, thread) = huddle_store::open(&path).unwrap();
        let (done, wait) = std::sync::mpsc::channel();
        let write = Write::FailedLogins(Change { before, after });
        writer.commit(vec![write], move |result| done.send(result).unwrap());
        wait.recv().unwrap().unwrap();
        let known = reader.load().unwrap().failed_logins;
        drop((writer, reader));
        thread.join().unwrap();
        known
    };
    commit(None, Some(failed("user anna_b")));
    let known = commit(None, Some(failed("address 192.0.2.1")));
    assert_eq!(known, [failed("address 192.0.2.1"), failed("user anna_b")]);
    assert_eq!(known.first().unwrap().backoff.wait(now), 8_000);
    assert_eq!(commit(Some(failed("user anna_b")), None).len(), 1);
}
