//! The stand-in seen from outside, by a client of its own.

mod client;
mod signin;
mod wire;
