//! The simulated board: presses come from the virtual front panel, lamps go back to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use huddle_core::button::Button;

use crate::backend::{Backend, BoardError, Edge};
use crate::config::LedRole;

/// The board's side.
pub struct SimulatedBoard {
    edges: Receiver<Option<Edge>>,
    wake: Sender<Option<Edge>>,
    lamps: Arc<Mutex<BTreeMap<LedRole, bool>>>,
}

/// The panel's side. Cheap to clone.
#[derive(Clone)]
pub struct SimulatedPanel {
    edges: Sender<Option<Edge>>,
    lamps: Arc<Mutex<BTreeMap<LedRole, bool>>>,
}

impl SimulatedBoard {
    /// A board and the panel that drives it.
    pub fn new() -> (Self, SimulatedPanel) {
        let (sender, edges) = bounded(64);
        let lamps: Arc<Mutex<BTreeMap<LedRole, bool>>> = Arc::default();
        let panel = SimulatedPanel { edges: sender.clone(), lamps: lamps.clone() };
        (Self { edges, wake: sender, lamps }, panel)
    }
}

impl SimulatedPanel {
    /// Moves a button; `false` when 64 moves are waiting already.
    pub fn set(&self, button: Button, pressed: bool) -> bool {
        self.edges.try_send(Some(Edge { button, pressed })).is_ok()
    }

    /// Is the lamp's pin lit at this moment? Blinking lamps change.
    pub fn lit(&self, led: LedRole) -> bool {
        let lamps = self.lamps.lock().unwrap_or_else(PoisonError::into_inner);
        lamps.get(&led).copied().unwrap_or(false)
    }
}

impl Backend for SimulatedBoard {
    fn wait(&mut self, wait: Duration) -> Result<Option<Edge>, BoardError> {
        Ok(self.edges.recv_timeout(wait).ok().flatten())
    }

    fn light(&mut self, led: LedRole, on: bool) -> Result<(), BoardError> {
        self.lamps.lock().unwrap_or_else(PoisonError::into_inner).insert(led, on);
        Ok(())
    }

    fn waker(&self) -> Box<dyn Fn() + Send + Sync> {
        let wake = self.wake.clone();
        Box::new(move || {
            // Full = there is something to wake up for anyway.
            let _ = wake.try_send(None);
        })
    }
}
