CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id                BLOB NOT NULL PRIMARY KEY,
    username          TEXT NOT NULL,
    username_skeleton TEXT NOT NULL,
    display_name      TEXT NOT NULL,
    display_folded    TEXT NOT NULL,
    role              SMALLINT NOT NULL,
    guest             BOOLEAN NOT NULL,
    password_hash     TEXT,
    created_at        BIGINT NOT NULL,
    last_seen         BIGINT,
    disabled_at       BIGINT
);
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_skeleton ON users (username_skeleton);
CREATE INDEX users_display ON users (display_folded);
CREATE INDEX users_staff ON users (role) WHERE role > 0;

CREATE TABLE sessions (
    id         BLOB NOT NULL PRIMARY KEY,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    device     TEXT,
    address    TEXT,
    created_at BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, last_seen);

-- A room's own small number, from which its messages have theirs.
CREATE TABLE rooms (
    no           INTEGER NOT NULL PRIMARY KEY CHECK (no BETWEEN 1 AND 134217727),
    id           BLOB NOT NULL,
    kind         SMALLINT NOT NULL,
    name         TEXT,
    name_folded  TEXT,
    channel_name TEXT,
    direct_key   BLOB,
    topic        TEXT NOT NULL,
    members      BIGINT NOT NULL,
    last_seq     BIGINT NOT NULL,
    rev          BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    deleted_at   BIGINT
);
CREATE UNIQUE INDEX rooms_id ON rooms (id);
CREATE UNIQUE INDEX rooms_channel_name ON rooms (channel_name);
CREATE UNIQUE INDEX rooms_direct_key ON rooms (direct_key);
CREATE INDEX rooms_deleted ON rooms (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    room_id       BLOB NOT NULL,
    user_id       BLOB NOT NULL,
    role          SMALLINT NOT NULL,
    read_seq      BIGINT NOT NULL,
    read_at       BIGINT NOT NULL,
    delivered_seq BIGINT NOT NULL,
    delivered_at  BIGINT NOT NULL,
    muted         BOOLEAN NOT NULL,
    joined_at     BIGINT NOT NULL,
    joined_seq    BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX memberships_user ON memberships (user_id, room_id);

-- id: the room's number times 2^36, plus seq. One room's messages lie side by side, in order.
CREATE TABLE messages (
    id         INTEGER NOT NULL PRIMARY KEY,
    rev        BIGINT NOT NULL,
    author_id  BLOB NOT NULL,
    client_id  BLOB,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    reply_to   BIGINT,
    thread     BIGINT,
    mentions   BLOB,
    edited_at  BIGINT,
    deleted_at BIGINT
);
-- The sender's own id comes first: such ids mostly rise, so that new rows meet in few pages.
CREATE UNIQUE INDEX messages_client ON messages (client_id, author_id);

CREATE TABLE mentions (
    user_id BLOB NOT NULL,
    room_id BLOB NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
) WITHOUT ROWID;
CREATE INDEX mentions_room ON mentions (room_id, seq);

CREATE TABLE invites (
    id         BLOB NOT NULL PRIMARY KEY,
    code_hash  BLOB NOT NULL,
    made_by    BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    uses_left  BIGINT,
    used       BIGINT NOT NULL
);
CREATE UNIQUE INDEX invites_code ON invites (code_hash);

CREATE TABLE audit (
    id         BLOB NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor      BLOB,
    act        TEXT NOT NULL,
    target     TEXT,
    detail     TEXT,
    address    TEXT,
    request_id TEXT
) WITHOUT ROWID;
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
