//! Buttons and LEDs behind one trait: Raspberry Pi (`rppal`), any Linux GPIO chip
//! (`gpiocdev`), and a simulated board for demo mode. Pins are facts in a board file
//! (`board/boards/*.toml`); behaviour is one loop, the same for all three.

mod backend;
mod cdev;
mod config;
mod edges;
mod pi;
mod run;
mod simulated;

pub use backend::{Backend, BoardError, Edge};
pub use config::{BoardFile, ButtonPin, Chip, LedPin, LedRole};
pub use run::{Board, Press, PressSink};
pub use simulated::{SimulatedBoard, SimulatedPanel};

use std::path::Path;

/// Opens the board that a board file describes, and starts its loop. `presses` is called for
/// every debounced press and must not wait.
pub fn open(path: &Path, presses: PressSink) -> Result<Board, BoardError> {
    let file = BoardFile::read(path)?;
    let backend: Box<dyn Backend> = match file.chip {
        Chip::RaspberryPi => Box::new(pi::PiBackend::open(&file)?),
        Chip::Gpio { .. } => Box::new(cdev::CdevBackend::open(&file)?),
    };
    run::start(backend, presses)
}

/// The simulated board: a fake at the hardware edge, driven by the virtual front panel.
pub fn simulate(presses: PressSink) -> Result<(Board, SimulatedPanel), BoardError> {
    let (backend, panel) = SimulatedBoard::new();
    Ok((run::start(Box::new(backend), presses)?, panel))
}
