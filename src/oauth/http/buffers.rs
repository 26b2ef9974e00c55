//! The two buffers of a connection. Both have held a password or a token, so
//! both are overwritten after each request as far as they were used.

use crate::oauth::secret::wipe;

/// A request and its body, one write. Larger ones leave in pieces.
const OUT_BYTES: usize = 16 * 1024;
/// Holds a whole head; bodies pass through.
pub(super) const IN_BYTES: usize = super::HEAD_BYTES;

/// See the module.
pub(crate) struct Buffers {
    out: Box<[u8]>,
    out_filled: usize,
    /// How far `out` was ever used in this request.
    out_used: usize,
    input: Box<[u8]>,
    begin: usize,
    end: usize,
    in_used: usize,
}

impl Buffers {
    pub fn new() -> Buffers {
        Buffers {
            out: vec![0; OUT_BYTES].into_boxed_slice(),
            out_filled: 0,
            out_used: 0,
            input: vec![0; IN_BYTES].into_boxed_slice(),
            begin: 0,
            end: 0,
            in_used: 0,
        }
    }

    /// Takes as many of `bytes` as there is room for, to be sent; the others
    /// are given back.
    pub fn push<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let room = self.out.get_mut(self.out_filled..).unwrap_or_default();
        let (pushed, rest) = bytes.split_at(bytes.len().min(room.len()));
        if let Some(room) = room.get_mut(..pushed.len()) {
            room.copy_from_slice(pushed);
        }
        self.out_filled += pushed.len();
        self.out_used = self.out_used.max(self.out_filled);
        rest
    }

    /// What is to be sent.
    pub fn to_send(&self) -> &[u8] {
        self.out.get(..self.out_filled).unwrap_or_default()
    }

    /// All of it is sent.
    pub fn sent(&mut self) {
        self.out_filled = 0;
    }

    /// Room for input; empty when a head, or a line among chunks, is larger than
    /// allowed.
    pub fn room(&mut self) -> &mut [u8] {
        self.input.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        self.input.get_mut(self.end..).unwrap_or_default()
    }

    /// `amount` bytes were put into the room.
    pub fn received(&mut self, amount: usize) {
        self.end = (self.end + amount).min(self.input.len());
        self.in_used = self.in_used.max(self.end);
    }

    /// The input that was not used yet.
    pub fn input(&self) -> &[u8] {
        self.input.get(self.begin..self.end).unwrap_or_default()
    }

    /// So much of the input is used.
    pub fn pass_over(&mut self, amount: usize) {
        self.begin = (self.begin + amount).min(self.end);
    }

    /// Overwrites what this request left behind. [`super::conn::Conn`] calls it.
    pub fn wipe(&mut self) {
        wipe(self.out.get_mut(..self.out_used).unwrap_or_default());
        wipe(self.input.get_mut(..self.in_used).unwrap_or_default());
        (self.out_filled, self.out_used) = (0, 0);
        (self.begin, self.end, self.in_used) = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_taken_until_it_is_full() {
        let mut buffers = Buffers::new();
        assert_eq!(buffers.push(b"GET "), b"");
        assert_eq!(buffers.push(b"/"), b"");
        assert_eq!(buffers.to_send(), b"GET /");
        let much = [b'o'; OUT_BYTES];
        assert_eq!(buffers.push(&much).len(), 5);
        assert_eq!((buffers.to_send().len(), buffers.push(b"x")), (OUT_BYTES, &b"x"[..]));
        assert!(buffers.to_send().starts_with(b"GET /ooo"));
        buffers.sent();
        assert_eq!((buffers.to_send().len(), buffers.push(&much).len()), (0, 0));
    }

    #[test]
    fn input_moves_up_when_room_is_wanted() {
        let mut buffers = Buffers::new();
        assert_eq!((buffers.room().len(), IN_BYTES), (16_384, 16_384), "a head of 16 KiB");
        buffers.room()[..6].copy_from_slice(b"abcdef");
        buffers.received(6);
        assert_eq!(buffers.input(), b"abcdef");
        buffers.pass_over(2);
        assert_eq!(buffers.input(), b"cdef");
        assert_eq!(buffers.room().len(), IN_BYTES - 4, "what was used makes room");
        buffers.room()[..2].copy_from_slice(b"gh");
        buffers.received(2);
        assert_eq!(buffers.input(), b"cdefgh");
        buffers.pass_over(7);
        assert_eq!(buffers.input(), b"");
        assert_eq!(buffers.room().len(), IN_BYTES);
        buffers.received(IN_BYTES + 1);
        assert_eq!(buffers.room().len(), 0);
    }

    #[test]
    fn what_was_used_is_overwritten() {
        let mut buffers = Buffers::new();
        let all = |buffers: &Buffers, byte| {
            let count = |bytes: &[u8]| bytes.iter().filter(|one| **one == byte).count();
            (count(&buffers.out), count(&buffers.input))
        };
        for (sent, received) in [(5, 0), (0, 5), (OUT_BYTES, IN_BYTES)] {
            buffers.push(&vec![b's'; sent]);
            buffers.sent();
            // Less after more: what was there before counts.
            buffers.push(&vec![b's'; sent / 2]);
            buffers.sent();
            buffers.room()[..received].fill(b's');
            buffers.received(received);
            buffers.pass_over(received);
            buffers.room();
            assert_eq!(all(&buffers, b's'), (sent, received));
            buffers.wipe();
            assert_eq!(all(&buffers, 0), (OUT_BYTES, IN_BYTES), "{sent} sent, {received} received");
            assert_eq!((buffers.to_send().len(), buffers.input().len()), (0, 0));
        }
    }
}
