//! Requests about rooms that memory does not know as the caller's.

use super::*;

#[test]
fn who_joined_while_it_was_explained_need_not_try_again() {
    let asked = |known: bool, result: Result<(), Refusal>| {
        let mut bench = Bench::new();
        let conn = bench.enter(1, &[]);
        bench.send(conn, RoomRef::Id(RoomId::from([8; 16])));
        let Some(Job::Explain { conn, id, ask, .. }) = bench.out.jobs.pop() else { panic!("memory knows no such member") };
        if known {
            let joined = Change::MemberJoined { head: head(8, 0, 0), user: user(1), membership: mine(), peer: None };
            bench.state.apply(joined, NOW, &mut bench.out);
            bench.clear();
        }
        bench.state.explained(conn, id, *ask, result, NOW, &mut bench.out);
        assert!(bench.out.jobs.is_empty(), "the database is asked once");
        (bench.out.entries.len(), bench.said().concat())
    };
    assert_eq!(asked(true, Ok(())), (1, String::new()));
    for (known, result, code) in [
        (false, Ok(()), "unavailable"),
        (true, Err(Refusal::unavailable()), "unavailable"),
        (false, Err(Refusal::not_found("room")), "not_found"),
    ] {
        let (entries, said) = asked(known, result);
        assert!(entries == 0 && said.starts_with("reply 1 {\"id\":5,\"error\":{\"code\":\"") && said.contains(code), "{said}");
    }
}
