//! The whole box: memory, joining, the button, recording.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Effort;
use crate::appliance::{Appliance, text};
use crate::client::World;
use crate::film::{self, Decoder, Part};
use crate::link::Link;
use crate::process::{cpu_of, rss_of};
use crate::table::{Table, median_and_largest};

/// Lamps are off again, files are written, caches have settled.
const REST: Duration = Duration::from_secs(3);

/// Everything that needs the whole box.
pub(crate) fn measure(binary: &Path, effort: &Effort, table: &mut Table) -> anyhow::Result<()> {
    let film: Arc<[Part]> = film::make()?.into();
    let mut appliance = Appliance::start(binary)?;
    std::thread::sleep(REST);
    table.add("memory, idle", rss_of(appliance.pid())?, 0, "MB", "", "RSS after the start");
    at_home(&mut appliance, &film, effort, table)?;
    recording(&mut appliance, &film, effort, table)
}

/// In the box's own room, where the room takes part.
fn at_home(
    appliance: &mut Appliance,
    film: &Arc<[Part]>,
    effort: &Effort,
    table: &mut Table,
) -> anyhow::Result<()> {
    let home = appliance.home.clone();
    let mut world = World::new(Link::sockets(appliance.web), film.clone())?;
    let keeper = world.join(&appliance.token(&home, "Keeper")?, true)?;
    world.decode(keeper, Decoder::new()?);
    world.wait("the room's picture comes", |world| world.has_picture(keeper))?;
    joins(appliance, &mut world, effort, table)?;
    presses(appliance, &mut world, effort, table)?;
    for number in 1..10 {
        let token = appliance.token(&home, &format!("Guest {number}"))?;
        let guest = world.join(&token, true)?;
        sends(&mut world, guest)?;
    }
    world.settle(effort.window)?;
    let how = "9 of 10 guests send 640×360 and sound, all receive all, the TV shows them";
    table.add("memory, 10 guests and the room", rss_of(appliance.pid())?, 0, "MB", "", how);
    for guest in world.peers.keys().copied().collect::<Vec<_>>() {
        world.leave(guest)?;
    }
    Ok(())
}

/// Waits until a client is in, and lets it send.
fn sends(world: &mut World, guest: usize) -> anyhow::Result<()> {
    world.wait("a guest is connected", |world| {
        world.peers.get(&guest).is_some_and(|peer| peer.connected) && world.is_settled(guest)
    })?;
    world.publish(guest, true)?;
    world.wait("its tracks are negotiated", |world| world.is_settled(guest))?;
    world.play(guest);
    Ok(())
}

fn joins(
    appliance: &mut Appliance,
    world: &mut World,
    effort: &Effort,
    table: &mut Table,
) -> anyhow::Result<()> {
    let home = appliance.home.clone();
    let mut millis = Vec::new();
    for number in 0..effort.joins {
        let token = appliance.token(&home, &format!("Joiner {number}"))?;
        let decoder = Decoder::new()?;
        let start = Instant::now();
        let joiner = world.join(&token, true)?;
        world.decode(joiner, decoder);
        world.wait("a picture is decoded", |world| world.has_picture(joiner))?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        world.leave(joiner)?;
        world.settle(Duration::from_millis(700))?;
    }
    let (median, largest) = median_and_largest(millis);
    let how = format!(
        "WebSocket to first VP8 picture out of a decoder, median of {}, largest {largest:.0} ms",
        effort.joins
    );
    table.add("join to first decoded picture", median, 0, "ms", "", how);
    Ok(())
}

fn presses(
    appliance: &mut Appliance,
    world: &mut World,
    effort: &Effort,
    table: &mut Table,
) -> anyhow::Result<()> {
    let mut lamps = Vec::new();
    for _ in 0..effort.presses {
        appliance.until("the lamp is off", |appliance| Ok(appliance.tally()? == "off"))?;
        let start = Instant::now();
        appliance.press("record")?;
        appliance.until("the lamp answers", |appliance| Ok(appliance.tally()? != "off"))?;
        lamps.push(start.elapsed().as_secs_f64() * 1e3);
        let before = lamps.len();
        appliance
            .until("the first picture is recorded", |box_| Ok(first_frames(&box_.log()?).len() >= before))?;
        world.settle(Duration::from_secs(2))?;
        appliance.press("stop")?;
        world.settle(REST)?;
    }
    let (median, largest) = median_and_largest(lamps);
    let how =
        format!("REST press to changed lamp over REST, {} presses, largest {largest:.1} ms", effort.presses);
    table.add("press to lamp", median, 1, "ms", "≤ 50", how);
    let (median, largest) = median_and_largest(first_frames(&appliance.log()?));
    let how = format!("as the recorder reports it, {} presses, largest {largest:.0} ms", effort.presses);
    table.add("press to first recorded picture", median, 0, "ms", "≤ 300", how);
    Ok(())
}

/// Milliseconds from the press to the first recorded picture, from the box's log.
fn first_frames(log: &str) -> Vec<f64> {
    log.lines()
        .filter(|line| line.contains("the first frame is recorded"))
        .filter_map(|line| line.split("millis").nth(1))
        .filter_map(|rest| {
            let digits: String = rest.chars().skip_while(|c| !c.is_ascii_digit()).collect();
            digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        })
        .collect()
}

/// In another room, so that the recorder decodes everything itself.
fn recording(
    appliance: &mut Appliance,
    film: &Arc<[Part]>,
    effort: &Effort,
    table: &mut Table,
) -> anyhow::Result<()> {
    // The room stays for a while after the last guest; what it costs must not change in between.
    let mut room_state = String::new();
    let left = appliance.until("the room has put everything away", |appliance| {
        let status = appliance.ask("GET", "/box/status", None)?;
        room_state = text(&status, "/room/state")?;
        Ok(room_state == "standby")
    });
    if left.is_err() {
        // Nobody may be looking.
        let _ =
            writeln!(std::io::stderr(), "the room is still '{room_state}': recording is measured beside it");
    }
    let room = appliance.make_room()?;
    let mut world = World::new(Link::sockets(appliance.web), film.clone())?;
    for count in [4, 9] {
        while world.peers.len() < count {
            let token = appliance.token(&room, &format!("Guest {}", world.peers.len()))?;
            let guest = world.join(&token, false)?;
            sends(&mut world, guest)?;
        }
        world.settle(REST)?;
        let without = cores_used(appliance, &mut world, effort.window)?;
        let made = appliance.ask("POST", "/recordings", Some(&json!({ "roomId": room.0 })))?;
        let id = text(&made, "/recordingId")?;
        world.settle(REST)?;
        let with = cores_used(appliance, &mut world, effort.window)?;
        let rss = rss_of(appliance.pid())?;
        appliance.ask("POST", &format!("/recordings/{id}/stop"), None)?;
        world.settle(REST)?;
        let ended = appliance.ask("GET", &format!("/recordings/{id}"), None)?;
        anyhow::ensure!(text(&ended, "/status")? == "complete", "the recording failed: {ended}");
        let how = format!("decoding, 1280×720 H.264 and AAC; {without:.2} without it; RSS {rss:.0} MB");
        table.add(format!("recording {count} participants"), with - without, 2, "cores", "≤ 0.54", how);
    }
    Ok(())
}

fn cores_used(appliance: &Appliance, world: &mut World, window: Duration) -> anyhow::Result<f64> {
    let (before, start) = (cpu_of(appliance.pid())?, Instant::now());
    world.settle(window)?;
    let spent = cpu_of(appliance.pid())?.saturating_sub(before);
    Ok(spent.as_secs_f64() / start.elapsed().as_secs_f64())
}
