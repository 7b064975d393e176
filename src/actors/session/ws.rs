//! WebSocket frames from a client, decoded in place (RFC 6455). The only file that names actix-web-actors: its close codes are what a session
//! speaks. Its context is not used, because a connection that it serves cannot be closed while the peer does not read.

use actix_web_actors::ws::CloseCode;
use std::mem;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A whole text message.
    Text(&'a str),
    /// A whole binary message, which this protocol does not use.
    Binary(&'a [u8]),
    /// To be answered with the same bytes.
    Ping(&'a [u8]),
    /// An answer to our ping.
    Pong,
    /// The peer closes; its code, where it gave one.
    Close(Option<u16>),
}

/// A breach of the WebSocket protocol or of a size: the close code and a reason.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct Breach {
    /// The close code.
    pub code: u16,
    /// For people.
    pub reason: &'static str,
}

impl Breach {
    fn protocol(reason: &'static str) -> Self {
        Self { code: CloseCode::Protocol.into(), reason }
    }
    fn not_utf8() -> Self {
        Self { code: CloseCode::Invalid.into(), reason: "not valid UTF-8" }
    }
    fn too_large() -> Self {
        Self { code: CloseCode::Size.into(), reason: "the message is too large" }
    }
}

const CONTINUE: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Decodes a client's frames. Holds bytes only while a message is incomplete.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Bytes of a frame whose end has not come.
    partial: Vec<u8>,
    /// The opcode and the payload so far of a message in several frames.
    fragments: Option<(u8, Vec<u8>)>,
    /// The text so far of a message that has not ended.
    text: Utf8,
    /// How many bytes of the unfinished frame's payload are in `text` already.
    seen: usize,
}

/// Looks at a text in pieces: what cannot become UTF-8 any more is refused before the rest comes.
#[derive(Debug, Default)]
struct Utf8 {
    /// A character whose end has not come.
    begun: [u8; 4],
    len: usize,
}

impl Utf8 {
    fn push(&mut self, mut piece: &[u8]) -> Result<(), Breach> {
        while self.len > 0 {
            let Some((&next, rest)) = piece.split_first() else { return Ok(()) };
            (self.begun[self.len], piece) = (next, rest);
            self.len += 1;
            self.len = unfinished(&self.begun[..self.len])?.len();
        }
        let rest = unfinished(piece)?;
        self.begun[..rest.len()].copy_from_slice(rest);
        self.len = rest.len();
        Ok(())
    }
}

/// The beginning of a character with which the bytes end, at most three bytes.
fn unfinished(bytes: &[u8]) -> Result<&[u8], Breach> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(&[]),
        Err(error) if error.error_len().is_none() => Ok(&bytes[error.valid_up_to()..]),
        Err(_) => Err(Breach::not_utf8()),
    }
}

struct Header {
    fin: bool,
    opcode: u8,
    mask: [u8; 4],
    start: usize,
    len: usize,
}

impl Decoder {
    /// Decodes what came. Calls `take` with each message; it returns how large the next one may be, or none to stop reading. What it stops
    /// before is kept for the next call.
    pub fn feed(&mut self, input: &mut [u8], limit: usize, mut take: impl FnMut(Incoming<'_>) -> Option<usize>) -> Result<(), Breach> {
        if self.partial.is_empty() {
            let used = self.consume(input, limit, &mut take)?;
            self.partial.extend_from_slice(&input[used..]);
            return Ok(());
        }
        let mut bytes = mem::take(&mut self.partial);
        bytes.extend_from_slice(input);
        let used = self.consume(&mut bytes, limit, &mut take)?;
        bytes.drain(..used);
        if !bytes.is_empty() {
            self.partial = bytes;
        }
        Ok(())
    }

    /// Takes bytes that came before anybody could decode them.
    pub fn keep(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
    }

    /// Whether bytes wait that were not decoded yet.
    pub fn has_rest(&self) -> bool {
        !self.partial.is_empty()
    }

    fn consume(&mut self, bytes: &mut [u8], limit: usize, take: &mut impl FnMut(Incoming<'_>) -> Option<usize>) -> Result<usize, Breach> {
        let mut limit = Some(limit);
        let mut at = 0;
        while let Some(most) = limit {
            let Some(header) = header(&bytes[at..])? else { break };
            let held = self.fragments.as_ref().map_or(0, |(_, held)| held.len());
            if header.len > most || (header.opcode < CLOSE && held + header.len > most) {
                return Err(Breach::too_large());
            }
            let (start, end) = (at + header.start, at + header.start + header.len);
            if bytes.len() < end {
                self.peek(&header, &bytes[start..])?;
                break;
            }
            let payload = &mut bytes[start..end];
            unmask(payload, header.mask);
            limit = self.frame(&header, payload, most, take)?;
            at = end;
        }
        Ok(at)
    }

    /// Looks at what has come of a text frame that is not complete.
    fn peek(&mut self, header: &Header, came: &[u8]) -> Result<(), Breach> {
        let is_text = match &self.fragments {
            None => header.opcode == TEXT,
            Some((opcode, _)) => header.opcode == CONTINUE && *opcode == TEXT,
        };
        while is_text && self.seen < came.len() {
            let mut piece = [0; 256];
            let count = piece.len().min(came.len() - self.seen);
            for (at, byte) in piece[..count].iter_mut().enumerate() {
                *byte = came[self.seen + at] ^ header.mask[(self.seen + at) % 4];
            }
            self.text.push(&piece[..count])?;
            self.seen += count;
        }
        Ok(())
    }

    fn frame(
        &mut self,
        header: &Header,
        payload: &[u8],
        limit: usize,
        take: &mut impl FnMut(Incoming<'_>) -> Option<usize>,
    ) -> Result<Option<usize>, Breach> {
        let seen = mem::take(&mut self.seen);
        match (header.opcode, header.fin) {
            (PING, _) => Ok(take(Incoming::Ping(payload))),
            (PONG, _) => Ok(take(Incoming::Pong)),
            (CLOSE, _) => Ok(take(Incoming::Close(close_code(payload)?))),
            (TEXT | BINARY, _) if self.fragments.is_some() => Err(Breach::protocol("a new message inside another")),
            (TEXT | BINARY, true) => {
                self.text = Utf8::default();
                whole(header.opcode, payload, take)
            }
            (TEXT | BINARY, false) => {
                if header.opcode == TEXT {
                    self.text.push(&payload[seen..])?;
                }
                self.fragments = Some((header.opcode, payload.to_vec()));
                Ok(Some(limit))
            }
            (CONTINUE, fin) => {
                let Some((opcode, mut held)) = self.fragments.take() else {
                    return Err(Breach::protocol("a continuation of nothing"));
                };
                held.extend_from_slice(payload);
                if fin {
                    self.text = Utf8::default();
                    return whole(opcode, &held, take);
                }
                if opcode == TEXT {
                    self.text.push(&payload[seen..])?;
                }
                self.fragments = Some((opcode, held));
                Ok(Some(limit))
            }
            _ => Err(Breach::protocol("unknown opcode")),
        }
    }
}

fn whole(opcode: u8, payload: &[u8], take: &mut impl FnMut(Incoming<'_>) -> Option<usize>) -> Result<Option<usize>, Breach> {
    if opcode == BINARY {
        return Ok(take(Incoming::Binary(payload)));
    }
    let text = std::str::from_utf8(payload).map_err(|_| Breach::not_utf8())?;
    Ok(take(Incoming::Text(text)))
}

/// The header of the frame that begins here, once all of it has come.
fn header(bytes: &[u8]) -> Result<Option<Header>, Breach> {
    let &[first, second, ..] = bytes else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(Breach::protocol("reserved bits are set"));
    }
    let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
    if !matches!(opcode, CONTINUE | TEXT | BINARY | CLOSE | PING | PONG) {
        return Err(Breach::protocol("unknown opcode"));
    }
    if second & 0x80 == 0 {
        return Err(Breach::protocol("a frame from a client must be masked"));
    }
    let short = second & 0x7f;
    if opcode >= CLOSE && (short > 125 || !fin) {
        return Err(Breach::protocol("a control frame is whole and at most 125 bytes long"));
    }
    let (len, head) = match short {
        126 => match bytes.get(2..4) {
            Some(len) => (usize::from(len[0]) << 8 | usize::from(len[1]), 4),
            None => return Ok(None),
        },
        127 => match bytes.get(2..10).and_then(|len| len.try_into().ok()) {
            Some(len) => match usize::try_from(u64::from_be_bytes(len)) {
                Ok(len) if len <= isize::MAX as usize - 14 => (len, 10),
                _ => return Err(Breach::too_large()),
            },
            None => return Ok(None),
        },
        len => (usize::from(len), 2),
    };
    match bytes.get(head..head + 4).and_then(|mask| mask.try_into().ok()) {
        Some(mask) => Ok(Some(Header { fin, opcode, mask, start: head + 4, len })),
        None => Ok(None),
    }
}

/// A close frame's code. Codes that must not be sent, and reasons that are not UTF-8, are breaches.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Breach> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        [a, b, reason @ ..] => (u16::from_be_bytes([*a, *b]), reason),
        _ => return Err(Breach::protocol("half a close code")),
    };
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Breach::protocol("not a close code"));
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(Some(code)),
        Err(_) => Err(Breach::not_utf8()),
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let wide = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(word) ^ wide).to_ne_bytes());
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests;
