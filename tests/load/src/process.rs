//! Processes from outside: processor time, memory, and which core they run on.

use std::time::Duration;

use anyhow::Context as _;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// CPU time of a process, exact to the nanosecond; of threads that have ended, too. It is the
/// scheduler's own count (the one `schedstat` shows for each living thread).
pub(crate) fn cpu_of(pid: u32) -> anyhow::Result<Duration> {
    let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(pid)?))?;
    Ok(clock_gettime(clock)?.into())
}

/// Resident megabytes of a process.
pub(crate) fn rss_of(pid: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().next().context("VmRSS")?.parse()?;
    Ok(kilobytes / 1_024.0)
}

/// The cores of this process, so that server and client do not fight for one.
pub(crate) struct Cores(CpuSet);

impl Cores {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(sched_getaffinity(Pid::from_raw(0))?))
    }

    /// Binds this thread, and what it starts from now on, to its `number`th core; `None` frees it.
    /// With a single core nothing happens.
    pub(crate) fn pin(&self, number: Option<usize>) -> anyhow::Result<()> {
        let all: Vec<usize> =
            (0..CpuSet::count()).filter(|core| self.0.is_set(*core).unwrap_or_default()).collect();
        let mut set = self.0;
        if let (Some(number), true) = (number, all.len() > 1) {
            set = CpuSet::new();
            set.set(*all.get(number % all.len()).context("a core")?)?;
        }
        Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
    }
}
