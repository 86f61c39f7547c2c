//! Load on the SFU: one publisher, many subscribers, real ICE, DTLS and SRTP over loopback.
//!
//! The SFU runs in a child process of this program, so that its CPU time is its own; signalling
//! goes over the child's standard input and output. Printed per run: packets delivered, CPU
//! microseconds of the SFU per delivered packet, latency, memory, and the same number for the
//! bare `sendmmsg` loop of this machine, measured in the same minute.

mod client;
mod floor;
mod server;
mod wire;

use std::io::Write as _;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Command line.
#[derive(Parser)]
#[command(about = "Load on the SFU: one publisher, many subscribers")]
struct Arguments {
    #[command(subcommand)]
    mode: Option<Mode>,
    /// Subscriber counts, one run each.
    #[arg(long, value_delimiter = ',', default_value = "5,20,50")]
    subscribers: Vec<usize>,
    /// Seconds measured per run, after two seconds of warm-up.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
}

#[derive(Subcommand)]
enum Mode {
    /// The child process with the SFU.
    #[command(hide = true)]
    Serve,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if matches!(arguments.mode, Some(Mode::Serve)) {
        return server::serve();
    }
    let window = Duration::from_secs(arguments.seconds);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:>5} {:>9} {:>10} {:>9} {:>9} {:>9} {:>9} {:>8} {:>7}",
        "subs", "delivered", "pps out", "µs/packet", "floor µs", "ratio", "p50/p99", "max ms", "RSS MB"
    )?;
    for subscribers in arguments.subscribers {
        let run = client::run(subscribers, window)?;
        let floor = floor::measure(subscribers, Duration::from_secs(2))?;
        writeln!(
            out,
            "{subscribers:>5} {:>8.2}% {:>10.0} {:>9.2} {:>9.2} {:>9.2} {:>4.1}/{:<4.1} {:>8.1} {:>7.1}",
            run.delivered * 100.0,
            run.rate,
            run.cpu_us,
            floor,
            run.cpu_us / floor,
            run.latency_ms[0],
            run.latency_ms[1],
            run.latency_ms[2],
            run.rss_mb,
        )?;
    }
    Ok(())
}
