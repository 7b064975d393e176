//! A connection between a client and the node, in memory: requests one way, bytes of limited room the other way.

use super::client::Ask;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What lies between the two.
pub struct Pipe {
    /// To the client.
    bytes: RefCell<Vec<u8>>,
    room: usize,
    /// To the node.
    pub requests: RefCell<VecDeque<(i64, Ask)>>,
    /// The client answered a ping.
    pub pong: Cell<bool>,
    /// The client will neither read nor write any more.
    pub client_gone: Cell<bool>,
    /// The same of the node; what it wrote before may still be read.
    pub node_gone: Cell<bool>,
}

impl Pipe {
    pub fn new(room: usize) -> Rc<Self> {
        Rc::new(Self {
            bytes: RefCell::default(),
            room,
            requests: RefCell::default(),
            pong: Cell::new(false),
            client_gone: Cell::new(false),
            node_gone: Cell::new(false),
        })
    }

    /// How many bytes wait for the client.
    pub fn len(&self) -> usize {
        self.bytes.borrow().len()
    }

    pub fn has_room(&self) -> bool {
        self.len() < self.room
    }

    /// The client takes at most so many bytes.
    pub fn take(&self, most: usize) -> Vec<u8> {
        let mut bytes = self.bytes.borrow_mut();
        let count = bytes.len().min(most);
        bytes.drain(..count).collect()
    }

    /// Nothing of what is under way arrives.
    pub fn lose(&self) {
        self.bytes.borrow_mut().clear();
    }
}

/// The node's end.
pub struct Socket(pub Rc<Pipe>);

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(self: Pin<&mut Self>, _: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let pipe = &self.0;
        if pipe.client_gone.get() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut held = pipe.bytes.borrow_mut();
        let mut taken = 0;
        for slice in slices {
            let some = slice.len().min(pipe.room - held.len());
            held.extend_from_slice(&slice[..some]);
            taken += some;
        }
        if taken == 0 { Poll::Pending } else { Poll::Ready(Ok(taken)) }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
