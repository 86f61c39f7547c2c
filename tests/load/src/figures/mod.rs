//! What is measured.

pub(crate) mod forwarding;
pub(crate) mod records;
pub(crate) mod whole_box;
