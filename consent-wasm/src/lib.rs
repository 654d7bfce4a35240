//! The banner's mind: what a visitor's clicks mean, and the record that comes of them.
//!
//! `loader/loader.js` is its hands: it puts the notice in place, shows and hides it, sets cookies, and sends records. It does what a
//! browser's own functions do in a line; each of these would cost the module a wrapper, and a first visit pays for every byte.
//! What can be right or wrong about a decision is here.
//!
//! Who is trusted: nobody. Whoever runs scripts on the page can forge a decision; the server checks every record against what was
//! published, and its receipt says what it received, not what a person wanted.

mod decide;
mod notice;
mod pattern;
mod switches;

pub use decide::{cookie, decide};
pub use pattern::must_go;
pub use switches::follow;

// Smaller by 2 KB than the standard one; a banner allocates a few hundred short texts in all.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
