//! One block of memory for a struct that C reads and the texts it points to,
//! or for one text. It is overwritten when it is freed. How long it is stands
//! in front of it: what C writes into what it got (strtok puts NULs there) must
//! not change how much that is.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::c_char;
use std::ptr::null;

/// What stands in front. As large as the alignment of all that comes behind.
#[repr(C, align(8))]
struct Front {
    len: usize,
}

const FRONT: usize = size_of::<Front>();

/// A text in a block, as long as the block is there; or none.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    start: *const c_char,
    len: usize,
}

impl Piece {
    /// For C: the text with a NUL behind it; NULL for none.
    pub fn as_ptr(self) -> *const c_char {
        self.start
    }

    /// The text without its NUL.
    ///
    /// # Safety
    /// The block is not freed as long as the text is read.
    pub unsafe fn as_str<'a>(self) -> Option<&'a str> {
        if self.start.is_null() {
            return None;
        }
        // SAFETY: as the function's own; `give` wrote so many bytes there.
        let bytes = unsafe { std::slice::from_raw_parts(self.start.cast::<u8>(), self.len) };
        // Somebody may have written to it all the same.
        Some(std::str::from_utf8(bytes).unwrap_or_default())
    }
}

/// The layout of a block with `len` bytes behind its front.
fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.checked_add(FRONT)?, FRONT).ok()
}

/// A block with copies of `texts`, each with a NUL, behind the struct that
/// `head` makes when it is told where they are. To be freed with
/// [`take_back`].
pub(crate) fn give<T, const N: usize>(texts: [Option<&str>; N], head: impl FnOnce([Piece; N]) -> T) -> *mut T {
    const { assert!(align_of::<T>() <= FRONT) };
    let len = texts.iter().flatten().fold(size_of::<T>(), |len, text| len.saturating_add(text.len() + 1));
    let start = take(len);
    // SAFETY: the block has room for a head and all texts behind it.
    let mut free = unsafe { start.add(size_of::<T>()) };
    let pieces = texts.map(|text| {
        let Some(text) = text else {
            return Piece { start: null(), len: 0 };
        };
        let piece = Piece { start: free.cast(), len: text.len() };
        // SAFETY: as above; nobody else knows the block yet.
        unsafe {
            free.copy_from_nonoverlapping(text.as_ptr(), text.len());
            free.add(text.len()).write(0);
            free = free.add(text.len() + 1);
        }
        piece
    });
    // SAFETY: the block begins with room for a head, and is aligned for it.
    unsafe { start.cast::<T>().write(head(pieces)) };
    start.cast()
}

/// A block for `len` bytes that are not written yet.
fn take(len: usize) -> *mut u8 {
    let Some(layout) = layout(len) else {
        // No system has as much.
        handle_alloc_error(Layout::new::<Front>());
    };
    // SAFETY: the size is not 0; the block has room for its front, and is
    // aligned for it.
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            handle_alloc_error(layout);
        }
        block.cast::<Front>().write(Front { len });
        block.add(FRONT)
    }
}

/// Overwrites and frees a block, and drops its head; NULL is nothing.
///
/// # Safety
/// `head` is NULL or came from [`give`] and was not freed.
pub(crate) unsafe fn take_back<T>(head: *mut T) {
    if head.is_null() {
        return;
    }
    // SAFETY: as the function's own: a head is there, and in front of it how
    // long the block is, which gives the layout it was allocated with.
    unsafe {
        head.drop_in_place();
        let block = head.cast::<u8>().sub(FRONT);
        if let Some(layout) = layout(block.cast::<Front>().read().len) {
            // The allocator of the shared library overwrites all that is freed.
            #[cfg(not(feature = "dist"))]
            super::overwrite(block, layout.size());
            dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_block_has_room_for_its_parts_and_no_more() {
        assert_eq!(layout(10).map(|layout| (layout.size(), layout.align())), Some((FRONT + 10, FRONT)));
        assert_eq!(layout(usize::MAX - FRONT + 1), None);
        let block = give([Some("abc"), None, Some("")], |_| 7_i64);
        // SAFETY: it was made just now.
        let len = unsafe { block.cast::<Front>().sub(1).read().len };
        assert_eq!(len, size_of::<i64>() + 4 + 1);
        // SAFETY: freed once.
        unsafe { take_back(block) };
    }

    #[test]
    fn texts_are_where_the_head_says() {
        let texts = [Some("one"), None, Some(""), Some("four")];
        let block = give(texts, |pieces| pieces);
        // SAFETY: it was made just now.
        let pieces = unsafe { *block };
        for (piece, text) in pieces.into_iter().zip(texts) {
            // SAFETY: the block is there.
            assert_eq!(unsafe { piece.as_str() }, text);
            // SAFETY: as above; a NUL is behind each.
            let seen = text.map(|_| unsafe { CStr::from_ptr(piece.as_ptr()) }.to_bytes());
            assert_eq!(seen, text.map(str::as_bytes));
            assert_eq!(piece.as_ptr().is_null(), text.is_none());
        }
        // SAFETY: freed once.
        unsafe { take_back(block) };
    }

    #[test]
    fn a_head_is_dropped_with_its_block() {
        let owner = std::sync::Arc::new(());
        let block = give([], |[]| owner.clone());
        assert_eq!(std::sync::Arc::strong_count(&owner), 2);
        // SAFETY: freed once; and NULL is nothing.
        unsafe {
            take_back(block);
            take_back(std::ptr::null_mut::<()>());
        }
        assert_eq!(std::sync::Arc::strong_count(&owner), 1);
    }

    #[test]
    fn what_c_wrote_is_no_longer_text_and_is_freed_all_the_same() {
        let block = give([Some("text")], |[piece]| piece);
        // SAFETY: it was made just now.
        let piece = unsafe { *block };
        // SAFETY: as above: four bytes and a NUL, and a head in front.
        unsafe {
            piece.as_ptr().cast_mut().cast::<u8>().write_bytes(0xff, 5);
            block.write_bytes(0xff, 1);
        }
        // SAFETY: the block is there.
        assert_eq!(unsafe { piece.as_str() }, Some(""));
        // SAFETY: freed once.
        unsafe { take_back(block) };
    }
}
