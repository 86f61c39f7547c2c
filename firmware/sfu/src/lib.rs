//! The SFU: a sans-IO engine on str0m, the LiveKit sessions beside it, and a thin runtime
//! with the sockets. `port` is what the daemon sees of it.

pub mod port;
