import type { Member, PresenceRow } from '@chirm/client';

const ORDER = { online: 0, away: 1, offline: 2 } as const;

/** Who is there first, then by name. */
export function sortMembers(members: readonly Member[], presence: Readonly<Record<string, PresenceRow>>): Member[] {
  const rank = (member: Member) => ORDER[presence[member.user]?.state ?? 'offline'];
  return [...members].sort((a, b) => rank(a) - rank(b) || a.display_name.localeCompare(b.display_name));
}
