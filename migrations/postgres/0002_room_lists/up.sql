-- What lists of rooms are ordered by: the last message's time, and the rooms that a member keeps on top.
ALTER TABLE rooms ADD COLUMN last_at BIGINT;
UPDATE rooms SET last_at = (SELECT created_at FROM messages WHERE messages.id = (rooms.no << 36) + rooms.last_seq);
ALTER TABLE memberships ADD COLUMN favourite BOOLEAN NOT NULL DEFAULT FALSE;
