//! Raspberry Pi through rppal (BCM numbering).

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use huddle_core::button::Button;
use rppal::gpio::{Gpio, InputPin, OutputPin, Trigger};

use crate::backend::{Backend, BoardError, Edge};
use crate::config::{BoardFile, LedRole};

/// Pins of a Pi. rppal calls back on a thread of its own; a full queue (64 edges) drops edges,
/// which the debouncer's look at the stable level makes good.
pub(crate) struct PiBackend {
    _inputs: Vec<InputPin>,
    outputs: Vec<(LedRole, bool, OutputPin)>,
    edges: Receiver<Option<Edge>>,
    wake: Sender<Option<Edge>>,
}

impl PiBackend {
    pub(crate) fn open(file: &BoardFile) -> Result<Self, BoardError> {
        let gpio = Gpio::new().map_err(failed)?;
        let (sender, edges) = bounded(64);
        let mut inputs = Vec::new();
        for pin in &file.button {
            let line = gpio.get(number(pin.line)?).map_err(failed)?;
            let mut input =
                if pin.active_low { line.into_input_pullup() } else { line.into_input_pulldown() };
            let (role, low, sender) = (pin.role, pin.active_low, sender.clone());
            input
                .set_async_interrupt(Trigger::Both, None, move |event| {
                    let high = event.trigger == Trigger::RisingEdge;
                    report(&sender, role, high != low);
                })
                .map_err(failed)?;
            inputs.push(input);
        }
        let mut outputs = Vec::new();
        for pin in &file.led {
            let line = gpio.get(number(pin.line)?).map_err(failed)?;
            let mut output = line.into_output();
            output.write(pin.active_low.into());
            outputs.push((pin.role, pin.active_low, output));
        }
        Ok(Self { _inputs: inputs, outputs, edges, wake: sender })
    }
}

impl Backend for PiBackend {
    fn wait(&mut self, wait: Duration) -> Result<Option<Edge>, BoardError> {
        Ok(self.edges.recv_timeout(wait).ok().flatten())
    }

    fn light(&mut self, led: LedRole, on: bool) -> Result<(), BoardError> {
        for (role, low, pin) in &mut self.outputs {
            if *role == led {
                pin.write((on != *low).into());
            }
        }
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

fn report(sender: &Sender<Option<Edge>>, button: Button, pressed: bool) {
    // Full: see the type's comment.
    let _ = sender.try_send(Some(Edge { button, pressed }));
}

fn number(line: u32) -> Result<u8, BoardError> {
    u8::try_from(line).map_err(|_| BoardError::Gpio(format!("there is no BCM pin {line}")))
}

fn failed(error: rppal::gpio::Error) -> BoardError {
    BoardError::Gpio(error.to_string())
}
