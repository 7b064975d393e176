//! The door of `/ws`: handshake, origin and sign-in, then the socket goes to a Session and HTTP is out of the way.

use super::{client_address, gates::Gate, state::State, strip_base};
use crate::{
    actors::session::{Session, Worker},
    auth::presented,
    config::Config,
    faults::{Sabotage, sabotaged},
    protocol::SUBPROTOCOL,
};
use actix_codec::Framed;
use actix_http::{
    Request, Response, StatusCode,
    body::BodySize,
    h1,
    header::{self, HeaderMap, HeaderValue},
    ws,
};
use actix_rt::net::TcpStream;
use futures_util::SinkExt;
use hashbrown::HashMap;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Unacknowledged bytes older than this end a connection: a peer that fell silent is noticed even while we write to it.
const USER_TIMEOUT: Duration = Duration::from_secs(35);
/// What the kernel may hold of a connection beyond what is under way to the peer. Without a bound it takes megabytes for one that does not read,
/// which no limit of ours would count, and which such a peer would have to read before it heard what it missed or why it was let go.
const UNSENT: u32 = 128 * 1024;

/// Who may open a WebSocket from a browser: scheme, host and port, exactly.
#[derive(Clone, Debug)]
pub struct Origins(Vec<String>);

impl Origins {
    /// That of the public address; where none is set, this machine's names at the port that is listened on.
    pub fn new(config: &Config, bound: SocketAddr) -> Self {
        if let Some(public) = &config.public_url {
            return Self(vec![public.origin()]);
        }
        let port = bound.port();
        let mut hosts = vec![format!("{}", SocketAddr::new(bound.ip(), port))];
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
        Self(hosts.into_iter().map(|host| format!("http://{}", host.strip_suffix(":80").unwrap_or(&host))).collect())
    }

    fn allow(&self, headers: &HeaderMap) -> bool {
        match headers.get(header::ORIGIN) {
            // Only browsers send it, and they always do: no page can make one leave it out.
            None => true,
            Some(origin) => origin.to_str().is_ok_and(|origin| self.0.iter().any(|known| known.eq_ignore_ascii_case(origin))),
        }
    }
}

/// Open WebSockets per address.
#[derive(Default)]
struct PerAddress(Mutex<HashMap<IpAddr, u32>>);

/// Counts a WebSocket as long as it lives.
pub struct Seat {
    address: IpAddr,
    seats: Arc<PerAddress>,
}

impl PerAddress {
    fn take(self: &Arc<Self>, address: IpAddr, most: Option<u32>) -> Option<Seat> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if most.is_some_and(|most| *count >= most) {
            return None;
        }
        *count += 1;
        Some(Seat { address, seats: self.clone() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// What the doors of all worker threads share.
#[derive(Clone)]
pub struct Door {
    state: Arc<State>,
    origins: Arc<Origins>,
    seats: Arc<PerAddress>,
}

type Upgrading = Framed<TcpStream, h1::Codec>;

impl Door {
    /// For a server that listens at `bound`.
    pub fn new(state: Arc<State>, bound: SocketAddr) -> Self {
        let origins = Arc::new(Origins::new(&state.config, bound));
        Self { state, origins, seats: Arc::default() }
    }

    /// A request to upgrade. Whatever is wrong with it as HTTP is answered as HTTP; a foreign page is told by close code 4403, which it can read.
    pub async fn open(&self, worker: Rc<Worker>, request: Request, framed: Upgrading) -> Result<(), io::Error> {
        let head = request.head();
        if strip_base(head.uri.path(), self.state.config.base_path()) != "/ws" {
            return refuse(framed, StatusCode::NOT_FOUND).await;
        }
        if worker.hub.draining() {
            return refuse(framed, StatusCode::SERVICE_UNAVAILABLE).await;
        }
        let peer = head.peer_addr.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let address = client_address(peer, &head.headers, &self.state.config);
        let most = self.state.config.limits.rate(self.state.config.limits.connections_per_address).map(u32::from);
        let (Ok(()), Some(seat)) = (self.state.gates.check(Gate::Upgrade, address), self.seats.take(address, most)) else {
            return refuse(framed, StatusCode::TOO_MANY_REQUESTS).await;
        };
        let mut response = match ws::handshake(head) {
            Ok(response) => response,
            Err(error) => return answer(framed, Response::from(error).drop_body()).await.map(drop),
        };
        if speaks_chirm(&head.headers) {
            response.insert_header((header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL)));
        }
        let token = presented(&head.headers, self.state.config.secure()).map(|presented| presented.token);
        let framed = answer(framed, response.finish().drop_body()).await?;
        let parts = framed.into_parts();
        let socket = socket2::SockRef::from(&parts.io);
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
        socket.set_tcp_notsent_lowat(UNSENT)?;
        if self.origins.allow(&head.headers) || sabotaged(Sabotage::AnyOrigin) {
            Session::open(worker, parts.io, &parts.read_buf, token, seat);
        } else {
            log::warn!("a page of {:?} may not connect; set public_url to the address that browsers use", head.headers.get(header::ORIGIN));
            Session::refuse(&worker, parts.io, 4403, "origin refused");
        }
        Ok(())
    }
}

fn speaks_chirm(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|line| line.to_str().ok());
    offered.flat_map(|line| line.split(',')).any(|name| name.trim() == SUBPROTOCOL)
}

async fn answer(mut framed: Upgrading, response: Response<()>) -> Result<Upgrading, io::Error> {
    framed.send(h1::Message::Item((response, BodySize::None))).await?;
    Ok(framed)
}

async fn refuse(framed: Upgrading, status: StatusCode) -> Result<(), io::Error> {
    let mut response = Response::new(status).drop_body();
    response.head_mut().set_connection_type(actix_http::ConnectionType::Close);
    answer(framed, response).await.map(drop)
}
