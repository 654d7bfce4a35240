//! What the end-to-end scenarios stand on: the real binary, a real browser, other languages' own libraries.

pub mod browser;
pub mod compressed;
pub mod cookies;
pub mod demo;
pub mod evidence;
pub mod floors;
pub mod http;
pub mod listener;
pub mod look;
pub mod port;
pub mod record;
pub mod screen;
pub mod server;
pub mod skipped;
pub mod stage;
pub mod tool;
pub mod visitor;
pub mod wait;
