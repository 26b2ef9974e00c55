//! Strings that are the caller's. Their length is kept in front of them: what
//! the caller writes into its string (strtok puts NULs there) must not change
//! how much is overwritten and freed.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::c_char;

use crate::oauth::{Error, Reason, wipe};

const FRONT: usize = size_of::<usize>();

/// The block for a text of `len` bytes: its length, itself, a NUL.
fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.checked_add(FRONT + 1)?, align_of::<usize>()).ok()
}

/// A copy of `text` to be freed with [`take_back`].
pub(crate) fn give(text: &str) -> Result<*mut c_char, Error> {
    let len = text.len();
    let layout = layout(len).filter(|_| !text.contains('\0'));
    let layout = layout.ok_or_else(|| Error::new(Reason::Bug, "A text that C cannot hold was to be handed out"))?;
    // SAFETY: the block has room for all three parts and is aligned for the
    // first; nobody else knows it yet.
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            handle_alloc_error(layout);
        }
        block.cast::<usize>().write(len);
        let start = block.add(FRONT);
        start.copy_from_nonoverlapping(text.as_ptr(), len);
        start.add(len).write(0);
        Ok(start.cast())
    }
}

/// Overwrites and frees what [`give`] handed out.
///
/// # Safety
/// `string` came from [`give`] and was not freed.
pub(crate) unsafe fn take_back(string: *mut c_char) {
    // SAFETY: as the function's own: in front of it stands its length, and the
    // two make the layout it was allocated with.
    unsafe {
        let start = string.cast::<u8>();
        let block = start.sub(FRONT);
        let len = block.cast::<usize>().read();
        wipe(std::slice::from_raw_parts_mut(start, len));
        if let Some(layout) = layout(len) {
            dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_room_for_its_parts_and_no_more() {
        assert_eq!(layout(0).map(|layout| layout.size()), Some(FRONT + 1));
        assert_eq!(layout(10).map(|layout| (layout.size(), layout.align())), Some((FRONT + 11, FRONT)));
        assert_eq!(layout(usize::MAX - FRONT), None);
    }
}
