//! Starting and ending the box: every crate is made here and wired to the others.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use huddle_board::{Board, PressSink, SimulatedPanel};
use huddle_core::audit::Actor;
use huddle_core::room::Room;
use huddle_core::state::{AutoJoin, BoxState, Ctx, Now, Settings};
use huddle_core::units::{Bitrate, Size};
use huddle_media::port as media;
use huddle_sfu::port as sfu;
use huddle_store::{Reader, Writer};

use crate::conductor::{Conductor, Message, Task, queue, wall_clock};
use crate::config::Config;
use crate::control::Port;
use crate::courier::Courier;
use crate::effects::{Hands, watch_disk};
use crate::entropy::Random;
use crate::files::Files;
use crate::pulse::Pulse;
use crate::recover::Unfinished;
use crate::{addresses, first_start, ready, recover, tls, web};

/// The demo room's film, inside the binary.
const DEMO_FILM: &[u8] = include_bytes!("../assets/demo-room.webm");

/// Runs the box until SIGTERM or SIGINT.
pub(crate) fn serve(config: &Config) -> anyhow::Result<()> {
    // Database, keys and recordings are nobody else's business.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    // Another library may have chosen the same provider before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the web runtime")?;
    runtime.block_on(run(config))
}

async fn run(config: &Config) -> anyhow::Result<()> {
    let recordings = config.recordings();
    std::fs::create_dir_all(&recordings)
        .with_context(|| format!("cannot make the folder {}", recordings.display()))?;
    let path = config.unit.data.join("box.redb");
    let (writer, reader, store_thread) = huddle_store::open(&path)?;
    let unfinished = Unfinished::find(&recordings, config.reserve(), &reader.recordings()?);
    let keys = first_start::keys(&reader, config.demo)?;
    first_start::first_api_key(&reader, &writer, config.demo)?;
    let password = first_start::root_admin(&reader, &writer, config.demo)?;
    let room = first_start::home_room(&reader, &writer, config)?;

    let lan = addresses::of_interfaces();
    let Parts { conductor, port, thread } = assemble(config, &room, &reader, &writer, &lan)?;
    let tls = tls::load(config, &lan).await?;
    let servers = web::start(config, api_config(config, keys), port, tls)?;
    unfinished.finish(conductor.clone()).context("cannot start a thread")?;

    // In demo mode the password is known unless somebody has changed it.
    ready::announce(&ready::Ready {
        config,
        room: &room,
        lan: &lan,
        password: password.as_deref().or(config.demo.then_some("admin")),
    });
    let healthy = until_stopped(&conductor, thread).await?;
    servers.stop().await;
    drop((writer, reader));
    // The writer's queue is emptied before its thread ends.
    let _ = tokio::time::timeout(
        Duration::from_secs(5),
        tokio::task::spawn_blocking(move || store_thread.join()),
    )
    .await;
    anyhow::ensure!(healthy, "a part of the box has died, see the log");
    Ok(())
}

fn api_config(config: &Config, keys: first_start::Keys) -> huddle_api::Config {
    huddle_api::Config {
        demo: config.demo,
        livekit: keys.livekit,
        session_key: keys.session_key,
        min_password: config.min_password(),
        recordings: config.recordings(),
        name: config.unit.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// Until a signal, and until the conductor has put everything in order. False when something died.
async fn until_stopped(conductor: &Conductor, thread: std::thread::JoinHandle<()>) -> anyhow::Result<bool> {
    let asked = tokio::select! {
        signal = until_signal() => signal.map(|()| true)?,
        () = until_ended(&thread) => false,
    };
    tracing::info!("stopping");
    while !thread.is_finished() && !conductor.send(Message::Stop) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let ended = tokio::task::spawn_blocking(move || thread.join()).await;
    Ok(asked && matches!(ended, Ok(Ok(()))))
}

/// The conductor only ends by itself when something has died.
async fn until_ended(thread: &std::thread::JoinHandle<()>) {
    while !thread.is_finished() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

struct Parts {
    conductor: Conductor,
    port: Arc<Port>,
    thread: std::thread::JoinHandle<()>,
}

fn assemble(
    config: &Config,
    room: &Room,
    reader: &Reader,
    writer: &Writer,
    lan: &[std::net::IpAddr],
) -> anyhow::Result<Parts> {
    let start = Instant::now();
    let stored = reader.load()?;
    let doomed = stored.recordings.iter().filter(|r| r.doomed && r.status.is_over()).cloned().collect();
    let now = Now { mono: Duration::ZERO, wall: wall_clock() };
    let join_base = ready::join_base(config, lan);
    let mut state = BoxState::new(settings(config, room), stored, now);
    state.set_base(join_base.clone());
    let mut ctx = Ctx { now, entropy: &mut Random, actor: Actor::this_box() };
    // Saved with the conductor's first turn.
    recover::bury(&mut state, doomed, &mut ctx);
    let (conductor, inbox) = queue(&state);
    let media_addresses = addresses::for_media(&config.media);
    let (sfu, sfu_thread) = start_sfu(config, media_addresses.clone(), &conductor)?;
    let (to_sfu, to_conductor) = (sfu.clone(), conductor.clone());
    addresses::watch(config.clone(), media_addresses, join_base.clone(), to_sfu, to_conductor)
        .context("cannot start a thread")?;
    let reports: media::ReportSink = {
        let conductor = conductor.clone();
        Arc::new(move |report| conductor.report(Message::Media(report)))
    };
    let (media, media_thread) = start_media(config, reports.clone())?;
    let (board, panel) = start_board(config, &conductor)?;
    let courier = Courier::new(config)?;
    let files = Files::start(config.recordings(), conductor.clone()).context("cannot start a thread")?;
    let hands = Hands {
        sfu: sfu.clone(),
        media: media.clone(),
        board,
        recordings: config.recordings(),
        base: join_base,
        asked_at: start,
        leds: None,
        media_thread: Some(media_thread),
        sfu_thread: Some(sfu_thread),
        media_pulse: Pulse::default(),
        sfu_pulse: Pulse::default(),
        for_sfu: crate::outbox::Outbox::new(),
        for_media: crate::outbox::Outbox::new(),
        courier: courier.clone(),
        files,
        conductor: conductor.clone(),
        reports,
    };
    let task = Task {
        state,
        inbox,
        outside: conductor.clone(),
        writer: writer.clone(),
        hands,
        start,
        shown: None,
        clock: String::new(),
        saving: 0,
        watchdog: crate::watchdog::Watchdog::of_systemd(),
    };
    watch_disk(config.recordings(), conductor.clone()).context("cannot start a thread")?;
    let thread = std::thread::Builder::new()
        .name("conductor".to_owned())
        .spawn(move || task.run())
        .context("cannot start the conductor")?;
    let port = Port {
        conductor: conductor.clone(),
        reader: reader.clone(),
        sfu,
        media,
        courier,
        panel,
        config: config.clone(),
        connections: std::sync::atomic::AtomicU64::new(1),
    };
    Ok(Parts { conductor, port: Arc::new(port), thread })
}

fn settings(config: &Config, room: &Room) -> Settings {
    Settings {
        home_room: room.room_id.clone(),
        rooms_per_user: config.unit.rooms_per_user,
        auto_join: config.auto_join().unwrap_or(AutoJoin::Announce),
        departure_timeout: Duration::from_secs(20),
        disk_reserve: config.reserve(),
        resume_window: Duration::from_secs(60),
        local_webhooks: config.webhooks.allow_local,
    }
}

fn start_sfu(
    config: &Config,
    addresses: Vec<std::net::IpAddr>,
    conductor: &Conductor,
) -> anyhow::Result<(sfu::Handle, std::thread::JoinHandle<()>)> {
    let sfu_config = sfu::Config {
        bind: config.media.bind,
        udp_port: config.media.udp,
        tcp_port: (config.media.tcp != 0).then_some(config.media.tcp),
        addresses,
        // What a STUN server says comes later, see `addresses::watch`.
        public: config.media.public_address.into_iter().collect(),
        start_bitrate: Bitrate::kbps(config.media.start_kbps),
        node_id: "ND_huddlebox".to_owned(),
    };
    let conductor = conductor.clone();
    let sink: sfu::ReportSink = Arc::new(move |report| conductor.report_of_sfu(report));
    huddle_sfu::start(sfu_config, sink).with_context(|| {
        format!("cannot open the media ports (UDP {}, TCP {})", config.media.udp, config.media.tcp)
    })
}

fn start_media(
    config: &Config,
    reports: media::ReportSink,
) -> anyhow::Result<(media::Handle, std::thread::JoinHandle<()>)> {
    for missing in huddle_media::self_test() {
        tracing::error!(
            element = missing.element,
            package = missing.package,
            "a GStreamer element is missing: install the Debian package (for {})",
            missing.needed_for
        );
    }
    let film = config.unit.data.join("demo-room.webm");
    if config.room.camera == "demo" {
        write_film(&film)?;
    }
    let camera = config.camera(&film);
    if let media::CameraSpec::File(path) = &camera {
        anyhow::ensure!(path.is_file(), "the camera file {} does not exist", path.display());
    }
    let media_config = media::Config {
        camera,
        microphone: config.microphone(),
        speaker: config.speaker(),
        display: config.display().unwrap_or(media::DisplaySpec::None),
        tv_size: Size { width: 1_280, height: 720 },
        disk_reserve: config.reserve(),
    };
    huddle_media::start(media_config, reports).context("cannot start GStreamer")
}

fn write_film(path: &Path) -> anyhow::Result<()> {
    let same = std::fs::metadata(path).is_ok_and(|m| usize::try_from(m.len()) == Ok(DEMO_FILM.len()));
    if same {
        return Ok(());
    }
    std::fs::write(path, DEMO_FILM).with_context(|| format!("cannot write {}", path.display()))
}

fn start_board(
    config: &Config,
    conductor: &Conductor,
) -> anyhow::Result<(Option<Board>, Option<SimulatedPanel>)> {
    let conductor = conductor.clone();
    let presses: PressSink = Box::new(move |press| conductor.report(Message::Press(press)));
    if let Some(file) = &config.board.file {
        let board = huddle_board::open(file, presses);
        return Ok((Some(board.context("cannot open the board")?), None));
    }
    if config.demo {
        let (board, panel) = huddle_board::simulate(presses)?;
        return Ok((Some(board), Some(panel)));
    }
    tracing::info!("no board file is configured: this box has no buttons");
    Ok((None, None))
}

async fn until_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}
