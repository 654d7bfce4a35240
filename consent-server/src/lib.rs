//! Takes consent records, signs them, keeps them, and hands the proofs out.
//!
//! | what | module |
//! | --- | --- |
//! | a server as a whole: [`Server`] is put together from a [`Config`] | [`server`] |
//! | the state that requests share; what is replaced in it | [`app`], [`serving`], [`live`] |
//! | all routes; those for pages, backends and operators | `router`, [`api`] |
//! | pages for staff, and whose their origin is not | [`admin`], [`apart`] |
//! | what is said to people, in their language | [`texts`] |
//! | declarations of sites, from files | [`declarations`] |
//! | those of a folder, and what is wrong with them | [`folder`], [`last`] |
//! | those that were published | [`published_declarations`] |
//! | sites made ready to be served | [`publish`], [`reload`], [`bundle`], [`static_file`], [`cache`] |
//! | from a checked record to a durable receipt | [`intake`] |
//! | where receipts are kept | [`store`] |
//! | the signed log that nobody can rewrite | [`log`] |
//! | whether all that is stored is what was stored | [`fsck`] |
//! | the end of proofs | [`retention`] |
//! | sites that are served no longer | [`retired`] |
//! | receipts as files | [`export`] |
//! | one receipt with all that proves it | [`evidence`] |
//! | when an authority saw the log | [`timestamp`] |
//! | watching the logs of others | [`witness`] |
//! | asking others over HTTP and HTTPS | [`outgoing`] |
//! | the data folder, and files that are written; files that are read | [`data`], [`input`] |
//! | keys, staff tokens, the clock, whether it can be believed | [`keys`], [`auth`], [`clock`], [`timeline`] |
//! | what operators watch; what the server log says once a minute | [`metrics`], [`readiness`], [`repeats`] |
//! | how much one client may send, and how long it may take | [`limit`], [`serve`] |
//! | what a client would rather have; what it sends | `preference`, `body` |
//! | why a request was not done | [`api::Problem`] |
//! | sites to try it on, and third parties that tell what they saw | [`demo`] |

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests spoil files on purpose")
)]

pub mod admin;
pub mod apart;
pub mod api;
pub mod app;
pub mod auth;
mod body;
pub mod bundle;
pub mod cache;
pub mod calls;
pub mod clock;
mod cookie_header;
mod cores;
pub mod data;
pub mod day;
pub mod declarations;
pub mod demo;
pub mod evidence;
pub mod export;
mod fault;
pub mod folder;
pub mod fsck;
pub mod gate;
pub mod input;
pub mod intake;
pub mod keys;
pub mod last;
pub mod limit;
pub mod live;
pub mod log;
pub mod metrics;
#[cfg(feature = "postgres")]
pub mod moving;
pub mod outgoing;
mod preference;
pub mod presented;
mod problem;
pub mod publish;
pub mod published_declarations;
pub mod readiness;
pub mod reload;
pub mod repeats;
pub mod retention;
pub mod retired;
pub mod rotation;
mod router;
pub mod serve;
pub mod server;
pub mod serving;
pub mod session;
pub mod sha256;
pub mod staff;
pub mod static_file;
pub mod store;
pub mod texts;
pub mod timeline;
pub mod timestamp;
pub mod url;
pub mod verdict;
pub mod witness;

pub use server::{Config, Server};
