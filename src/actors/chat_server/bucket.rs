//! Token bucket.

/// How fast something may be done.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    /// On average, times a second; 0 for no limit.
    pub per_s: f32,
    /// At once after a rest.
    pub burst: f32,
}

impl Rate {
    /// No limit.
    pub const FREE: Self = Self { per_s: 0.0, burst: 0.0 };
}

/// What is left of a [`Rate`] for one caller. Eight bytes, because there is one for each member of each room.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bucket {
    used: f32,
    at_ms: u32,
}

impl Bucket {
    /// Takes one token at `now_ms` (any monotonic clock), or says after how many milliseconds there is one.
    pub fn take(&mut self, rate: Rate, now_ms: u32) -> Result<(), u32> {
        if rate.per_s <= 0.0 {
            return Ok(());
        }
        let passed = now_ms.wrapping_sub(self.at_ms) as f32 / 1000.0;
        self.at_ms = now_ms;
        self.used = (self.used - passed * rate.per_s).max(0.0);
        if self.used + 1.0 > rate.burst.max(1.0) {
            let over = self.used + 1.0 - rate.burst.max(1.0);
            return Err((over / rate.per_s * 1000.0).ceil() as u32);
        }
        self.used += 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_then_rate() {
        let rate = Rate { per_s: 5.0, burst: 3.0 };
        let mut bucket = Bucket::default();
        for _ in 0..3 {
            assert_eq!(bucket.take(rate, 1000), Ok(()));
        }
        assert_eq!(bucket.take(rate, 1000), Err(200));
        assert_eq!(bucket.take(rate, 1100), Err(100));
        assert_eq!(bucket.take(rate, 1200), Ok(()));
        assert_eq!(bucket.take(rate, 1200), Err(200));
        assert_eq!(bucket.take(Rate::FREE, 1200), Ok(()));
    }
}
