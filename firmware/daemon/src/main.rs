//! The Huddlebox binary: command line, and the wiring of all crates (`run`).

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

mod addresses;
mod conductor;
mod config;
mod control;
mod courier;
mod effects;
mod entropy;
mod files;
mod first_start;
mod outbox;
mod pulse;
mod ready;
mod recover;
mod reports;
mod run;
mod signals;
mod tls;
mod translate;
mod watchdog;
mod web;

use config::Config;

/// The meeting-room box.
#[derive(Parser)]
#[command(name = "huddlebox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the box in the foreground; SIGTERM ends it cleanly.
    Serve(ServeArgs),
    /// Give the root administrator a new random password and print it. The box must be stopped.
    ResetAdminPassword {
        #[command(flatten)]
        which: Which,
    },
    /// Print the OpenAPI document of the REST API.
    Openapi,
}

/// Which configuration.
#[derive(Args)]
struct Which {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", conflicts_with = "demo", required_unless_present = "demo")]
    config: Option<PathBuf>,
    /// Demo mode: simulated board, admin/admin.
    #[arg(long)]
    demo: bool,
    /// Data folder instead of the configured one.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    which: Which,
    /// Plain HTTP port.
    #[arg(long, value_name = "PORT")]
    http: Option<u16>,
    /// HTTPS port.
    #[arg(long, value_name = "PORT")]
    https: Option<u16>,
    /// UDP port of all media; ICE-TCP is one below.
    #[arg(long, value_name = "PORT")]
    media: Option<u16>,
    /// Camera: demo, test, none, a media file or /dev/videoN.
    #[arg(long, value_name = "SPEC")]
    camera: Option<String>,
}

impl Which {
    fn read(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::parse(config::DEMO, "demo".as_ref())?,
        };
        if let Some(data) = &self.data {
            config.unit.data.clone_from(data);
        }
        Ok(config)
    }
}

impl ServeArgs {
    fn read(&self) -> anyhow::Result<Config> {
        let mut config = self.which.read()?;
        config.web.http = self.http.unwrap_or(config.web.http);
        config.web.https = self.https.unwrap_or(config.web.https);
        if let Some(port) = self.media {
            anyhow::ensure!(port > 1, "--media: the port must be at least 2");
            config.media.udp = port;
            config.media.tcp = port - 1;
        }
        if let Some(camera) = &self.camera {
            config.room.camera.clone_from(camera);
        }
        Ok(config)
    }
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HUDDLE_LOG")
        .unwrap_or_else(|_| "info,str0m=error,memory_serve=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The journal may be closed already.
            let _ = writeln!(std::io::stderr(), "huddlebox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => run::serve(&args.read()?),
        Command::ResetAdminPassword { which } => {
            let password = first_start::reset_admin(&which.read()?)?;
            let text = format!("User: admin\nPassword: {password}\n");
            std::io::stdout().write_all(text.as_bytes()).context("cannot print")
        }
        Command::Openapi => {
            let text = huddle_api::document();
            std::io::stdout().write_all(text.as_bytes()).context("cannot print")
        }
    }
}
