//! `./huddle bench`: what the box costs and how fast it is.
//!
//! Load clients are str0m peers with real ICE, DTLS and SRTP over loopback. The SFU alone runs in a
//! child process of this program, so that its CPU time is its own; everything else is measured at a
//! whole box, joined and pressed from outside. CPU times are those of the kernel's scheduler.

mod appliance;
mod client;
mod figures;
mod film;
mod floor;
mod link;
mod process;
mod server;
mod table;
mod wire;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::process::Cores;
use crate::table::Table;

/// Command line.
#[derive(Parser)]
#[command(name = "huddle bench", about = "What the box costs and how fast it is")]
struct Arguments {
    #[command(subcommand)]
    mode: Option<Mode>,
    /// Writes the figures as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// One short run of each instead of three: for a first look.
    #[arg(long)]
    quick: bool,
    /// Only one part.
    #[arg(long)]
    only: Option<Part>,
    /// The box to measure.
    #[arg(long = "box", value_name = "BINARY", hide = true)]
    binary: Option<PathBuf>,
}

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Forwarding, memory and losses of the SFU.
    Sfu,
    /// Joining, the button, recording.
    Box,
    /// Lists of many users, rooms, members and recordings.
    Records,
}

#[derive(Subcommand)]
enum Mode {
    /// The child process with the SFU.
    #[command(hide = true)]
    Serve,
}

/// How thoroughly to measure.
pub(crate) struct Effort {
    /// Runs of each forwarding figure; the middle one counts.
    pub repetitions: usize,
    /// Measured time of a run.
    pub window: Duration,
    /// Joins, and presses of the record button.
    pub joins: usize,
    pub presses: usize,
    /// Requests of each kind of list.
    pub requests: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if matches!(arguments.mode, Some(Mode::Serve)) {
        return server::serve();
    }
    let effort = if arguments.quick {
        Effort { repetitions: 1, window: Duration::from_secs(4), joins: 5, presses: 2, requests: 50 }
    } else {
        Effort { repetitions: 3, window: Duration::from_secs(8), joins: 20, presses: 5, requests: 300 }
    };
    let cores = Cores::new()?;
    let mut table = Table::default();
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    if wanted(Part::Sfu) {
        figures::forwarding::measure(&cores, &effort, &mut table)?;
        if std::env::var_os("HUDDLEBOX_PRIVATE_NETWORK").is_some() {
            figures::forwarding::lose(&cores, &effort, &mut table)?;
        }
        cores.pin(None)?;
    }
    if let (true, Some(binary)) = (wanted(Part::Box), &arguments.binary) {
        figures::whole_box::measure(binary, &effort, &mut table)?;
    }
    if let (true, Some(binary)) = (wanted(Part::Records), &arguments.binary) {
        figures::records::measure(binary, &effort, &mut table)?;
    }
    if let Some(path) = arguments.json {
        std::fs::write(path, format!("{:#}\n", table.json()))?;
    }
    Ok(std::io::stdout().write_all(table.text().as_bytes())?)
}
