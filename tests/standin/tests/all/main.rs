//! The stand-in seen from outside, by a client of its own.

mod api;
mod client;
mod grants;
mod oidc;
mod program;
mod signin;
mod wire;
