//! Rates of what comes by HTTP: token buckets, and for failed sign-ins a growing delay.

use crate::{
    config::Limits,
    domain::{Refusal, RoomId, UserId},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};
use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often token buckets are searched for ones that no longer matter.
const SWEEP: Duration = Duration::from_secs(60);
/// Failures after which their table is searched for ones that no longer matter.
const CROWD: usize = 10_000;
/// Failures in a row that cost nothing: people mistype.
const FREE_FAILURES: u32 = 3;
/// The delay stops growing here, so that nobody can lock somebody else out.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Failures are forgotten after so long without another.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Reports of blocked content a minute and address.
const REPORTS_PER_MIN: u32 = 10;

/// What is counted per address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Attempts to sign in.
    SignIn,
    /// New accounts.
    Register,
    /// New WebSockets.
    Upgrade,
    /// Reports of blocked content.
    Report,
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// One token bucket a key; without a quota everybody passes.
struct Buckets<K: Hash + Eq + Clone> {
    limiter: Option<Limiter<K>>,
    swept: Mutex<Instant>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(quota: Option<Quota>) -> Self {
        Self { limiter: quota.map(RateLimiter::keyed), swept: Mutex::new(Instant::now()) }
    }

    fn check(&self, key: &K) -> Result<(), Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        self.sweep(limiter, Instant::now());
        let wait = |not_until: governor::NotUntil<_>| not_until.wait_time_from(DefaultClock::default().now());
        limiter.check_key(key).map_err(|not_until| Refusal::rate_limited(ms(wait(not_until))))
    }

    /// Forgets keys whose bucket is full again: now and then, and never by two threads at once.
    fn sweep(&self, limiter: &Limiter<K>, now: Instant) {
        let Ok(mut swept) = self.swept.try_lock() else { return };
        if now.saturating_duration_since(*swept) >= SWEEP {
            *swept = now;
            limiter.retain_recent();
        }
    }
}

fn ms(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// A browser gets a whole /64 of IPv6 addresses.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Failures to sign in to one account from one address.
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn delay(&self) -> Duration {
        let doublings = self.count.saturating_sub(FREE_FAILURES);
        match doublings {
            0 => Duration::ZERO,
            n => Duration::from_secs(1 << (n - 1).min(10)).min(LONGEST_DELAY),
        }
    }

    fn open_at(&self) -> Instant {
        self.last + self.delay()
    }
}

/// Everything that HTTP counts.
pub struct Gates {
    sign_in: Buckets<IpAddr>,
    account: Buckets<String>,
    register: Buckets<IpAddr>,
    upgrade: Buckets<IpAddr>,
    report: Buckets<IpAddr>,
    send: Buckets<UserId>,
    send_room: Buckets<(UserId, RoomId)>,
    /// None where rates are switched off. Keyed by account and address, so that an attacker delays only themself.
    failures: Option<Mutex<HashMap<(String, IpAddr), Failures>>>,
}

impl Gates {
    /// As set.
    pub fn new(limits: &Limits) -> Self {
        let minute = |value: u32| limits.rate(value).map(Quota::per_minute);
        let burst = |value: u32| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let second = |value: u32, most: u32| limits.rate(value).map(|value| Quota::per_second(value).allow_burst(burst(most)));
        Self {
            sign_in: Buckets::new(minute(limits.sign_in_per_min)),
            account: Buckets::new(minute(limits.sign_in_per_min)),
            register: Buckets::new(limits.rate(limits.register_per_h).map(Quota::per_hour)),
            upgrade: Buckets::new(second(limits.upgrade_per_s, limits.upgrade_burst)),
            report: Buckets::new(minute(REPORTS_PER_MIN)),
            send: Buckets::new(second(limits.send_per_s, limits.send_burst)),
            send_room: Buckets::new(minute(limits.send_per_room_min)),
            failures: limits.rate(limits.sign_in_per_min).map(|_| Mutex::default()),
        }
    }

    /// Counts one from this address.
    pub fn check(&self, gate: Gate, address: IpAddr) -> Result<(), Refusal> {
        let buckets = match gate {
            Gate::SignIn => &self.sign_in,
            Gate::Register => &self.register,
            Gate::Upgrade => &self.upgrade,
            Gate::Report => &self.report,
        };
        buckets.check(&block(address))
    }

    /// Counts an attempt to sign in to an account, before its password is looked at.
    pub fn sign_in(&self, account: &str, address: IpAddr) -> Result<(), Refusal> {
        self.check(Gate::SignIn, address)?;
        self.wait(account, address, Instant::now())?;
        self.account.check(&account.to_owned())
    }

    /// Counts a message.
    pub fn send(&self, user: UserId, room: RoomId) -> Result<(), Refusal> {
        self.send.check(&user)?;
        self.send_room.check(&(user, room))
    }

    fn wait(&self, account: &str, address: IpAddr, now: Instant) -> Result<(), Refusal> {
        let Some(failures) = &self.failures else { return Ok(()) };
        let table = failures.lock().unwrap_or_else(PoisonError::into_inner);
        let open_at = table.get(&(account.to_owned(), block(address))).map(Failures::open_at);
        match open_at.map(|at| at.saturating_duration_since(now)) {
            Some(wait) if !wait.is_zero() => Err(Refusal::rate_limited(ms(wait))),
            _ => Ok(()),
        }
    }

    /// The password was wrong: the next attempt may have to wait.
    pub fn failed(&self, account: &str, address: IpAddr) {
        self.failed_at(account, address, Instant::now());
    }

    fn failed_at(&self, account: &str, address: IpAddr, now: Instant) {
        let Some(failures) = &self.failures else { return };
        let mut table = failures.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() > CROWD {
            table.retain(|_, failures| now.saturating_duration_since(failures.last) < MEMORY);
        }
        let key = (account.to_owned(), block(address));
        let entry = table.entry(key).or_insert(Failures { count: 0, last: now });
        if now.saturating_duration_since(entry.last) >= MEMORY {
            entry.count = 0;
        }
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
    }

    /// The password was right: failures are forgotten.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        let Some(failures) = &self.failures else { return };
        let mut table = failures.lock().unwrap_or_else(PoisonError::into_inner);
        table.remove(&(account.to_owned(), block(address)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn registrations_an_hour() {
        let gates = Gates::new(&Limits { register_per_h: 2, ..Limits::default() });
        assert!(gates.check(Gate::Register, HERE).is_ok() && gates.check(Gate::Register, HERE).is_ok());
        let refusal = gates.check(Gate::Register, HERE).unwrap_err();
        assert_eq!(refusal.code, Code::RateLimited);
        assert!((1_700_000..=1_800_000).contains(&refusal.retry_after_ms), "{refusal:?}");
        assert!(gates.check(Gate::Register, "192.0.2.2".parse().unwrap()).is_ok());
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let gates = Gates::new(&Limits { register_per_h: 1, ..Limits::default() });
        let check = |text: &str| gates.check(Gate::Register, text.parse().unwrap()).is_ok();
        assert!(check("2001:db8::1") && !check("2001:db8::2") && check("2001:db8:0:1::1"));
        assert!(check("::ffff:192.0.2.1") && !check("192.0.2.1"));
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let buckets = Buckets::new(NonZeroU32::new(1000).map(Quota::per_second));
        let limiter = buckets.limiter.as_ref().unwrap();
        buckets.check(&1).unwrap();
        while !limiter.is_empty() {
            buckets.sweep(limiter, Instant::now() + SWEEP);
            *buckets.swept.lock().unwrap() = Instant::now();
        }
        buckets.check(&2).unwrap();
        assert_eq!(limiter.len(), 1);
    }

    #[test]
    fn off_is_off() {
        for limits in
            [Limits { enabled: false, ..Limits::default() }, Limits { register_per_h: 0, sign_in_per_min: 0, ..Limits::default() }]
        {
            let gates = Gates::new(&limits);
            for _ in 0..100 {
                gates.failed("bob", HERE);
                assert!(gates.check(Gate::Register, HERE).is_ok() && gates.sign_in("bob", HERE).is_ok());
            }
        }
    }

    #[test]
    fn accounts_are_counted_apart_from_addresses() {
        let gates = Gates::new(&Limits { sign_in_per_min: 2, ..Limits::default() });
        let from = |n: u8, account: &str| gates.sign_in(account, IpAddr::from([192, 0, 2, n])).is_ok();
        assert!(from(1, "bob") && from(2, "bob") && !from(3, "bob"));
        assert!(from(4, "eve") && from(4, "eva") && !from(4, "zoe"));
    }

    #[test]
    fn delay_doubles_and_is_forgotten() {
        let gates = Gates::new(&Limits::default());
        let start = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..12 {
            gates.failed_at("bob", HERE, start);
            waits.push(gates.wait("bob", HERE, start).err().map_or(0, |refusal| refusal.retry_after_ms));
        }
        assert_eq!(waits[..8], [0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000]);
        assert_eq!(waits[8..], [30_000; 4]);
        assert!(gates.wait("bob", "192.0.2.9".parse().unwrap(), start).is_ok());
        assert!(gates.wait("bob", HERE, start + LONGEST_DELAY).is_ok());
        gates.failed_at("bob", HERE, start + MEMORY);
        assert!(gates.wait("bob", HERE, start + MEMORY).is_ok());
        gates.failed_at("eve", HERE, start);
        gates.succeeded("eve", HERE);
        assert!(gates.wait("eve", HERE, start).is_ok());
    }

    #[test]
    fn messages() {
        let gates = Gates::new(&Limits { send_per_s: 1, send_burst: 3, send_per_room_min: 2, ..Limits::default() });
        let (user, room) = (UserId::new(), RoomId::new());
        assert!(gates.send(user, room).is_ok() && gates.send(user, room).is_ok());
        assert!(gates.send(user, room).is_err());
        assert!(gates.send(UserId::new(), room).is_ok());
    }
}
