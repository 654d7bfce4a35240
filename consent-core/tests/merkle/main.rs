//! The tree's laws, and the published vectors of others.
#![cfg(feature = "json")]

mod laws;
mod roots;
mod vectors;
