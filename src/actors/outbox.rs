//! Outbox: ready-made frames that wait for one connection's socket. Bounded in bytes; pure, without a socket.

use crate::faults::{Sabotage, sabotaged};
use bytes::Bytes;
use std::{collections::VecDeque, io::IoSlice};

/// Most frames handed to one vectored write. Linux takes 1,024 (`UIO_MAXIOV`); more than this does not pay.
const SLICES: usize = 64;

/// Why a frame was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// Frames in order, shared with other connections by reference count.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// The first frame is partly written: its rest must follow, or the peer cannot make out what comes after.
    partly: bool,
}

impl Outbox {
    /// Takes a frame, unless more than `bound` bytes would then wait. An empty Outbox takes any frame, or a large one
    /// could never be sent.
    pub fn push(&mut self, frame: Bytes, bound: usize) -> Result<(), Full> {
        if self.bytes + frame.len() > bound && !self.queue.is_empty() && !sabotaged(Sabotage::UnboundedOutbox) {
            return Err(Full);
        }
        self.append(frame);
        Ok(())
    }

    /// Takes the last words, a close frame, whatever waits already. Where more than `bound` bytes do, they are dropped, but for a frame that
    /// is partly written.
    pub fn finish(&mut self, last: Bytes, bound: usize) {
        if self.bytes > bound {
            self.queue.truncate(usize::from(self.partly));
            self.bytes = self.queue.iter().map(Bytes::len).sum();
        }
        self.append(last);
    }

    fn append(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.queue.push_back(frame);
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Writes a frame before which nothing waits, and keeps what `write` does not take: see [`Outbox::drain`].
    pub fn write_through<E>(&mut self, frame: &Bytes, mut write: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>) -> Result<(), E> {
        debug_assert!(self.is_empty(), "what waits comes first");
        let written = write(&[IoSlice::new(frame)]);
        let taken = *written.as_ref().unwrap_or(&0);
        if taken < frame.len() {
            self.append(frame.slice(taken..));
            self.partly = taken > 0;
        }
        written?;
        self.drain(write)
    }

    /// Calls `write` with what waits until all is taken or it fails, which includes that the socket is full. `write` returns how many bytes
    /// it took.
    pub fn drain<E>(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>) -> Result<(), E> {
        while !self.queue.is_empty() {
            let taken = match self.queue.front() {
                // Nearly always there is one, and it needs no list.
                Some(only) if self.queue.len() == 1 => write(&[IoSlice::new(only)])?,
                _ => {
                    let mut slices = [IoSlice::new(&[]); SLICES];
                    let count = slices.iter_mut().zip(&self.queue).map(|(slice, frame)| *slice = IoSlice::new(frame)).count();
                    write(&slices[..count])?
                }
            };
            self.advance(taken);
        }
        if self.queue.is_empty() && self.queue.capacity() > 4 {
            // An idle connection keeps no memory for the burst that it once got.
            self.queue = VecDeque::new();
        }
        Ok(())
    }

    fn advance(&mut self, mut taken: usize) {
        if taken == 0 {
            return;
        }
        self.bytes -= taken;
        self.partly = false;
        while let Some(front) = self.queue.front_mut() {
            if taken < front.len() {
                self.partly |= taken > 0;
                bytes::Buf::advance(front, taken);
                return;
            }
            taken -= front.len();
            self.queue.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bound_is_kept_and_large_frames_pass_when_empty() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(Bytes::from_static(&[0; 20]), 10), Ok(()));
        assert_eq!(outbox.push(Bytes::from_static(&[0; 1]), 10), Err(Full));
        assert_eq!(outbox.bytes(), 20);
    }

    #[test]
    fn last_words_follow_what_was_begun() {
        let mut outbox = Outbox::default();
        for frame in [&[1; 8][..], &[2; 8]] {
            outbox.push(Bytes::from_static(frame), 100).unwrap();
        }
        let (mut got, mut left) = (Vec::new(), 3);
        let _ = outbox.drain(|slices| take(slices, &mut left, &mut got));
        outbox.finish(Bytes::from_static(&[9; 2]), 10);
        let _ = outbox.drain(|slices| take(slices, &mut 100, &mut got));
        assert_eq!(got, [1, 1, 1, 1, 1, 1, 1, 1, 9, 9]);
    }

    #[test]
    fn what_a_socket_does_not_take_at_once_waits() {
        for (room, kept) in [(20, 0), (8, 0), (5, 3), (0, 8)] {
            let (mut outbox, mut got, mut left) = (Outbox::default(), Vec::new(), room);
            let written = outbox.write_through(&Bytes::from_static(&[1; 8]), |slices| take(slices, &mut left, &mut got));
            assert_eq!((written.is_ok(), outbox.bytes()), (kept == 0, kept), "{room} bytes of room");
            outbox.finish(Bytes::from_static(&[9]), 0);
            let _ = outbox.drain(|slices| take(slices, &mut 100, &mut got));
            // A frame that was begun is ended before the last words; one that was not may be left out.
            assert_eq!(got.len(), if room == 0 { 1 } else { 9 }, "{room} bytes of room");
        }
    }

    /// A socket with room for `left` bytes.
    fn take(slices: &[IoSlice<'_>], left: &mut usize, got: &mut Vec<u8>) -> Result<usize, ()> {
        if *left == 0 {
            return Err(());
        }
        let all: Vec<u8> = slices.iter().flat_map(|s| s.to_vec()).collect();
        let n = all.len().min(*left);
        got.extend(&all[..n]);
        *left -= n;
        Ok(n)
    }
}
