//! The SFU alone: one publisher of 300 packets of 1,160 bytes a second, many subscribers.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::client::{Numbered, Tally, World};
use crate::link::Link;
use crate::process::{Cores, cpu_of, rss_of};
use crate::table::Table;
use crate::{Effort, floor};

/// Packets per picture and pictures per second.
const BURST: u64 = 10;
const RATE: u64 = 30;
const BYTES: usize = 1_160;
/// Clocks, estimates and caches have settled after this.
const WARM_UP: Duration = Duration::from_secs(2);
/// Lost packets may be sent again for so long.
const LATE: Duration = Duration::from_millis(600);

struct Run {
    delivered: f64,
    pauses: usize,
    rate: f64,
    cpu_us: f64,
    median_ms: f64,
    p99_ms: f64,
    rss_mb: f64,
}

/// CPU, latency and memory per subscriber, at 5, 20 and 50 of them.
pub(crate) fn measure(cores: &Cores, effort: &Effort, table: &mut Table) -> anyhow::Result<()> {
    let mut memory = Vec::new();
    for subscribers in [5, 20, 50] {
        let (mut runs, mut floors) = (Vec::new(), Vec::new());
        for _ in 0..effort.repetitions {
            runs.push(run(subscribers, cores, effort.window)?);
            cores.pin(Some(0))?;
            floors.push(floor::measure(subscribers, effort.window / 4)?);
        }
        runs.sort_by(|left, right| left.cpu_us.total_cmp(&right.cpu_us));
        floors.sort_by(f64::total_cmp);
        let run = runs.get(runs.len() / 2).context("a run")?;
        let floor = floors.get(floors.len() / 2).context("a floor")?;
        memory.push(run.rss_mb);
        let what = format!("{subscribers} subscribers");
        let how = format!(
            "{:.0} packets/s out, {:.2} % delivered, {} pauses",
            run.rate,
            run.delivered * 100.0,
            run.pauses
        );
        let aim = if subscribers == 50 { "≤ 5" } else { "" };
        table.add(format!("CPU per forwarded packet, {what}"), run.cpu_us, 2, "µs", aim, how);
        let how = "recvmmsg, AES-128-GCM, sendmmsg in one loop, same run";
        table.add(format!("  floor, {what}"), *floor, 2, "µs", "", how);
        table.add(format!("  ratio to the floor, {what}"), run.cpu_us / floor, 2, "×", "≤ 2", "");
        let aim = if subscribers == 20 { "≤ 5" } else { "" };
        let how = format!("median {:.1} ms; of the client, too", run.median_ms);
        table.add(format!("  latency p99, {what}"), run.p99_ms, 1, "ms", aim, how);
    }
    if let [few, .., many] = memory.as_slice() {
        let each = (many - few) * 1_024.0 / 45.0;
        table.add("memory per participant", each, 0, "kB", "≤ 300", "(RSS at 50 − RSS at 5) / 45");
    }
    Ok(())
}

/// Delivery with packets dropped on both ways; only in a network namespace of our own.
pub(crate) fn lose(cores: &Cores, effort: &Effort, table: &mut Table) -> anyhow::Result<()> {
    for (percent, aim) in [(5, "≥ 99.9"), (20, "≥ 95")] {
        let _losses = Losses::new(percent)?;
        let run = run(10, cores, effort.window)?;
        let how = format!("10 subscribers, repair included; p99 {:.0} ms, {} pauses", run.p99_ms, run.pauses);
        let name = format!("delivered with {percent} % loss each way");
        table.add(name, run.delivered * 100.0, 2, "%", aim, how);
    }
    Ok(())
}

/// Drops packets as large as media while it lives.
struct Losses;

impl Losses {
    fn new(percent: u32) -> anyhow::Result<Self> {
        let rules = format!(
            "table inet bench {{\nchain inward {{\ntype filter hook input priority 0;\n\
             udp length > 600 numgen random mod 100 < {percent} drop\n}}\n}}\n"
        );
        nft(&[rules.as_str()])?;
        Ok(Self)
    }
}

impl Drop for Losses {
    fn drop(&mut self) {
        // The namespace ends with this process at the latest.
        let _ = nft(&["delete", "table", "inet", "bench"]);
    }
}

fn nft(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("nft").args(arguments).status().context("cannot start nft")?;
    anyhow::ensure!(status.success(), "nft failed");
    Ok(())
}

fn run(subscribers: usize, cores: &Cores, window: Duration) -> anyhow::Result<Run> {
    cores.pin(Some(0))?;
    let link = Link::child()?;
    cores.pin(Some(1))?;
    let Link::Child { child, .. } = &link else { anyhow::bail!("not a child") };
    let pid = child.id();
    let mut world = World::new(link, Arc::default())?;
    for _ in 0..=subscribers {
        world.join("", true)?;
    }
    world.wait("everybody is connected", |world| world.all_connected())?;
    world.publish(0, false)?;
    world.wait("the track is negotiated", |world| world.is_settled(0))?;
    let mut seq = 100;
    stream(&mut world, WARM_UP, &mut seq)?;
    let cpu = cpu_of(pid)?;
    world.tally = Some(Tally { first: seq, ..Tally::default() });
    let first = seq;
    stream(&mut world, window, &mut seq)?;
    world.settle(LATE)?;
    let spent = cpu_of(pid)?.saturating_sub(cpu);
    let rss_mb = rss_of(pid)?;
    let pauses = world.pauses;
    let mut tally = world.tally.take().unwrap_or_default();
    world.link.end();
    tally.latencies.sort_by(f64::total_cmp);
    let at = |part: usize| {
        let index = tally.latencies.len().saturating_sub(1) * part / 100;
        tally.latencies.get(index).copied().unwrap_or_default()
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let (received, expected) = (tally.received as f64, ((seq - first) * subscribers as u64) as f64);
    Ok(Run {
        delivered: received / expected.max(1.0),
        pauses,
        rate: received / window.as_secs_f64(),
        cpu_us: spent.as_secs_f64() * 1e6 / received.max(1.0),
        median_ms: at(50),
        p99_ms: at(99),
        rss_mb,
    })
}

/// Publishes pictures for `duration`; `seq` is the next packet's number.
fn stream(world: &mut World, duration: Duration, seq: &mut u64) -> anyhow::Result<()> {
    let start = Instant::now();
    let every = Duration::from_secs(1) / u32::try_from(RATE)?;
    let mut next = start;
    while next < start + duration {
        world.settle(next.saturating_duration_since(Instant::now()))?;
        next += every;
        let picture = *seq / BURST;
        for index in 0..BURST {
            let numbered = Numbered {
                seq: *seq,
                timestamp: u32::try_from(picture * 3_000 % (1 << 32))?,
                first: index == 0,
                key: picture.is_multiple_of(RATE),
                marker: index + 1 == BURST,
                size: BYTES,
            };
            world.send(0, &numbered)?;
            *seq += 1;
        }
    }
    Ok(())
}
