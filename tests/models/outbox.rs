//! Outbox: a list of whole frames, of which the first may be partly written.

use super::cases;
use crate::actors::outbox::{Full, Outbox};
use bytes::Bytes;
use proptest::prelude::*;
use std::{io::IoSlice, ops::Range};

/// Events are refused past it; answers may take four times as much.
const BOUND: usize = 2_000;

#[derive(Clone, Debug)]
enum Do {
    Event(usize),
    Answer(usize),
    /// The last words.
    Finish(usize),
    /// The socket takes so many bytes, at most so many at a time.
    Take(usize, usize),
    /// An event, and the same of the socket at once.
    WriteThrough(usize, usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Do>> {
    // Many small ones take more than one vectored write, large ones reach the bounds.
    prop_oneof![steps_of(1..30), steps_of(1..2_100)]
}

fn steps_of(lengths: Range<usize>) -> impl Strategy<Value = Vec<Do>> {
    let length = || lengths.clone();
    let one = prop_oneof![
        12 => length().prop_map(Do::Event),
        6 => length().prop_map(Do::Answer),
        1 => length().prop_map(Do::Finish),
        2 => (0usize..900, 1usize..300).prop_map(|(most, at_a_time)| Do::Take(most, at_a_time)),
        1 => Just(Do::Take(usize::MAX, usize::MAX)),
        4 => (length(), 0usize..900, 1usize..300).prop_map(|(length, most, at_a_time)| Do::WriteThrough(length, most, at_a_time)),
    ];
    prop::collection::vec(one, 0..300)
}

/// What waits, and how much of the first is written.
#[derive(Default)]
struct Model {
    frames: Vec<Vec<u8>>,
    begun: usize,
}

impl Model {
    fn waits(&self) -> usize {
        self.frames.iter().map(Vec::len).sum::<usize>() - self.begun
    }

    fn push(&mut self, frame: &[u8], bound: usize) -> Result<(), Full> {
        // One that is larger than the bound could never be sent, if it did not pass when it is alone.
        if !self.frames.is_empty() && self.waits() + frame.len() > bound {
            return Err(Full);
        }
        self.frames.push(frame.to_vec());
        Ok(())
    }

    fn finish(&mut self, last: &[u8], bound: usize) {
        if self.waits() > bound {
            // The peer has a part of the first: without its rest it could make nothing out of what follows.
            let begun = self.begun > 0;
            self.frames = self.frames.drain(..).take(usize::from(begun)).collect();
        }
        self.frames.push(last.to_vec());
    }

    /// The peer gets one byte after the other.
    fn take(&mut self, most: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        while taken.len() < most && !self.frames.is_empty() {
            taken.push(self.frames[0][self.begun]);
            self.begun += 1;
            if self.begun == self.frames[0].len() {
                self.frames.remove(0);
                self.begun = 0;
            }
        }
        taken
    }
}

/// A socket with room for `most` bytes, which takes at most `at_a_time` of them in one call.
fn socket(got: &mut Vec<u8>, most: usize, at_a_time: usize) -> impl FnMut(&[IoSlice<'_>]) -> Result<usize, ()> {
    move |slices| {
        let offered: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
        let taken = offered.len().min(at_a_time).min(most - got.len());
        got.extend(&offered[..taken]);
        if taken == 0 { Err(()) } else { Ok(taken) }
    }
}

fn drain(outbox: &mut Outbox, most: usize, at_a_time: usize) -> Vec<u8> {
    let mut got = Vec::new();
    let full = outbox.drain(socket(&mut got, most, at_a_time));
    assert_eq!(full.is_ok(), outbox.is_empty(), "it goes on until all is taken or the socket is full");
    got
}

/// Where nothing waits.
fn write_through(outbox: &mut Outbox, frame: Vec<u8>, most: usize, at_a_time: usize) -> Vec<u8> {
    let mut got = Vec::new();
    let full = outbox.write_through(&Bytes::from(frame), socket(&mut got, most, at_a_time));
    assert_eq!(full.is_ok(), outbox.is_empty(), "it goes on until all is taken or the socket is full");
    got
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn outbox_is_a_list_of_frames(steps in steps()) {
        let (mut outbox, mut model) = (Outbox::default(), Model::default());
        for (n, step) in steps.into_iter().enumerate() {
            let frame = |length| vec![n as u8; length];
            match step {
                Do::Event(length) => {
                    prop_assert_eq!(outbox.push(Bytes::from(frame(length)), BOUND), model.push(&frame(length), BOUND));
                }
                Do::Answer(length) => {
                    prop_assert_eq!(outbox.push(Bytes::from(frame(length)), BOUND * 4), model.push(&frame(length), BOUND * 4));
                }
                Do::Finish(length) => {
                    outbox.finish(Bytes::from(frame(length)), BOUND);
                    model.finish(&frame(length), BOUND);
                }
                Do::WriteThrough(length, most, at_a_time) if outbox.is_empty() => {
                    model.frames.push(frame(length));
                    prop_assert_eq!(write_through(&mut outbox, frame(length), most, at_a_time), model.take(most));
                }
                Do::WriteThrough(length, most, at_a_time) => {
                    prop_assert_eq!(outbox.push(Bytes::from(frame(length)), BOUND), model.push(&frame(length), BOUND));
                    prop_assert_eq!(drain(&mut outbox, most, at_a_time), model.take(most));
                }
                Do::Take(most, at_a_time) => prop_assert_eq!(drain(&mut outbox, most, at_a_time), model.take(most)),
            }
            prop_assert_eq!(outbox.bytes(), model.waits());
            prop_assert_eq!(outbox.is_empty(), model.frames.is_empty());
        }
        prop_assert_eq!(drain(&mut outbox, usize::MAX, usize::MAX), model.take(usize::MAX));
    }
}
