//! A box that has been in use for years: 10,000 users, 2,000 rooms, 20,000 members and 20,000
//! recordings. How long it takes to start, and to list, filter and sort (issue aim: 1 s, 5 ms).

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use huddle_core::account::{Role, User};
use huddle_core::encoding::Encoding;
use huddle_core::ids::{MemberId, RecordingId, RoomId, UserId};
use huddle_core::member::{CustomPermissions, Member};
use huddle_core::recording::{Recording, RecordingStatus};
use huddle_core::room::{Layout, MemberRole, Room};
use huddle_core::state::{Change, Write};
use huddle_core::units::UnixMillis;
use huddle_store::{Reader, Writer};

use crate::Effort;
use crate::appliance::Appliance;
use crate::table::Table;

const USERS: u64 = 10_000;
const ROOMS: u64 = 2_000;
const MEMBERS: u64 = 20_000;
const RECORDINGS: u64 = 20_000;
/// Records of one transaction.
const BATCH: usize = 2_000;

/// Requests of each list, by its name.
const LISTS: [(&str, &[&str]); 4] = [
    (
        "users",
        &[
            "/users?maxItems=100",
            "/users?sortField=name&sortOrder=asc&maxItems=100",
            "/users?name=Person%209&nameMatchMode=partial&maxItems=100",
            "/users?role=room_member&sortField=name&maxItems=100",
        ],
    ),
    (
        "rooms",
        &[
            "/rooms?maxItems=100",
            "/rooms?sortField=roomName&sortOrder=asc&maxItems=100",
            "/rooms?roomName=Room%201&roomNameMatchMode=partial&maxItems=100",
            "/rooms?owner=user00001&maxItems=100",
        ],
    ),
    (
        "members",
        &[
            "/rooms/ROOM/members?maxItems=100",
            "/rooms/ROOM/members?sortField=name&sortOrder=asc&maxItems=100",
            "/rooms/ROOM/members?name=Guest&nameMatchMode=partial&maxItems=100",
        ],
    ),
    (
        "recordings",
        &[
            "/recordings?maxItems=100",
            "/recordings?sortField=roomName&sortOrder=asc&maxItems=100",
            "/recordings?sortField=size&maxItems=100",
            "/recordings?roomName=Room%201&roomNameMatchMode=partial&maxItems=100",
            "/recordings?roomId=ROOM&maxItems=100",
        ],
    ),
];

/// Fills a box, starts it and asks it for lists.
pub(crate) fn measure(binary: &Path, effort: &Effort, table: &mut Table) -> anyhow::Result<()> {
    let appliance = Appliance::start(binary)?;
    let home = RoomId::new(&appliance.home.0);
    let folder = appliance.stop();
    fill(&folder.path().join("data/box.redb"), &home)?;
    let start = Instant::now();
    let mut appliance = Appliance::start_in(folder, binary)?;
    let told = format!("{USERS} users, {ROOMS} rooms, {MEMBERS} members, {RECORDINGS} recordings");
    table.add("start with many records", start.elapsed().as_secs_f64(), 2, "s", "≤ 1", told);
    for (name, paths) in LISTS {
        let mut all = Vec::new();
        let mut slowest = ("", 0.0);
        for path in paths {
            let millis = ask(&mut appliance, path, effort)?;
            let median = percentile(&millis, 50);
            if median > slowest.1 {
                slowest = (path, median);
            }
            all.extend(millis);
        }
        let how = format!(
            "{} requests, median {:.1} ms; slowest by median {:.1} ms: {}",
            all.len(),
            percentile(&all, 50),
            slowest.1,
            slowest.0
        );
        table.add(format!("list {name}, p99"), percentile(&all, 99), 1, "ms", "≤ 5", how);
    }
    Ok(())
}

/// Milliseconds of each request.
fn ask(appliance: &mut Appliance, path: &str, effort: &Effort) -> anyhow::Result<Vec<f64>> {
    let path = path.replace("ROOM", room_id(1).as_str());
    let mut millis = Vec::new();
    for _ in 0..effort.requests {
        let start = Instant::now();
        let answer = appliance.ask("GET", &path, None)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        let found = answer.as_object().and_then(|body| body.values().find_map(|value| value.as_array()));
        anyhow::ensure!(found.is_some_and(|found| !found.is_empty()), "{path}: nothing is listed");
        // The next one meets a box at rest, as a person's click does.
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(millis)
}

fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

fn room_id(number: u64) -> RoomId {
    RoomId::new(format!("room_{number}-{number:015}"))
}

/// Records like those that the box has made itself.
fn fill(database: &Path, home: &RoomId) -> anyhow::Result<()> {
    let (writer, reader, thread) = huddle_store::open(database)?;
    let stored = reader.load()?;
    let user = stored.users.first().context("a user")?;
    let room = stored.rooms.iter().find(|room| room.room_id == *home).context("the home room")?;
    let people = (0..USERS).map(|number| Write::User(made(person(user, number))));
    let rooms = (0..ROOMS).map(|number| Write::Room(made(place(room, number))));
    let members = (0..MEMBERS).map(|number| Write::Member(made(member(number))));
    let recordings = (0..RECORDINGS).map(|number| Write::Recording(made(recording(number))));
    write(&writer, people.chain(rooms).chain(members).chain(recordings))?;
    drop::<(Writer, Reader)>((writer, reader));
    thread.join().map_err(|_| anyhow::anyhow!("the writer broke"))
}

fn write(writer: &Writer, writes: impl Iterator<Item = Write>) -> anyhow::Result<()> {
    let writes: Vec<Write> = writes.collect();
    for batch in writes.chunks(BATCH) {
        let (done, answer) = crossbeam_channel::bounded(1);
        // Nobody waits any more when this fails.
        writer.commit(batch.to_vec(), move |result| drop(done.send(result)));
        answer.recv()??;
    }
    Ok(())
}

fn made<T>(record: T) -> Change<T> {
    Change { before: None, after: Some(record) }
}

fn person(like: &User, number: u64) -> User {
    let role = if number.is_multiple_of(10) { Role::RoomMember } else { Role::User };
    User {
        user_id: UserId::new(format!("user{number:05}")),
        name: format!("Person {number}"),
        role,
        registration_date: UnixMillis(1_700_000_000_000 + number),
        ..like.clone()
    }
}

fn place(like: &Room, number: u64) -> Room {
    Room {
        room_id: room_id(number),
        room_name: format!("Room {number}"),
        owner: UserId::new(format!("user{:05}", number % 100)),
        creation_date: UnixMillis(1_700_000_000_000 + number),
        ..like.clone()
    }
}

fn member(number: u64) -> Member {
    let user = UserId::new(format!("user{:05}", number % USERS));
    Member {
        // A few rooms have many members.
        room_id: room_id(if number < 1_000 { 1 } else { number % ROOMS }),
        member_id: MemberId::new(user.as_str()),
        user_id: Some(user),
        name: format!("Guest {number}"),
        secret: None,
        base_role: MemberRole::Speaker,
        custom: CustomPermissions::default(),
        membership_date: UnixMillis(1_700_000_000_000 + number),
        permissions_updated_at: UnixMillis(1_700_000_000_000),
        revision: 0,
    }
}

fn recording(number: u64) -> Recording {
    let room = number % ROOMS;
    Recording {
        recording_id: RecordingId::new(format!("{}--EG_{number:012}--{number:08}", room_id(room).as_str())),
        room_id: room_id(room),
        room_name: format!("Room {room}"),
        status: RecordingStatus::Complete,
        layout: Layout::default(),
        encoding: Encoding::default(),
        start_date: UnixMillis(1_700_000_000_000 + number * 60_000),
        end_date: Some(UnixMillis(1_700_000_000_000 + number * 60_000 + 50_000)),
        duration: Some(50.0),
        size: Some(number * 7_919 % 100_000_000),
        end_reason: None,
        error: None,
        thumbnail: false,
        doomed: false,
        public_secret: format!("public{number}"),
        private_secret: format!("private{number}"),
    }
}
