//! Any Linux GPIO chip through the character device, uAPI v2.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gpiocdev::Request;
use gpiocdev::line::{Bias, EdgeDetection, EdgeKind, Value};

use crate::backend::{Backend, BoardError, Edge};
use crate::config::{BoardFile, Chip, LedRole};

/// Lines of one chip. The kernel reports logical edges: `active_low` is its business.
pub(crate) struct CdevBackend {
    inputs: Option<Request>,
    outputs: Option<Request>,
    file: BoardFile,
    wake: Arc<AtomicBool>,
}

/// A wait is cut into pieces, so that a wake-up is seen.
const SLICE: Duration = Duration::from_millis(10);

impl CdevBackend {
    pub(crate) fn open(file: &BoardFile) -> Result<Self, BoardError> {
        let Chip::Gpio { path } = &file.chip else {
            return Err(BoardError::Gpio("the board file does not name a GPIO chip".to_owned()));
        };
        let inputs = (!file.button.is_empty()).then(|| {
            let mut request = Request::builder();
            request.on_chip(path).with_consumer("huddlebox");
            for pin in &file.button {
                request.with_line(pin.line).as_input().with_edge_detection(EdgeDetection::BothEdges);
                if pin.active_low {
                    request.with_bias(Bias::PullUp).as_active_low();
                } else {
                    request.with_bias(Bias::PullDown).as_active_high();
                }
            }
            request.request().map_err(gpio)
        });
        let outputs = (!file.led.is_empty()).then(|| {
            let mut request = Request::builder();
            request.on_chip(path).with_consumer("huddlebox");
            for pin in &file.led {
                request.with_line(pin.line).as_output(Value::Inactive);
                if pin.active_low {
                    request.as_active_low();
                } else {
                    request.as_active_high();
                }
            }
            request.request().map_err(gpio)
        });
        Ok(Self {
            inputs: inputs.transpose()?,
            outputs: outputs.transpose()?,
            file: file.clone(),
            wake: Arc::default(),
        })
    }
}

impl Backend for CdevBackend {
    fn wait(&mut self, wait: Duration) -> Result<Option<Edge>, BoardError> {
        let until = Instant::now() + wait;
        loop {
            if self.wake.swap(false, Ordering::AcqRel) {
                return Ok(None);
            }
            let left = until.saturating_duration_since(Instant::now());
            let Some(inputs) = &self.inputs else {
                std::thread::sleep(left.min(SLICE));
                if left.is_zero() {
                    return Ok(None);
                }
                continue;
            };
            if inputs.wait_edge_event(left.min(SLICE)).map_err(gpio)? {
                let event = inputs.read_edge_event().map_err(gpio)?;
                let pin = self.file.button.iter().find(|b| b.line == event.offset);
                return Ok(pin.map(|pin| Edge { button: pin.role, pressed: event.kind == EdgeKind::Rising }));
            }
            if left.is_zero() {
                return Ok(None);
            }
        }
    }

    fn light(&mut self, led: LedRole, on: bool) -> Result<(), BoardError> {
        let Some(outputs) = &self.outputs else {
            return Ok(());
        };
        let value = if on { Value::Active } else { Value::Inactive };
        for pin in self.file.led.iter().filter(|l| l.role == led) {
            outputs.set_value(pin.line, value).map_err(gpio)?;
        }
        Ok(())
    }

    fn waker(&self) -> Box<dyn Fn() + Send + Sync> {
        let wake = self.wake.clone();
        Box::new(move || wake.store(true, Ordering::Release))
    }
}

fn gpio(error: gpiocdev::Error) -> BoardError {
    BoardError::Gpio(error.to_string())
}
