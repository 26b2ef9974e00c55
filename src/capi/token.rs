//! `ropc_token`: one access token out of a session. In one block: a program may
//! ask for one with each call it makes.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::c_char;

use super::caught;
use crate::oauth::{Held, wipe};

/// One access token. Read only; free with ropc_token_free(). Later versions
/// add fields at the end only.
#[repr(C)]
pub struct ropc_token {
    /// For the Authorization header, after "Bearer ". Visible ASCII. Never
    /// NULL.
    pub access_token: *const c_char,
    /// Its length in bytes, without the NUL.
    pub length: usize,
    /// When it ends; 0 when the server did not say.
    pub expires_at: i64,
}

/// What the block begins with; the text and a NUL follow.
#[repr(C)]
struct Front {
    head: ropc_token,
    /// Ours: what C could write into the head must not change what is freed.
    text_len: usize,
}

/// The block for a text of `len` bytes.
fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.checked_add(size_of::<Front>() + 1)?, align_of::<Front>()).ok()
}

/// A copy of the access token of `held`.
pub(crate) fn token_into_raw(held: &Held) -> *mut ropc_token {
    let token = held.access_token.as_ref().map_or("", |token| token.expose());
    let Some(layout) = layout(token.len()) else {
        return std::ptr::null_mut();
    };
    // SAFETY: the block has room for its front, the text and a NUL, and is
    // aligned for the front; nobody else knows it yet.
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            handle_alloc_error(layout);
        }
        let text = block.add(size_of::<Front>());
        text.copy_from_nonoverlapping(token.as_ptr(), token.len());
        text.add(token.len()).write(0);
        let head = ropc_token { access_token: text.cast(), length: token.len(), expires_at: held.expires_at };
        block.cast::<Front>().write(Front { head, text_len: token.len() });
        block.cast()
    }
}

/// Overwrites and frees a token. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ropc_token_free(token: *mut ropc_token) {
    let free = || {
        if token.is_null() {
            return;
        }
        let block = token.cast::<u8>();
        // SAFETY: rule 2 of the header: token_into_raw made the block, with a
        // front that says how long it is.
        unsafe {
            let len = block.cast::<Front>().read().text_len;
            wipe(std::slice::from_raw_parts_mut(block.add(size_of::<Front>()), len));
            if let Some(layout) = layout(len) {
                dealloc(block, layout);
            }
        }
    };
    caught(free);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_room_for_its_parts_and_no_more() {
        let front = size_of::<Front>();
        assert_eq!(layout(0).map(|layout| layout.size()), Some(front + 1));
        assert_eq!(layout(10).map(|layout| (layout.size(), layout.align())), Some((front + 11, align_of::<Front>())));
        assert_eq!(layout(usize::MAX - front), None);
    }
}
