//! What a board must be able to do.

use std::path::PathBuf;
use std::time::Duration;

use huddle_core::button::Button;

use crate::config::LedRole;

/// A change of a button's pin, already translated: `true` = pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Which button.
    pub button: Button,
    /// Pressed now.
    pub pressed: bool,
}

/// The pins of a board.
pub trait Backend: Send {
    /// Waits for the next edge, at most `wait`. `Ok(None)` when nothing happened.
    fn wait(&mut self, wait: Duration) -> Result<Option<Edge>, BoardError>;
    /// Switches a lamp. A board without that lamp ignores it.
    fn light(&mut self, led: LedRole, on: bool) -> Result<(), BoardError>;
    /// Ends a [`Self::wait`] early, from another thread.
    fn waker(&self) -> Box<dyn Fn() + Send + Sync>;
}

/// What can go wrong with a board.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The board file cannot be read.
    #[error("the board file {path} cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The board file has a mistake; the text names line and key.
    #[error("the board file {path} has a mistake: {message}")]
    Parse {
        /// Which.
        path: PathBuf,
        /// Line, key and what is wrong.
        message: String,
    },
    /// A GPIO chip or line cannot be used.
    #[error("GPIO: {0}")]
    Gpio(String),
    /// A thread cannot be started.
    #[error("the board's thread cannot be started")]
    Thread(#[source] std::io::Error),
}
