//! Ways to spoil a good history, each with the check that must find it: a checker that has never found anything is not to be trusted.
#![allow(clippy::ptr_arg, reason = "all of them have one type, for the table")]

use super::{
    check::SECOND,
    generate::Random,
    record::{Door, Line, Op, Phase, State, Via, hash},
};

/// One way.
pub struct Mutator {
    /// What is done.
    pub name: &'static str,
    /// The check that must find it; others may too.
    pub caught_by: &'static str,
    /// Does it; `None` where this history has nothing to be spoilt so.
    pub spoil: fn(&mut Vec<Line>, &mut Random) -> Option<()>,
}

/// All of them.
pub const ALL: &[Mutator] = &[
    Mutator { name: "an acknowledged message is dropped from the log", caught_by: "K1", spoil: drop_acked },
    Mutator { name: "two messages change places in the log", caught_by: "K1", spoil: swap_in_log },
    Mutator { name: "another body is stored than was sent", caught_by: "K1", spoil: other_body_stored },
    Mutator { name: "a message that nobody sent", caught_by: "K2", spoil: ghost },
    Mutator { name: "a stored message was refused", caught_by: "K2", spoil: refused_and_stored },
    Mutator { name: "a message is stored twice", caught_by: "K3", spoil: stored_twice },
    Mutator { name: "two answers name two seqs for one client_id", caught_by: "K3", spoil: two_seqs },
    Mutator { name: "duplicate is false twice", caught_by: "K3", spoil: twice_new },
    Mutator { name: "a hole in seq", caught_by: "K4", spoil: hole_in_seq },
    Mutator { name: "a hole in rev", caught_by: "K4", spoil: hole_in_rev },
    Mutator { name: "a hole after a restart", caught_by: "K4", spoil: hole_after_restart },
    Mutator { name: "another body in one session", caught_by: "K5", spoil: other_hash },
    Mutator { name: "one door misses the last message", caught_by: "K5", spoil: door_misses },
    Mutator { name: "two live messages in the wrong order", caught_by: "K6", spoil: out_of_order },
    Mutator { name: "a live message a second time", caught_by: "K6", spoil: repeated },
    Mutator { name: "a live message is never delivered", caught_by: "K6", spoil: lost_live },
    Mutator { name: "a sync leaves one out", caught_by: "K6", spoil: sync_leaves_out },
    Mutator { name: "a client stops before the head", caught_by: "K7", spoil: stops_early },
    Mutator { name: "a client was never told of one", caught_by: "K7", spoil: lost_live },
    Mutator { name: "unread is counted wrong", caught_by: "K7", spoil: wrong_unread },
    Mutator { name: "a message is seen and then gone", caught_by: "K8", spoil: early_event },
    Mutator { name: "a later message before an acknowledged one", caught_by: "K9", spoil: swap_everywhere },
    Mutator { name: "a history without the acknowledged", caught_by: "K9", spoil: stale_history },
    Mutator { name: "a sync without the acknowledged", caught_by: "K9", spoil: stale_sync },
    Mutator { name: "a watermark falls", caught_by: "K10", spoil: falling_receipt },
    Mutator { name: "read above delivered", caught_by: "K10", spoil: read_above_delivered },
    Mutator { name: "a watermark above the head", caught_by: "K10", spoil: over_the_head },
    Mutator { name: "an acknowledged watermark is lost", caught_by: "K10", spoil: receipt_lost },
    Mutator { name: "presence disagrees", caught_by: "K11", spoil: presence_disagrees },
    Mutator { name: "an answer is missing", caught_by: "K12", spoil: no_answer },
    Mutator { name: "an answer comes twice", caught_by: "K12", spoil: two_answers },
    Mutator { name: "an answer comes a minute late", caught_by: "K12", spoil: late_answer },
    Mutator { name: "a removed member hears a message", caught_by: "K13", spoil: leak },
    Mutator { name: "one in ten is unavailable", caught_by: "K14", spoil: unavailable },
];

fn pick(lines: &[Line], random: &mut Random, wanted: impl Fn(&Line) -> bool) -> Option<usize> {
    let found: Vec<usize> = (0..lines.len()).filter(|at| wanted(&lines[*at])).collect();
    if found.is_empty() { None } else { Some(found[random.below(found.len())]) }
}

fn is(line: &Line, op: Op, phase: Phase) -> bool {
    line.op == op && line.phase == phase
}

fn is_stored(line: &Line) -> bool {
    is(line, Op::Log, Phase::Event) && line.door != Some(Door::Restart)
}

fn is_acked(line: &Line) -> bool {
    is(line, Op::Send, Phase::Ok) && line.duplicate == Some(false)
}

fn is_live(line: &Line) -> bool {
    is(line, Op::Message, Phase::Event) && line.via.is_none()
}

fn acked(lines: &[Line], random: &mut Random) -> Option<Line> {
    pick(lines, random, is_acked).map(|at| lines[at].clone())
}

/// The head of a room in the final log.
fn head(lines: &[Line], room: &Option<String>) -> u32 {
    lines.iter().filter(|line| is_stored(line) && line.room == *room).filter_map(|line| line.seq).max().unwrap_or(0)
}

fn last_t(lines: &[Line]) -> u64 {
    lines.iter().map(|line| line.t).max().unwrap_or(0)
}

fn drop_acked(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let gone = acked(lines, random)?;
    lines.retain(|line| !(line.op == Op::Log && line.client_id == gone.client_id));
    Some(())
}

fn swap_in_log(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    let at = pick(lines, random, |line| is_acked(line) && line.room == one.room && line.seq != one.seq)?;
    let other = lines[at].clone();
    exchange(lines, &one, &other, is_stored);
    Some(())
}

/// Gives one's numbers to the other, on the lines that are meant.
fn exchange(lines: &mut [Line], one: &Line, other: &Line, meant: impl Fn(&Line) -> bool) {
    for line in lines.iter_mut().filter(|line| meant(line) && line.room == one.room && line.seq.is_some()) {
        let of = match &line.client_id {
            id if *id == one.client_id => other,
            id if *id == other.client_id => one,
            _ => continue,
        };
        (line.seq, line.rev) = (of.seq, of.rev);
    }
}

fn other_body_stored(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    lines.iter_mut().filter(|line| is_stored(line) && line.client_id == one.client_id).for_each(|line| line.hash = Some(hash("another")));
    Some(())
}

/// Adds a copy of a stored message behind the last one, through all doors.
fn append_copy(lines: &mut Vec<Line>, of: &Line, change: impl Fn(&mut Line)) {
    let next = head(lines, &of.room) + 1;
    let mut copies: Vec<Line> = lines.iter().filter(|line| is_stored(line) && line.client_id == of.client_id).cloned().collect();
    for copy in &mut copies {
        (copy.seq, copy.rev) = (Some(next), Some(next));
        change(copy);
    }
    let ends = lines.iter_mut().filter(|line| is(line, Op::Log, Phase::Ok) && line.room == of.room && line.door != Some(Door::Restart));
    ends.for_each(|line| (line.seq, line.rev) = (Some(next), Some(next)));
    lines.extend(copies);
}

fn ghost(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    let id = format!("ghost-{}", random.next());
    append_copy(lines, &one, |copy| copy.client_id = Some(id.clone()));
    Some(())
}

fn refused_and_stored(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    for line in lines.iter_mut().filter(|line| line.op == Op::Send && line.client_id == one.client_id && line.phase != Phase::Invoke) {
        line.phase = Phase::Fail;
        line.code = Some("rate_limited".to_owned());
    }
    Some(())
}

fn stored_twice(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    append_copy(lines, &one, |_| {});
    Some(())
}

/// A retry of an acknowledged message, later on and in the same session, answered as wished.
fn retry(lines: &mut Vec<Line>, random: &mut Random, change: impl Fn(&mut Line)) -> Option<()> {
    let one = acked(lines, random)?;
    let call = Some(1_000_000);
    let mut again = Line { t: one.t + 2, call, ..one.clone() };
    lines.push(Line { t: one.t + 1, phase: Phase::Invoke, call, seq: None, rev: None, duplicate: None, ..one });
    again.duplicate = Some(true);
    change(&mut again);
    lines.push(again);
    Some(())
}

fn two_seqs(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    retry(lines, random, |again| again.seq = again.seq.map(|seq| seq + 1))
}

fn twice_new(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    retry(lines, random, |again| again.duplicate = Some(false))
}

/// Shifts the numbers of everything stored from some place on.
fn shift(lines: &mut [Line], random: &mut Random, meant: fn(&Line) -> bool, by: fn(&mut Line)) -> Option<()> {
    let from = lines[pick(lines, random, meant)?].clone();
    let from_here = |line: &&mut Line| meant(line) && line.room == from.room && line.seq >= from.seq;
    lines.iter_mut().filter(from_here).for_each(by);
    Some(())
}

fn hole_in_seq(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    shift(lines, random, is_stored, |line| line.seq = line.seq.map(|seq| seq + 1))
}

fn hole_in_rev(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    shift(lines, random, is_stored, |line| line.rev = line.rev.map(|rev| rev + 1))
}

fn hole_after_restart(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| is(line, Op::Log, Phase::Event) && line.door == Some(Door::Restart))?;
    lines.remove(at);
    Some(())
}

fn other_hash(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| is(line, Op::Message, Phase::Event))?;
    lines[at].hash = Some(hash("split"));
    Some(())
}

fn door_misses(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| is_stored(line) && line.door != Some(Door::Db) && line.seq == Some(head(lines, &line.room)))?;
    lines.remove(at);
    Some(())
}

fn out_of_order(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let next_of = |line: &Line| {
        lines.iter().position(|next| {
            is_live(next)
                && next.session == line.session
                && next.room == line.room
                && next.rev == line.rev.map(|rev| rev + 1)
                && next.t > line.t
        })
    };
    let at = pick(lines, random, |line| is_live(line) && next_of(line).is_some())?;
    let other = next_of(&lines[at])?;
    (lines[at].t, lines[other].t) = (lines[other].t, lines[at].t);
    Some(())
}

fn repeated(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let again = lines[pick(lines, random, is_live)?].clone();
    lines.push(Line { t: again.t + 1, ..again });
    Some(())
}

/// A live message that is followed by another one: of the last one nobody could tell before the end.
fn lost_live(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let drained = |line: &Line| {
        lines.iter().any(|end| end.op == Op::Drained && end.client == line.client && end.room == line.room && end.after_rev < line.rev)
    };
    let followed = |line: &Line| {
        lines
            .iter()
            .any(|next| is_live(next) && next.session == line.session && next.room == line.room && next.rev == line.rev.map(|rev| rev + 1))
    };
    // The client may have seen it another time: everything that it was told under this number goes.
    let at = pick(lines, random, |line| is_live(line) && followed(line) && drained(line))?;
    let gone = lines[at].clone();
    lines.retain(|line| !(line.op == Op::Message && line.client == gone.client && line.room == gone.room && line.rev == gone.rev));
    Some(())
}

fn sync_leaves_out(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| line.op == Op::Message && line.via == Some(Via::Sync) && line.repeat.is_none())?;
    lines.remove(at);
    Some(())
}

fn stops_early(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| line.op == Op::Drained && line.rev > Some(0))?;
    lines[at].rev = lines[at].rev.map(|rev| rev - 1);
    Some(())
}

fn wrong_unread(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| line.op == Op::Drained)?;
    lines[at].unread = lines[at].unread.map(|unread| unread + 1);
    Some(())
}

fn early_event(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let mut early = lines[pick(lines, random, is_live)?].clone();
    let next = head(lines, &early.room) + 1;
    (early.t, early.seq, early.rev) = (early.t + 1, Some(next), Some(next));
    lines.push(early);
    Some(())
}

/// Consistent in every line, and still against real time.
fn swap_everywhere(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let one = acked(lines, random)?;
    let begun = |of: &Line| {
        lines.iter().filter(|line| is(line, Op::Send, Phase::Invoke) && line.client_id == of.client_id).map(|line| line.t).min()
    };
    let at = pick(lines, random, |line| is_acked(line) && line.room == one.room && begun(line) > Some(one.t))?;
    let other = lines[at].clone();
    exchange(lines, &one, &other, |_| true);
    Some(())
}

/// A read at the end of the run that does not reach the last acknowledged message.
fn stale(lines: &mut Vec<Line>, random: &mut Random, op: Op) -> Option<()> {
    let known = |room: &Option<String>| {
        lines.iter().filter(|line| is_acked(line) && line.room == *room).filter_map(|line| line.seq).max().unwrap_or(0)
    };
    let from = acked(lines, random)?;
    let (t, reached) = (last_t(lines), known(&from.room).checked_sub(1)?);
    let base =
        Line { client: from.client, session: from.session, room: from.room, call: Some(2_000_000), ..Line::new(t + 1, op, Phase::Invoke) };
    let after_rev = Some(reached).filter(|_| op == Op::Sync);
    lines.push(Line { after_rev, ..base.clone() });
    let (seq, rev) = (Some(reached).filter(|_| op == Op::History), after_rev);
    lines.push(Line { t: t + 2, phase: Phase::Ok, seq, rev, after_rev, more: Some(false), ..base });
    Some(())
}

fn stale_history(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    stale(lines, random, Op::History)
}

fn stale_sync(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    stale(lines, random, Op::Sync)
}

fn is_receipt(line: &Line) -> bool {
    is(line, Op::Receipt, Phase::Event) && line.door.is_none()
}

fn falling_receipt(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let mut again = lines[pick(lines, random, |line| is_receipt(line) && line.delivered_seq > Some(0))?].clone();
    again.t += 1;
    again.delivered_seq = again.delivered_seq.map(|seq| seq - 1);
    again.read_seq = None;
    lines.push(again);
    Some(())
}

fn read_above_delivered(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, is_receipt)?;
    lines[at].read_seq = lines[at].delivered_seq.map(|seq| seq + 1);
    Some(())
}

fn over_the_head(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, is_receipt)?;
    lines[at].delivered_seq = Some(head(lines, &lines[at].room) + 1);
    Some(())
}

fn receipt_lost(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let is_final = |line: &Line| line.op == Op::Receipt && line.door == Some(Door::Db) && line.read_seq > Some(0);
    let of = lines[pick(lines, random, |line| {
        is_final(line) && lines.iter().any(|sent| is_acked(sent) && sent.room == line.room && sent.user == line.user)
    })?]
    .clone();
    lines.iter_mut().filter(|line| is_final(line) && line.room == of.room && line.user == of.user).for_each(|line| line.read_seq = Some(0));
    Some(())
}

fn presence_disagrees(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    // The last that a session with a long, quiet end was told of somebody.
    let last = |line: &Line| {
        !lines.iter().any(|next| next.op == Op::Presence && next.session == line.session && next.user == line.user && next.t > line.t)
    };
    let lived = |line: &Line| {
        lines.iter().any(|end| is(end, Op::Session, Phase::Close) && end.session == line.session && end.t > line.t + 60 * SECOND)
    };
    let at =
        pick(lines, random, |line| is(line, Op::Presence, Phase::Event) && line.state == Some(State::Online) && last(line) && lived(line))?;
    lines[at].state = Some(State::Offline);
    Some(())
}

fn no_answer(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| line.call.is_some() && line.op != Op::Log && line.phase == Phase::Ok)?;
    lines.remove(at);
    Some(())
}

fn two_answers(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let again = lines[pick(lines, random, |line| line.call.is_some() && line.op != Op::Log && line.phase == Phase::Ok)?].clone();
    lines.push(Line { t: again.t + 1, ..again });
    Some(())
}

fn late_answer(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let at = pick(lines, random, |line| line.call.is_some() && line.op != Op::Log && line.phase == Phase::Ok)?;
    lines[at].t += 60 * SECOND;
    Some(())
}

/// Somebody is removed when all is over, and hears something ten seconds later.
fn leak(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let heard = lines[pick(lines, random, |line| is_live(line) && line.client.is_some())?].clone();
    let user = lines.iter().find(|line| is(line, Op::Session, Phase::Open) && line.session == heard.session)?.user.clone();
    let t = last_t(lines);
    let base = Line { room: heard.room.clone(), user, call: Some(3_000_000), ..Line::new(t + 1, Op::Remove, Phase::Invoke) };
    lines.push(base.clone());
    lines.push(Line { t: t + 2, phase: Phase::Ok, ..base });
    lines.push(Line { t: t + 10 * SECOND, ..heard });
    Some(())
}

fn unavailable(lines: &mut Vec<Line>, random: &mut Random) -> Option<()> {
    let last = lines.iter().filter(|line| line.op == Op::Ready).map(|line| line.t).max().unwrap_or(0) + 3 * SECOND;
    let mut count = 0;
    for line in lines.iter_mut().filter(|line| line.phase == Phase::Ok && line.call.is_some() && line.op != Op::Log && line.t > last) {
        if random.one_in(10) || count == 0 {
            line.phase = Phase::Info;
            line.code = Some("unavailable".to_owned());
            count += 1;
        }
    }
    (count > 0).then_some(())
}
