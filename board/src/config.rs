//! Board files: which pin is which.
//!
//! ```toml
//! name = "Example box"
//! chip = { gpio = { path = "/dev/gpiochip0" } }   # or "raspberry-pi"
//! [[button]]
//! role = "record"
//! line = 17
//! active_low = true
//! [[led]]
//! role = "tally"
//! line = 22
//! ```

use std::path::{Path, PathBuf};

use huddle_core::button::Button;
use serde::{Deserialize, Serialize};

use crate::backend::BoardError;

/// Which lamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LedRole {
    /// Recording.
    Tally,
    /// Microphone muted.
    Mute,
    /// Box state.
    Status,
}

/// Where the pins are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chip {
    /// BCM numbering through rppal.
    RaspberryPi,
    /// Line offsets of a GPIO character device.
    Gpio {
        /// Such as `/dev/gpiochip0`.
        path: PathBuf,
    },
}

/// A button's pin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonPin {
    /// What it does.
    pub role: Button,
    /// Line offset or BCM number.
    pub line: u32,
    /// Pressed = low, with a pull-up; otherwise pressed = high, with a pull-down.
    #[serde(default)]
    pub active_low: bool,
}

/// A lamp's pin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedPin {
    /// What it shows.
    pub role: LedRole,
    /// Line offset or BCM number.
    pub line: u32,
    /// Lit = low.
    #[serde(default)]
    pub active_low: bool,
}

/// A board file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardFile {
    /// Name of the board.
    pub name: String,
    /// Where the pins are.
    pub chip: Chip,
    /// Buttons.
    #[serde(default)]
    pub button: Vec<ButtonPin>,
    /// Lamps.
    #[serde(default)]
    pub led: Vec<LedPin>,
}

impl BoardFile {
    /// Reads a board file; errors name file, line and key.
    pub fn read(path: &Path) -> Result<Self, BoardError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| BoardError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|message| BoardError::Parse { path: path.to_owned(), message })
    }

    /// Parses a board file; a line may serve only once.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|e| e.to_string())?;
        let lines = file.button.iter().map(|b| b.line).chain(file.led.iter().map(|l| l.line));
        let mut seen: Vec<u32> = Vec::new();
        for line in lines {
            if seen.contains(&line) {
                return Err(format!("line {line} is used twice"));
            }
            seen.push(line);
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_board_files_are_valid() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("boards");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = BoardFile::read(&entry.unwrap().path()).unwrap();
            assert!(file.button.iter().any(|b| b.role == Button::Record || b.role == Button::RecordToggle));
            assert!(file.led.iter().any(|l| l.role == LedRole::Tally));
            count += 1;
        }
        assert!(count >= 2);
    }

    #[test]
    fn mistakes_are_named() {
        let twice =
            "name='x'\nchip='raspberry-pi'\n[[button]]\nrole='record'\nline=1\n[[led]]\nrole='tally'\nline=1";
        assert!(BoardFile::parse(twice).unwrap_err().contains("line 1"));
        let typo = "name='x'\nchip='raspberry-pi'\n[[button]]\nrole='recrod'\nline=1";
        let message = BoardFile::parse(typo).unwrap_err();
        assert!(message.contains("line 4") && message.contains("recrod"), "{message}");
    }
}
