//! Randomness of the operating system, for the rules' [`Entropy`].

use huddle_core::state::Entropy;
use rand::RngExt;
use rand::distr::Alphanumeric;

/// The thread's cryptographic generator.
pub(crate) struct Random;

impl Entropy for Random {
    fn alphanumeric(&mut self, len: usize) -> String {
        alphanumeric(len)
    }
}

/// `len` random characters of `[A-Za-z0-9]`.
pub(crate) fn alphanumeric(len: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(len).map(char::from).collect()
}
