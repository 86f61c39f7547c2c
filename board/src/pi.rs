//! Raspberry Pi through rppal (BCM numbering).

use std::time::Duration;

use huddle_core::button::Button;
use rppal::gpio::{Gpio, InputPin, OutputPin, Trigger};

use crate::backend::{Backend, BoardError, Edge};
use crate::config::{BoardFile, LedRole};
use crate::edges::{EdgeSink, Edges, edges};

/// Pins of a Pi. rppal calls back on a thread of its own.
pub(crate) struct PiBackend {
    inputs: Vec<Input>,
    outputs: Vec<(LedRole, bool, OutputPin)>,
    edges: Edges,
    sink: EdgeSink,
}

struct Input {
    button: Button,
    active_low: bool,
    pin: InputPin,
}

impl PiBackend {
    pub(crate) fn open(file: &BoardFile) -> Result<Self, BoardError> {
        let gpio = Gpio::new().map_err(failed)?;
        let (sink, edges) = edges();
        let mut inputs = Vec::new();
        for pin in &file.button {
            let line = gpio.get(number(pin.line)?).map_err(failed)?;
            let mut input =
                if pin.active_low { line.into_input_pullup() } else { line.into_input_pulldown() };
            let (button, active_low, sink) = (pin.role, pin.active_low, sink.clone());
            input
                .set_async_interrupt(Trigger::Both, None, move |event| {
                    let high = event.trigger == Trigger::RisingEdge;
                    sink.put(Edge { button, pressed: high != active_low });
                })
                .map_err(failed)?;
            inputs.push(Input { button, active_low, pin: input });
        }
        let mut outputs = Vec::new();
        for pin in &file.led {
            let line = gpio.get(number(pin.line)?).map_err(failed)?;
            let mut output = line.into_output();
            output.write(pin.active_low.into());
            outputs.push((pin.role, pin.active_low, output));
        }
        Ok(Self { inputs, outputs, edges, sink })
    }
}

impl Backend for PiBackend {
    fn wait(&mut self, wait: Duration) -> Result<Option<Edge>, BoardError> {
        let level = |input: &Input| {
            let pressed = input.pin.is_high() != input.active_low;
            Edge { button: input.button, pressed }
        };
        let Self { inputs, edges, .. } = self;
        Ok(edges.next(wait, || inputs.iter().map(level).collect()))
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
        let sink = self.sink.clone();
        Box::new(move || sink.wake())
    }
}

fn number(line: u32) -> Result<u8, BoardError> {
    u8::try_from(line).map_err(|_| BoardError::Gpio(format!("there is no BCM pin {line}")))
}

fn failed(error: rppal::gpio::Error) -> BoardError {
    BoardError::Gpio(error.to_string())
}
