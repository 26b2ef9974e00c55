//! Text that is overwritten when dropped and never printed.

use std::fmt;

use zeroize::Zeroizing;

/// A password, secret or token. `Debug` shows nothing of it; there is no
/// `Display`, no `Clone` by accident, and the only way in is [`expose`].
///
/// [`expose`]: Secret::expose
#[derive(Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A copy of `text`, made in one allocation of the right size, so that no
    /// smaller block with a part of it is left behind.
    pub fn new(text: &str) -> Secret {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// Takes `text` over without a copy.
    pub fn from_string(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The text itself. Named so that every use can be found.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Bytes built up piece by piece, overwritten when dropped and also when they
/// move to a larger block, which a plain `Vec` would leave as it was.
#[derive(Default)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Room for `capacity` bytes before the first move.
    pub fn with_capacity(capacity: usize) -> SecretBytes {
        SecretBytes(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Appends `bytes`.
    pub fn push(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Vec::with_capacity(needed.max(self.0.capacity() * 2));
            larger.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(bytes);
    }

    /// What was pushed so far.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::io::Write for SecretBytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
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
