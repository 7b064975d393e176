//! The history checker, checked: good histories pass, and each way to spoil one is found by the check that is there for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test that fails says why and ends")]

#[path = "../history/mod.rs"]
mod history;

use history::{
    check::{self, Config, Outcome, SECOND},
    generate::{self, Random, Size},
    load::History,
    mutate,
    record::{Line, Op, Phase, Recorder, hash},
    report::{self, Verdict},
};
use std::collections::BTreeMap;

fn judge(lines: &[Line]) -> (History, Outcome) {
    let history = History::from_lines(lines);
    let outcome = check::run(&history, &Config::default());
    (history, outcome)
}

fn good(seed: u64) -> Vec<Line> {
    generate::history(seed, &Size::default())
}

#[test]
fn good_histories_pass() {
    let mut examined: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..200 {
        let (history, outcome) = judge(&good(seed));
        assert_eq!(Verdict::of(&outcome), Verdict::Green, "{}", report::text(&history, &outcome, &format!("seed {seed}")));
        for (name, tally) in &outcome.checks {
            *examined.entry(name).or_default() += tally.examined;
        }
    }
    assert!(examined.values().all(|count| *count >= 1_000), "a check that sees nothing says nothing: {examined:?}");
}

#[test]
fn each_way_to_spoil_one_is_found() {
    const WANTED: usize = 50;
    let histories: Vec<Vec<Line>> = (0..200).map(good).collect();
    for mutator in mutate::ALL {
        let mut found = 0;
        for (seed, lines) in (0..).zip(&histories) {
            let mut lines = lines.clone();
            if (mutator.spoil)(&mut lines, &mut Random::new(seed)).is_none() {
                continue;
            }
            let (history, outcome) = judge(&lines);
            let caught = outcome.of(mutator.caught_by).violations > 0;
            assert!(
                caught,
                "{}, seed {seed}, not found by {}:\n{}",
                mutator.name,
                mutator.caught_by,
                report::text(&history, &outcome, "-")
            );
            found += 1;
            if found == WANTED {
                break;
            }
        }
        assert!(found == WANTED, "{}: too few histories can be spoilt so, {found}", mutator.name);
    }
}

#[test]
fn there_are_enough_ways_and_each_check_has_one() {
    assert!(mutate::ALL.len() >= 15);
    for check in 1..=14 {
        let name = format!("K{check}");
        assert!(mutate::ALL.iter().any(|mutator| mutator.caught_by == name), "nothing tries {name}");
    }
}

#[test]
fn recorders_write_what_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("one.jsonl"), folder.path().join("two.jsonl")];
    let recorders = paths.each_ref().map(|path| Recorder::create(path).unwrap());
    let lines = good(7);
    std::thread::scope(|threads| {
        for part in 0..4 {
            let (recorder, lines) = (recorders[part % 2].clone(), &lines);
            threads.spawn(move || lines.iter().skip(part).step_by(4).for_each(|line| recorder.write(line).unwrap()));
        }
    });
    recorders.iter().for_each(|recorder| recorder.flush().unwrap());
    let history = History::from_files(&paths).unwrap();
    assert_eq!((history.events.len(), history.seed), (lines.len(), Some(7)));
    let middle = &history.events[history.events.len() / 2];
    let around = history.around(middle.line, 20);
    assert!(around.len() >= 21, "{}", around.len());
    let shown = around.iter().find_map(|line| line.strip_prefix("> ")).unwrap();
    assert_eq!(serde_json::from_str::<Line>(shown).unwrap().t, middle.t);
}

#[test]
fn clocks_of_two_recorders_are_one_clock() {
    let folder = tempfile::tempdir().unwrap();
    let one = Recorder::create(&folder.path().join("one")).unwrap();
    let early = one.now();
    let other = Recorder::create(&folder.path().join("other")).unwrap();
    let (middle, late) = (other.now(), one.line(Op::Ping, Phase::Invoke).t);
    assert!(early > 0 && early <= middle && middle <= late, "{early} {middle} {late}");
}

#[test]
fn a_torn_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("torn.jsonl");
    std::fs::write(&path, "{\"t\":1,\"op\":\"ready\",\"phase\":\"event\"}\n{\"t\":2,\"op\":\"rea").unwrap();
    let error = History::from_files(&[path]).err().unwrap().to_string();
    assert!(error.contains("torn.jsonl:2"), "{error}");
}

#[test]
fn what_is_newer_than_the_checker_is_counted() {
    let mut lines = good(3);
    lines.push(Line::new(1, Op::Other, Phase::Event));
    let (history, outcome) = judge(&lines);
    assert_eq!((history.unknown, Verdict::of(&outcome)), (1, Verdict::Green));
}

#[test]
fn a_run_that_proves_nothing_is_void() {
    let unhurt = generate::history(1, &Size { kills: 0, ..Size::default() });
    let (history, outcome) = judge(&unhurt);
    assert_eq!(Verdict::of(&outcome), Verdict::Void);
    assert!(report::text(&history, &outcome, "-").contains("void: no fault was hit"));
    let config = Config { faults_wanted: false, ..Config::default() };
    assert_eq!(Verdict::of(&check::run(&history, &config)), Verdict::Green);

    let unread: Vec<Line> = good(1).into_iter().filter(|line| line.op != Op::Log).collect();
    assert!(judge(&unread).1.void.iter().any(|why| why.starts_with("no final reading")));

    let mut refused = good(1);
    for line in refused.iter_mut().filter(|line| line.op == Op::Ping && line.phase == Phase::Ok) {
        line.phase = Phase::Fail;
    }
    let strict = Config { void_below: 99.9, ..Config::default() };
    let history = History::from_lines(&refused);
    assert!(check::run(&history, &strict).void.iter().any(|why| why.contains("of all requests")));
}

#[test]
fn a_report_shows_the_counter_example() {
    let mut lines = good(5);
    let drop_acked = mutate::ALL.iter().find(|mutator| mutator.caught_by == "K1").unwrap();
    (drop_acked.spoil)(&mut lines, &mut Random::new(5)).unwrap();
    let (history, outcome) = judge(&lines);
    let text = report::text(&history, &outcome, "check_history run.jsonl");
    assert_eq!(Verdict::of(&outcome).exit_code(), 1);
    for part in ["K1 no acked loss", "seed 5; again: check_history run.jsonl", "\n  > {", "\nRed\n"] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn silence_is_a_failure_except_near_a_fault() {
    let ping = |t: u64, phase: Phase| {
        let (client, session) = (Some("c".to_owned()), Some("s".to_owned()));
        Line { client, session, call: Some(1), ..Line::new(t, Op::Ping, phase) }
    };
    let silent = || {
        let end = Line { code: Some("timeout".to_owned()), ..ping(4 * SECOND, Phase::Info) };
        vec![ping(SECOND, Phase::Invoke), end]
    };
    assert_eq!(judge(&silent()).1.of("K12").violations, 1);
    let mut hurt = silent();
    hurt.push(Line::new(2 * SECOND, Op::Kill, Phase::Event));
    hurt.push(Line::new(3 * SECOND, Op::Ready, Phase::Event));
    assert_eq!(judge(&hurt).1.of("K12").violations, 0);
}

#[test]
fn a_body_s_hash_is_the_beginning_of_its_sha_256() {
    assert_eq!(hash("abc"), "ba7816bf8f01cfea");
}

/// Histories that were red once stay red by the same check, and good ones good: `K6-…` must be found by K6.
#[test]
fn kept_histories_are_judged_as_they_were() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/histories");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    for path in files {
        let history = History::from_files(std::slice::from_ref(&path)).unwrap();
        let outcome = check::run(&history, &Config::default());
        let name = path.file_stem().unwrap().to_str().unwrap();
        let wanted = name.split('-').next().unwrap();
        let held = match wanted {
            "good" => Verdict::of(&outcome) == Verdict::Green,
            check => outcome.of(check).violations > 0,
        };
        assert!(held, "{name}:\n{}", report::text(&history, &outcome, &format!("check_history {}", path.display())));
    }
}
