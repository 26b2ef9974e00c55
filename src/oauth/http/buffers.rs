//! The two buffers of a connection. Both have held a password or a token, so
//! both are overwritten after each request as far as they were used.

use ureq::unversioned::transport::Buffers as UreqBuffers;

use crate::oauth::secret::wipe;

/// A request and its body, one write. Larger bodies leave in pieces.
const OUT_BYTES: usize = 16 * 1024;
/// Holds a whole head; bodies pass through.
pub(super) const IN_BYTES: usize = super::HEAD_BYTES + 1024;

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
    /// What ureq sees of an answer's head, in front of the input.
    framing: Vec<u8>,
    framing_read: usize,
    progress: bool,
}

impl Buffers {
    pub fn new() -> Buffers {
        Buffers::sized(OUT_BYTES, IN_BYTES)
    }

    /// Buffers that hold nothing, for a transport that has no connection.
    pub fn none() -> Buffers {
        Buffers::sized(0, 0)
    }

    fn sized(out: usize, input: usize) -> Buffers {
        Buffers {
            out: vec![0; out].into_boxed_slice(),
            out_filled: 0,
            out_used: 0,
            input: vec![0; input].into_boxed_slice(),
            begin: 0,
            end: 0,
            in_used: 0,
            framing: Vec::new(),
            framing_read: 0,
            progress: false,
        }
    }

    /// `amount` more bytes are to be sent. True when they should leave now
    /// because the next piece might not fit.
    pub fn fill_out(&mut self, amount: usize) -> bool {
        self.out_filled = (self.out_filled + amount).min(self.out.len());
        self.out_used = self.out_used.max(self.out_filled);
        self.out_filled > self.out.len() / 4
    }

    /// Takes back the empty line that ends a head; false when it does not end
    /// yet.
    pub fn reopen_head(&mut self) -> bool {
        let ends = self.to_send().ends_with(b"\r\n\r\n");
        self.out_filled -= if ends { 2 } else { 0 };
        ends
    }

    /// Adds as much of `bytes` as there is room for. True when what waits should
    /// leave now.
    pub fn push_out(&mut self, bytes: &[u8]) -> bool {
        let room = self.out.get_mut(self.out_filled..).unwrap_or_default();
        let amount = bytes.len().min(room.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..amount), bytes.get(..amount)) {
            room.copy_from_slice(bytes);
        }
        self.fill_out(amount)
    }

    /// What is to be sent.
    pub fn to_send(&self) -> &[u8] {
        self.out.get(..self.out_filled).unwrap_or_default()
    }

    /// All of it is sent.
    pub fn sent(&mut self) {
        self.out_filled = 0;
    }

    /// Room for input; empty when an answer's head is larger than allowed.
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

    /// The input that was not used yet, and the place for what ureq is to see
    /// of its head.
    pub fn input_and_framing(&mut self) -> (&[u8], &mut Vec<u8>) {
        (self.input.get(self.begin..self.end).unwrap_or_default(), &mut self.framing)
    }

    /// So much of the input is used.
    pub fn pass_over(&mut self, amount: usize) {
        self.begin = (self.begin + amount).min(self.end);
    }

    /// Overwrites what this request left behind.
    pub fn wipe(&mut self) {
        wipe(self.out.get_mut(..self.out_used).unwrap_or_default());
        wipe(self.input.get_mut(..self.in_used).unwrap_or_default());
        (self.out_filled, self.out_used) = (0, 0);
        (self.begin, self.end, self.in_used) = (0, 0, 0);
        self.framing.clear();
        self.framing_read = 0;
        self.progress = false;
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl UreqBuffers for Buffers {
    fn output(&mut self) -> &mut [u8] {
        self.out.get_mut(self.out_filled..).unwrap_or_default()
    }

    fn input(&self) -> &[u8] {
        match self.framing.get(self.framing_read..) {
            Some(framing) if !framing.is_empty() => framing,
            _ => self.input.get(self.begin..self.end).unwrap_or_default(),
        }
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.room()
    }

    fn input_appended(&mut self, amount: usize) {
        self.received(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        if self.framing_read < self.framing.len() {
            self.framing_read += amount;
        } else {
            self.pass_over(amount);
        }
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        // The scratch space is only used for chunked bodies; ours have a length.
        let input = self.input.get_mut(self.end..).unwrap_or_default();
        let output = self.out.get_mut(self.out_filled..).unwrap_or_default();
        (input, output)
    }

    fn can_use_input(&self) -> bool {
        self.begin != self.end && self.progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_leaves_when_the_next_piece_might_not_fit() {
        let mut buffers = Buffers::new();
        buffers.output().fill(b'o');
        assert!(!buffers.fill_out(4096), "a quarter");
        assert!(buffers.fill_out(1));
        assert_eq!((buffers.to_send().len(), buffers.output().len()), (4097, 16 * 1024 - 4097));
        assert!(buffers.fill_out(usize::MAX / 2), "never more than there is");
        assert_eq!(buffers.to_send(), [b'o'; 16 * 1024]);
        assert_eq!(buffers.output().len(), 0);
        buffers.sent();
        assert_eq!((buffers.to_send().len(), buffers.output().len()), (0, 16 * 1024));
    }

    #[test]
    fn input_moves_up_when_room_is_wanted() {
        let mut buffers = Buffers::new();
        assert_eq!((buffers.room().len(), IN_BYTES), (17_408, 17_408), "a head of 16 KiB, and some more");
        buffers.room()[..6].copy_from_slice(b"abcdef");
        buffers.received(6);
        assert!(!buffers.can_use_input(), "nothing was asked for yet");
        buffers.input_consume(0);
        assert_eq!((buffers.input(), buffers.can_use_input()), (&b"abcdef"[..], false));
        buffers.input_consume(2);
        assert_eq!((buffers.input(), buffers.can_use_input()), (&b"cdef"[..], true));
        assert_eq!(buffers.tmp_and_output().0.len(), IN_BYTES - 6);
        assert_eq!(buffers.input_append_buf().len(), IN_BYTES - 4, "what was used makes room");
        buffers.input_append_buf()[..2].copy_from_slice(b"gh");
        buffers.input_appended(2);
        assert_eq!(buffers.input(), b"cdefgh");
        buffers.input_consume(7);
        assert_eq!((buffers.input(), buffers.can_use_input()), (&b""[..], false));
        assert_eq!(buffers.room().len(), IN_BYTES);
        buffers.received(IN_BYTES + 1);
        assert_eq!(buffers.room().len(), 0);
    }

    #[test]
    fn the_framing_comes_before_the_input() {
        let mut buffers = Buffers::new();
        buffers.room()[..8].copy_from_slice(b"headbody");
        buffers.received(8);
        let (input, framing) = buffers.input_and_framing();
        assert_eq!(input, b"headbody");
        framing.extend_from_slice(b"h!");
        buffers.pass_over(4);
        assert_eq!(buffers.input(), b"h!");
        assert_eq!(buffers.input_and_framing().0, b"body");
        buffers.input_consume(0);
        assert_eq!(buffers.input(), b"h!");
        buffers.input_consume(2);
        assert_eq!((buffers.input(), buffers.can_use_input()), (&b"body"[..], true));
        buffers.input_consume(1);
        assert_eq!(buffers.input(), b"ody");
        buffers.input_and_framing().1.extend_from_slice(b"left over");
        buffers.wipe();
        assert_eq!(buffers.input(), b"");
        assert_eq!(buffers.input_and_framing().1.len(), 0);
    }

    #[test]
    fn what_was_used_is_overwritten() {
        let mut buffers = Buffers::new();
        let all = |buffers: &Buffers, byte| {
            let count = |bytes: &[u8]| bytes.iter().filter(|one| **one == byte).count();
            (count(&buffers.out), count(&buffers.input))
        };
        for (sent, received) in [(5, 0), (0, 5), (OUT_BYTES, IN_BYTES)] {
            buffers.output()[..sent].fill(b's');
            buffers.fill_out(sent);
            buffers.sent();
            // Less after more: what was there before counts.
            buffers.fill_out(sent / 2);
            buffers.sent();
            buffers.room()[..received].fill(b's');
            buffers.received(received);
            buffers.input_consume(received);
            buffers.room();
            assert_eq!(all(&buffers, b's'), (sent, received));
            buffers.wipe();
            assert_eq!(all(&buffers, 0), (OUT_BYTES, IN_BYTES), "{sent} sent, {received} received");
            assert_eq!((buffers.to_send().len(), buffers.input().len()), (0, 0));
            assert!(!buffers.can_use_input());
        }
        assert_eq!(Buffers::none().room().len() + Buffers::none().output().len(), 0);
    }
}
