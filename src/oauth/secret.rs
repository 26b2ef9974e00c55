//! Text that is overwritten when dropped and never printed.

use std::fmt;

use zeroize::optimization_barrier;

use super::sys::undumped::Undumped;

/// Overwrites `bytes`, at the speed of memset; a loop of volatile writes, byte
/// by byte, was a tenth of a login. Not inlined: it is called from everywhere.
#[inline(never)]
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // As far as the compiler knows they are read here, so they must have been
    // written.
    optimization_barrier(bytes);
}

/// A password, secret or token. `Debug` shows nothing of it; there is no
/// `Display`, no `Clone` by accident, and the only way in is [`expose`].
///
/// [`expose`]: Secret::expose
pub struct Secret(Place);

/// Where the text is.
enum Place {
    Heap(String),
    /// Not in core dumps.
    Undumped(Undumped),
}

impl Secret {
    /// A copy of `text`, made in one allocation of the right size, so that no
    /// smaller block with a part of it is left behind.
    pub fn new(text: &str) -> Secret {
        Secret(Place::Heap(text.to_owned()))
    }

    /// A copy of `text` for a long time: where the system can, core dumps do
    /// not have it.
    pub fn kept(text: &str) -> Secret {
        Undumped::new(text).map_or_else(|| Secret::new(text), |text| Secret(Place::Undumped(text)))
    }

    /// The same text once more. By name and not `Clone`: each copy is a place
    /// more that holds it.
    pub fn copy(&self) -> Secret {
        Secret::new(self.expose())
    }

    /// The same text once more, for a long time.
    pub fn kept_copy(&self) -> Secret {
        Secret::kept(self.expose())
    }

    /// The same text as [`Secret::kept`] has it.
    pub fn into_kept(self) -> Secret {
        match self.0 {
            Place::Heap(_) => Secret::kept(self.expose()),
            Place::Undumped(_) => self,
        }
    }

    /// Takes `text` over without a copy.
    pub fn from_string(text: String) -> Secret {
        Secret(Place::Heap(text))
    }

    /// The text itself. Named so that every use can be found.
    pub fn expose(&self) -> &str {
        match &self.0 {
            Place::Heap(text) => text,
            Place::Undumped(text) => text.as_str(),
        }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // The shared library's allocator does so as it frees.
        #[cfg(not(feature = "dist"))]
        if let Place::Heap(text) = &mut self.0 {
            wipe(&mut std::mem::take(text).into_bytes());
        }
    }
}

impl Default for Secret {
    fn default() -> Secret {
        Secret::from_string(String::new())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Most that one read is given room for.
const PIECE_BYTES: usize = 16 * 1024;

/// Bytes built up piece by piece, overwritten when dropped and also when they
/// move to a larger block, which a plain `Vec` would leave as it was.
#[derive(Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Room for `capacity` bytes before the first move.
    pub fn with_capacity(capacity: usize) -> SecretBytes {
        SecretBytes(Vec::with_capacity(capacity))
    }

    /// Appends `bytes`.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        match bytes {
            // Most pieces of a body; that it is one is known when this is compiled.
            [byte] => self.0.push(*byte),
            _ => self.0.extend_from_slice(bytes),
        }
    }

    /// Appends what one `read` puts into the room that is left: at least
    /// `least` bytes, and not all of a large room, which is cleared each time.
    /// Says how many bytes it were.
    #[doc(hidden)] // Public for our own tests.
    pub fn push_from<E>(&mut self, least: usize, read: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<usize, E> {
        let filled = self.0.len();
        self.reserve(least);
        let most = (self.0.capacity() - filled).min(PIECE_BYTES.max(least));
        self.0.resize(filled + most, 0);
        let room = self.0.get_mut(filled..).unwrap_or_default();
        let result = read(room);
        if result.is_err() {
            wipe(room);
        }
        self.0.truncate(filled + result.as_ref().map_or(0, |count| *count));
        result
    }

    #[inline]
    fn reserve(&mut self, more: usize) {
        if more > self.0.capacity() - self.0.len() {
            self.move_to_larger(more);
        }
    }

    #[cold]
    fn move_to_larger(&mut self, more: usize) {
        let needed = (self.0.len() + more).max(self.0.capacity() * 2);
        let mut larger = Vec::with_capacity(needed);
        larger.extend_from_slice(&self.0);
        wipe(&mut self.0);
        self.0 = larger;
    }

    /// What was pushed so far.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        // As above.
        #[cfg(not(feature = "dist"))]
        wipe(&mut self.0);
    }
}

impl std::io::Write for SecretBytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.push(bytes);
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_by_moving_and_only_when_it_is_needed() {
        let mut bytes = SecretBytes::with_capacity(32);
        let (start, capacity) = (bytes.expose().as_ptr(), bytes.0.capacity());
        bytes.push(b"abc");
        let room = bytes.push_from(1, |room| Ok::<_, ()>(room.len()));
        assert_eq!(room, Ok(capacity - 3), "all that is left");
        assert_eq!((bytes.expose().as_ptr(), bytes.expose().len()), (start, capacity));
        bytes.push(b"");
        assert_eq!(bytes.expose().as_ptr(), start, "full to the last byte, and nothing came");
        let room = bytes.push_from(1000, |room| Err::<usize, _>(room.len()));
        assert!(room.is_err_and(|room| room >= 1000));
        assert_eq!((bytes.expose().get(..3), bytes.expose().len()), (Some(&b"abc"[..]), capacity));
        assert!(bytes.0.capacity() >= capacity + 1000);
    }
}
