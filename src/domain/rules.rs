//! Who may what, as functions of what is already known. What is visible at all is decided first: see [`outsider`].

use super::{Millis, Refusal, Role, RoomKind, ServerRole, UserId};

/// In which capacity somebody acts on a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// As one of its members.
    Member(Role),
    /// By their role on the server, whether they are a member or not.
    Server(ServerRole),
}

impl Standing {
    /// Those who manage the server act like an owner of every room; others, without a seat in it, like nobody.
    fn rank(self) -> Option<Role> {
        match self {
            Self::Member(role) => Some(role),
            Self::Server(ServerRole::Admin | ServerRole::Owner) => Some(Role::Owner),
            Self::Server(ServerRole::Member) => None,
        }
    }

    fn at_least(self, least: Role, what: &'static str) -> Result<(), Refusal> {
        if self.rank() >= Some(least) { Ok(()) } else { Err(Refusal::forbidden(what)) }
    }
}

fn not_direct(kind: RoomKind, why: &'static str) -> Result<(), Refusal> {
    if kind == RoomKind::Direct { Err(Refusal::conflict(why)) } else { Ok(()) }
}

/// What somebody who is not in a room is told: that a private one exists is not for them to know.
pub fn outsider(kind: RoomKind) -> Refusal {
    match kind {
        RoomKind::Channel => Refusal::not_member(),
        RoomKind::Direct | RoomKind::Group => Refusal::not_found("room"),
    }
}

/// Whether a message may be stored in a room that is, or isn't, archived.
pub fn may_post(archived_at: Option<Millis>) -> Result<(), Refusal> {
    match archived_at {
        Some(_) => Err(Refusal::conflict("This room is archived: it can only be read.")),
        None => Ok(()),
    }
}

/// Whether somebody may join a room by themselves.
pub fn may_join(kind: RoomKind, archived_at: Option<Millis>) -> Result<(), Refusal> {
    match (kind, archived_at) {
        (RoomKind::Direct | RoomKind::Group, _) => Err(Refusal::not_found("room")),
        (RoomKind::Channel, Some(_)) => Err(Refusal::conflict("This channel is archived.")),
        (RoomKind::Channel, None) => Ok(()),
    }
}

/// Whether a member may leave.
pub fn may_leave(kind: RoomKind, lobby: bool) -> Result<(), Refusal> {
    not_direct(kind, "A direct room cannot be left.")?;
    if lobby { Err(Refusal::conflict("Everybody is in the lobby.")) } else { Ok(()) }
}

/// Name and topic.
pub fn may_describe(kind: RoomKind, who: Standing) -> Result<(), Refusal> {
    not_direct(kind, "A direct room has no name or topic.")?;
    who.at_least(Role::Admin, "Only administrators of this room may change its name and topic.")
}

/// Making a room read-only, and undoing it.
pub fn may_archive(kind: RoomKind, who: Standing) -> Result<(), Refusal> {
    not_direct(kind, "A direct room cannot be archived.")?;
    who.at_least(Role::Owner, "Only an owner of this room may archive it.")
}

/// Deleting a room for good.
pub fn may_delete(kind: RoomKind, lobby: bool, who: Standing) -> Result<(), Refusal> {
    not_direct(kind, "A direct room cannot be deleted.")?;
    who.at_least(Role::Owner, "Only an owner of this room may delete it.")?;
    if lobby { Err(Refusal::conflict("The lobby cannot be deleted.")) } else { Ok(()) }
}

/// Turning a group into a channel and back: this shows or hides what people wrote, so it is for the server's administrators.
pub fn may_change_kind(from: RoomKind, to: RoomKind, lobby: bool, who: Standing) -> Result<(), Refusal> {
    if from == to {
        return Ok(());
    }
    match who {
        Standing::Server(ServerRole::Admin | ServerRole::Owner) => {}
        _ => {
            return Err(Refusal::forbidden("Only administrators of the server may change a room's kind."));
        }
    }
    not_direct(from, "A direct room stays one.")?;
    not_direct(to, "A room cannot become a direct one.")?;
    if lobby { Err(Refusal::conflict("The lobby stays a channel.")) } else { Ok(()) }
}

/// Bringing somebody in (`now` is none), or giving a member another role.
pub fn may_put(kind: RoomKind, who: Standing, now: Option<Role>, wanted: Role) -> Result<(), Refusal> {
    not_direct(kind, "A direct room has two members, for ever.")?;
    who.at_least(Role::Admin, "Only administrators of this room may manage its members.")?;
    if now.max(Some(wanted)) > Some(Role::Member) && now != Some(wanted) {
        who.at_least(Role::Owner, "Only an owner of this room may make and unmake its administrators.")?;
    }
    Ok(())
}

/// Showing a member out.
pub fn may_remove(kind: RoomKind, who: Standing, target: Role) -> Result<(), Refusal> {
    not_direct(kind, "A direct room has two members, for ever.")?;
    who.at_least(Role::Admin, "Only administrators of this room may remove members.")?;
    if target > Role::Member {
        who.at_least(Role::Owner, "Only an owner of this room may remove its administrators.")?;
    }
    Ok(())
}

/// Whether the only owner of a room may get another role while staying in it.
pub fn may_step_down(others_own: bool) -> Result<(), Refusal> {
    if others_own { Ok(()) } else { Err(Refusal::conflict("A room keeps at least one owner: make another one first.")) }
}

/// Who owns a room after its last owner left: the longest-serving administrator, else the longest-serving member.
pub fn heir(others: impl IntoIterator<Item = (UserId, Role, Millis)>) -> Option<UserId> {
    others.into_iter().min_by_key(|&(user, role, joined)| (std::cmp::Reverse(role), joined, user)).map(|(user, _, _)| user)
}

/// Whether somebody may use what is for the server's administrators.
pub fn may_administer(who: ServerRole) -> Result<(), Refusal> {
    if who > ServerRole::Member { Ok(()) } else { Err(Refusal::forbidden("This is for administrators.")) }
}

/// Giving a user another role on the server. `others_own`: there is another owner besides the target.
pub fn may_set_server_role(who: ServerRole, from: ServerRole, to: ServerRole, others_own: bool) -> Result<(), Refusal> {
    may_administer(who)?;
    if from == to {
        return Ok(());
    }
    // Any change makes or unmakes an administrator or an owner.
    if who != ServerRole::Owner {
        return Err(Refusal::forbidden("Only an owner may make and unmake administrators and owners."));
    }
    if from == ServerRole::Owner && !others_own {
        return Err(Refusal::conflict("The server keeps at least one owner: make another one first."));
    }
    Ok(())
}

/// Locking a user out, or letting them in again.
pub fn may_disable(who: ServerRole, target: ServerRole, oneself: bool, others_own: bool) -> Result<(), Refusal> {
    may_administer(who)?;
    if oneself {
        return Err(Refusal::conflict("You cannot lock yourself out."));
    }
    if target > ServerRole::Member && who != ServerRole::Owner {
        return Err(Refusal::forbidden("Only an owner may lock out administrators."));
    }
    if target == ServerRole::Owner && !others_own {
        return Err(Refusal::conflict("The server keeps at least one owner."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code::{self, Conflict, Forbidden, NotFound, NotMember};
    use RoomKind::{Channel, Direct, Group};

    const MEMBER: Standing = Standing::Member(Role::Member);
    const ADMIN: Standing = Standing::Member(Role::Admin);
    const OWNER: Standing = Standing::Member(Role::Owner);
    const STAFF: Standing = Standing::Server(ServerRole::Admin);
    const NOBODY: Standing = Standing::Server(ServerRole::Member);

    fn code(outcome: Result<(), Refusal>) -> Option<Code> {
        outcome.err().map(|refusal| refusal.code)
    }

    #[test]
    fn coming_and_going() {
        let archived = Some(Millis(1));
        assert_eq!(outsider(Channel).code, NotMember);
        assert_eq!(outsider(Group).code, NotFound);
        assert_eq!(outsider(Direct).code, NotFound);
        for (kind, archived_at, wanted) in
            [(Channel, None, None), (Channel, archived, Some(Conflict)), (Group, None, Some(NotFound)), (Direct, None, Some(NotFound))]
        {
            assert_eq!(code(may_join(kind, archived_at)), wanted, "{kind:?}");
        }
        for (kind, lobby, wanted) in
            [(Channel, false, None), (Channel, true, Some(Conflict)), (Group, false, None), (Direct, false, Some(Conflict))]
        {
            assert_eq!(code(may_leave(kind, lobby)), wanted, "{kind:?}");
        }
        assert_eq!(code(may_post(None)), None);
        assert_eq!(code(may_post(archived)), Some(Conflict));
    }

    #[test]
    fn rooms() {
        for (who, describe, archive, delete, kind) in [
            (NOBODY, Some(Forbidden), Some(Forbidden), Some(Forbidden), Some(Forbidden)),
            (MEMBER, Some(Forbidden), Some(Forbidden), Some(Forbidden), Some(Forbidden)),
            (ADMIN, None, Some(Forbidden), Some(Forbidden), Some(Forbidden)),
            (OWNER, None, None, None, Some(Forbidden)),
            (STAFF, None, None, None, None),
        ] {
            assert_eq!(code(may_describe(Group, who)), describe, "{who:?}");
            assert_eq!(code(may_archive(Channel, who)), archive, "{who:?}");
            assert_eq!(code(may_delete(Group, false, who)), delete, "{who:?}");
            assert_eq!(code(may_change_kind(Group, Channel, false, who)), kind, "{who:?}");
            assert_eq!(code(may_describe(Direct, who)), Some(Conflict));
            assert_eq!(code(may_archive(Direct, who)), Some(Conflict));
            assert_eq!(code(may_delete(Direct, false, who)), Some(Conflict));
        }
        assert_eq!(code(may_delete(Channel, true, STAFF)), Some(Conflict));
        assert_eq!(code(may_change_kind(Channel, Group, true, STAFF)), Some(Conflict));
        assert_eq!(code(may_change_kind(Group, Direct, false, STAFF)), Some(Conflict));
        assert_eq!(code(may_change_kind(Group, Group, false, MEMBER)), None);
    }

    #[test]
    fn members() {
        use Role::{Admin, Member, Owner};
        for (who, now, wanted, put) in [
            (MEMBER, None, Member, Some(Forbidden)),
            (ADMIN, None, Member, None),
            (ADMIN, None, Admin, Some(Forbidden)),
            (ADMIN, Some(Member), Admin, Some(Forbidden)),
            (ADMIN, Some(Admin), Member, Some(Forbidden)),
            (ADMIN, Some(Admin), Admin, None),
            (OWNER, Some(Member), Owner, None),
            (OWNER, Some(Owner), Member, None),
            (STAFF, None, Owner, None),
            (NOBODY, None, Member, Some(Forbidden)),
        ] {
            assert_eq!(code(may_put(Group, who, now, wanted)), put, "{who:?} {now:?} {wanted:?}");
            assert_eq!(code(may_put(Direct, who, now, wanted)), Some(Conflict));
        }
        for (who, target, wanted) in [
            (MEMBER, Member, Some(Forbidden)),
            (ADMIN, Member, None),
            (ADMIN, Admin, Some(Forbidden)),
            (OWNER, Owner, None),
            (STAFF, Owner, None),
        ] {
            assert_eq!(code(may_remove(Channel, who, target)), wanted, "{who:?} {target:?}");
            assert_eq!(code(may_remove(Direct, who, target)), Some(Conflict));
        }
        assert_eq!(code(may_step_down(false)), Some(Conflict));
        assert_eq!(code(may_step_down(true)), None);
    }

    #[test]
    fn heirs() {
        let [a, b, c] = [UserId::new(), UserId::new(), UserId::new()];
        let seats = |roles: [Role; 3], joined: [i64; 3]| {
            [a, b, c].into_iter().zip(roles).zip(joined).map(|((user, role), at)| (user, role, Millis(at))).collect::<Vec<_>>()
        };
        use Role::{Admin, Member};
        for (roles, joined, wanted) in [
            ([Member, Member, Member], [3, 2, 1], c),
            ([Member, Admin, Admin], [1, 3, 2], c),
            ([Admin, Member, Member], [9, 1, 1], a),
            ([Member, Member, Member], [1, 1, 1], a),
        ] {
            assert_eq!(heir(seats(roles, joined)), Some(wanted));
        }
        assert_eq!(heir([]), None);
    }

    #[test]
    fn the_server() {
        use ServerRole::{Admin, Member, Owner};
        for (who, from, to, others_own, wanted) in [
            (Member, Member, Admin, true, Some(Forbidden)),
            (Admin, Member, Admin, true, Some(Forbidden)),
            (Admin, Owner, Member, true, Some(Forbidden)),
            (Admin, Member, Member, true, None),
            (Owner, Member, Owner, true, None),
            (Owner, Admin, Member, false, None),
            (Owner, Owner, Member, true, None),
            (Owner, Owner, Admin, false, Some(Conflict)),
        ] {
            assert_eq!(code(may_set_server_role(who, from, to, others_own)), wanted, "{who:?} {from:?} {to:?}");
        }
        for (who, target, oneself, others_own, wanted) in [
            (Member, Member, false, true, Some(Forbidden)),
            (Admin, Member, false, true, None),
            (Admin, Admin, false, true, Some(Forbidden)),
            (Admin, Admin, true, true, Some(Conflict)),
            (Owner, Admin, false, false, None),
            (Owner, Owner, false, true, None),
            (Owner, Owner, false, false, Some(Conflict)),
        ] {
            assert_eq!(code(may_disable(who, target, oneself, others_own)), wanted, "{who:?} {target:?}");
        }
    }
}
