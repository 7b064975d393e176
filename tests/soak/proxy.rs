//! A TCP proxy for what happens when somebody is gone for a while: it can be cut, held (nothing goes through, nothing is closed: the other
//! end fell silent), and slow. On threads of its own, because tests start the server in the foreground.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// From who connected.
    There,
    /// From who was connected to.
    Back,
}

/// Ways on which nothing goes through.
#[derive(Default)]
struct Held {
    there: bool,
    back: bool,
    /// When this goes there, nothing comes back any more.
    no_answer_to: Option<&'static [u8]>,
}

#[derive(Default)]
struct Shared {
    cut: AtomicBool,
    held: Mutex<Held>,
    released: Condvar,
    /// What each answer takes longer, in milliseconds.
    delay_ms: AtomicU64,
    streams: Mutex<Vec<TcpStream>>,
}

impl Shared {
    /// Returns once these bytes may go this way.
    fn pass(&self, bytes: &[u8], way: Way) {
        let mut held = self.held.lock().unwrap();
        if way == Way::There && held.no_answer_to.is_some_and(|text| bytes.windows(text.len()).any(|part| part == text)) {
            held.back = true;
        }
        drop(self.released.wait_while(held, |held| if way == Way::There { held.there } else { held.back }).unwrap());
        if way == Way::Back {
            thread::sleep(Duration::from_millis(self.delay_ms.load(SeqCst)));
        }
    }
}

pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// To a port of this machine.
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Shared>::default();
        let state = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if state.cut.load(SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                for (from, to, way) in [(&client, &server, Way::There), (&server, &client, Way::Back)] {
                    let (from, to, state) = (from.try_clone().unwrap(), to.try_clone().unwrap(), state.clone());
                    let copying = thread::Builder::new().stack_size(64 * 1024);
                    copying.spawn(move || copy(from, to, way, &state)).unwrap();
                }
                state.streams.lock().unwrap().extend([client, server]);
            }
        });
        Self { port, shared }
    }

    /// Ends all connections and takes no new ones.
    pub fn cut(&self) {
        self.shared.cut.store(true, SeqCst);
        self.end_all();
    }

    /// Ends all connections, as a server does that is started anew.
    pub fn end_all(&self) {
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Falls silent: nothing goes through any more, and nobody is told.
    pub fn hold(&self) {
        *self.shared.held.lock().unwrap() = Held { there: true, back: true, no_answer_to: None };
    }

    /// What is asked goes through; from the first time on that this is in it, nothing is answered.
    pub fn hold_answers_from(&self, text: &'static [u8]) {
        self.shared.held.lock().unwrap().no_answer_to = Some(text);
    }

    /// Each answer takes so much longer.
    pub fn delay(&self, by: Duration) {
        self.shared.delay_ms.store(by.as_millis() as u64, SeqCst);
    }

    /// All is well again; what was held goes through.
    pub fn heal(&self) {
        self.shared.cut.store(false, SeqCst);
        self.shared.delay_ms.store(0, SeqCst);
        *self.shared.held.lock().unwrap() = Held::default();
        self.shared.released.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        *self.shared.held.lock().unwrap() = Held::default();
        self.shared.released.notify_all();
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, way: Way, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    let mut step = || -> io::Result<bool> {
        let count = from.read(&mut buffer)?;
        shared.pass(&buffer[..count], way);
        to.write_all(&buffer[..count])?;
        Ok(count > 0)
    };
    while step().unwrap_or(false) {}
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
