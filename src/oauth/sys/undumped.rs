//! Texts in memory that no core dump has, where the system knows such memory:
//! Linux and Android. What a program keeps for hours would otherwise be in
//! every dump that is made of it, and dumps are sent to others.

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(shuttle))))]
pub use nowhere::Undumped;
#[cfg(all(any(target_os = "linux", target_os = "android"), not(shuttle)))]
pub use pages::Undumped;

#[cfg(all(any(target_os = "linux", target_os = "android"), not(shuttle)))]
mod pages {
    use std::ptr::NonNull;

    use once_cell::race::OnceBox;

    use crate::oauth::secret::wipe;
    use crate::oauth::sys::fork::{self, Local};
    use crate::oauth::sys::sync::{Mutex, lock};

    /// What is asked of the system at once. Where its own pages are larger it
    /// gives one of these.
    const PAGE_BYTES: usize = 4096;
    /// A page has 64 blocks at most: one for each bit of a number.
    const LEAST_BYTES: usize = PAGE_BYTES / 64;

    /// A text; overwritten when dropped.
    pub struct Undumped {
        text: NonNull<str>,
        /// Of the process that made it.
        depth: u64,
    }

    // SAFETY: it owns its block, and nobody writes to a text.
    unsafe impl Send for Undumped {}
    // SAFETY: as above.
    unsafe impl Sync for Undumped {}

    impl Undumped {
        /// A copy of `text`; none when the system has no such memory left.
        pub fn new(text: &str) -> Option<Undumped> {
            let block = lock(Pages::of_process()).take(text.len())?;
            // SAFETY: the block has room for as many bytes, and is ours; they
            // are those of a text.
            let text = unsafe {
                block.copy_from_nonoverlapping(NonNull::from(text).cast(), text.len());
                let bytes = std::slice::from_raw_parts_mut(block.as_ptr(), text.len());
                NonNull::from(std::str::from_utf8_unchecked_mut(bytes))
            };
            Some(Undumped { text, depth: fork::depth() })
        }

        /// The text.
        pub fn as_str(&self) -> &str {
            // SAFETY: made by `new`, and not given back before the drop.
            unsafe { self.text.as_ref() }
        }
    }

    impl Drop for Undumped {
        fn drop(&mut self) {
            // SAFETY: nobody else uses it any more, and zeros are text.
            wipe(unsafe { self.text.as_mut().as_bytes_mut() });
            // A child of fork has pages of its own; the block of its parent
            // stays where it is, empty.
            if self.depth == fork::depth() {
                lock(Pages::of_process()).give_back(self.text.cast(), self.as_str().len());
            }
        }
    }

    #[derive(Default)]
    struct Pages(Vec<Page>);

    // SAFETY: it owns its pages.
    unsafe impl Send for Pages {}

    /// A page of blocks that are all of one size.
    struct Page {
        start: NonNull<u8>,
        block_bytes: usize,
        /// A bit for each block.
        taken: u64,
    }

    impl Page {
        /// Takes a block of so many bytes, if one is free; an empty page is for
        /// blocks of any size.
        fn take(&mut self, block_bytes: usize) -> Option<NonNull<u8>> {
            if self.taken == 0 {
                self.block_bytes = block_bytes;
            }
            let free = self.taken.trailing_ones() as usize;
            if self.block_bytes != block_bytes || free >= PAGE_BYTES / block_bytes {
                return None;
            }
            self.taken |= 1 << free;
            // SAFETY: within the page.
            Some(unsafe { self.start.add(free * block_bytes) })
        }

        /// Where in it `block` is.
        fn find(&self, block: NonNull<u8>) -> Option<usize> {
            let at = block.addr().get().checked_sub(self.start.addr().get())?;
            (at < PAGE_BYTES).then_some(at)
        }
    }

    impl Pages {
        fn of_process() -> &'static Mutex<Pages> {
            static PAGES: OnceBox<Local<Mutex<Pages>>> = OnceBox::new();
            PAGES.get_or_init(|| Box::new(Local::new(Mutex::default))).get()
        }

        /// A block for so many bytes: part of a page, or pages of its own.
        fn take(&mut self, bytes: usize) -> Option<NonNull<u8>> {
            let block_bytes = bytes.max(LEAST_BYTES).checked_next_power_of_two()?;
            if block_bytes > PAGE_BYTES {
                return map(bytes);
            }
            if let Some(block) = self.0.iter_mut().find_map(|page| page.take(block_bytes)) {
                return Some(block);
            }
            let start = map(PAGE_BYTES)?;
            self.0.push(Page { start, block_bytes, taken: 1 });
            Some(start)
        }

        /// Frees the block that was taken for so many bytes. One empty page
        /// stays, for the next text.
        fn give_back(&mut self, block: NonNull<u8>, bytes: usize) {
            if bytes > PAGE_BYTES {
                return unmap(block, bytes);
            }
            let mut free = self.0.iter().filter(|page| page.taken == 0).count();
            self.0.retain_mut(|page| {
                let Some(at) = page.find(block) else { return true };
                page.taken &= !(1 << (at / page.block_bytes));
                free += usize::from(page.taken == 0);
                let needed = page.taken != 0 || free == 1;
                if !needed {
                    unmap(page.start, PAGE_BYTES);
                }
                needed
            });
        }
    }

    /// Memory that no core dump has.
    fn map(bytes: usize) -> Option<NonNull<u8>> {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, wherever the system likes.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        let memory = NonNull::new(start.cast())?;
        // SAFETY: what was mapped above.
        if unsafe { libc::madvise(start, bytes, libc::MADV_DONTDUMP) } != 0 {
            unmap(memory, bytes);
            return None;
        }
        Some(memory)
    }

    fn unmap(start: NonNull<u8>, bytes: usize) {
        // SAFETY: mapped by `map` with this length, and no longer in use.
        unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::oauth::sys::fork::tests::forked;

        fn address(text: &Undumped) -> usize {
            text.as_str().as_ptr().addr()
        }

        /// Whether anything is mapped at `address`.
        fn is_mapped(address: usize) -> bool {
            let page = std::ptr::without_provenance_mut(address & !(PAGE_BYTES - 1));
            // SAFETY: only asks; nothing was written to a file's mapping.
            unsafe { libc::msync(page, 1, libc::MS_ASYNC) == 0 }
        }

        /// In a child, where nobody else maps anything meanwhile.
        #[test]
        fn memory_goes_back_but_for_one_empty_page() {
            let returned = forked(|| {
                let text = |len| Undumped::new(&"k".repeat(len)).expect("memory");
                // One beyond a page has pages of its own.
                for len in [PAGE_BYTES + 1, 100_000] {
                    let large = text(len);
                    let at = address(&large);
                    let (first, last) = (is_mapped(at), is_mapped(at + len - 1));
                    drop(large);
                    if !first || !last || is_mapped(at) || is_mapped(at + len - 1) {
                        return false;
                    }
                }
                let (whole, other) = (text(PAGE_BYTES), text(PAGE_BYTES));
                let (at, at_other) = (address(&whole), address(&other));
                drop(whole);
                let stays = is_mapped(at);
                drop(other);
                let small = [text(1), text(64)];
                let shared = small.each_ref().map(address);
                stays && !is_mapped(at_other) && shared == [at, at + LEAST_BYTES]
            });
            assert!(returned());
        }

        #[test]
        fn a_block_belongs_to_one_of_two_pages_side_by_side() {
            let start = map(2 * PAGE_BYTES).expect("memory");
            // SAFETY: the second of the two pages that were mapped.
            let second = unsafe { start.add(PAGE_BYTES) };
            let page = |start| Page { start, block_bytes: LEAST_BYTES, taken: 1 };
            let mut pages = Pages(vec![page(start), page(second)]);
            pages.give_back(second, LEAST_BYTES);
            assert_eq!(pages.0.iter().map(|page| page.taken).collect::<Vec<_>>(), [1, 0]);
            unmap(start, 2 * PAGE_BYTES);
        }

        #[test]
        fn blocks_of_a_page_do_not_overlap_and_are_used_again() {
            let mut pages = Pages::default();
            let all: Vec<_> = (0..64).map(|_| pages.take(64).expect("memory").addr().get()).collect();
            let gaps: Vec<_> = all.windows(2).map(|two| two[1] - two[0]).collect();
            assert_eq!(gaps, [64; 63]);
            let other = pages.take(65).expect("memory");
            assert_eq!(pages.0.len(), 2);
            let third = NonNull::new(std::ptr::without_provenance_mut(all[3])).expect("an address");
            pages.give_back(third, 64);
            assert_eq!(pages.take(1), Some(third));
            for block in all {
                pages.give_back(NonNull::new(std::ptr::without_provenance_mut(block)).expect("an address"), 64);
            }
            // One of the two stays, and takes blocks of another size.
            pages.give_back(other, 65);
            assert_eq!(pages.0.len(), 1);
            pages.take(4096).expect("memory");
            assert_eq!(pages.0.len(), 1);
        }

        #[test]
        fn texts_of_every_size_are_kept_and_freed() {
            let texts = [0, 1, 63, 64, 65, 4095, 4096, 4097, 100_000].map(|len| "k".repeat(len));
            let kept: Vec<_> = texts.iter().map(|text| Undumped::new(text).expect("memory")).collect();
            for (kept, text) in kept.iter().zip(&texts) {
                assert_eq!(kept.as_str(), text);
                assert!(is_left_out_of_dumps(kept.as_str().as_ptr().addr()), "{} bytes", text.len());
            }
        }

        #[test]
        fn a_dropped_text_is_overwritten() {
            let text = Undumped::new("no longer needed").expect("memory");
            let other = Undumped::new("keeps the page").expect("memory");
            let (start, len) = (text.text.cast::<u8>(), text.as_str().len());
            drop(text);
            // SAFETY: the page is there as long as `other`; whatever another
            // test may put there meanwhile is another text.
            let bytes = unsafe { std::slice::from_raw_parts(start.as_ptr(), len) };
            assert_ne!(bytes, b"no longer needed");
            drop(other);
        }

        /// Whether the kernel has marked the memory at `address`.
        fn is_left_out_of_dumps(address: usize) -> bool {
            let maps = std::fs::read_to_string("/proc/self/smaps").expect("Linux has it");
            let mut inside = false;
            for line in maps.lines() {
                let first = line.split(' ').next().unwrap_or_default();
                let span = first.split_once('-').and_then(|(start, end)| {
                    let number = |text| usize::from_str_radix(text, 16).ok();
                    Some(number(start)?..number(end)?)
                });
                if let Some(span) = span {
                    inside = span.contains(&address);
                } else if inside && first == "VmFlags:" {
                    return line.split(' ').any(|flag| flag == "dd");
                }
            }
            panic!("nothing is mapped there");
        }
    }
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(shuttle))))]
mod nowhere {
    /// No text: this system has no such memory, or none that was tried.
    pub enum Undumped {}

    impl Undumped {
        /// None.
        pub fn new(_: &str) -> Option<Undumped> {
            None
        }

        /// Never called.
        pub fn as_str(&self) -> &str {
            match *self {}
        }
    }
}
