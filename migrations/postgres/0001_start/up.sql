-- Texts compare byte by byte ("C"), as they do in SQLite, whatever the database's own locale is.
CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE users (
    id                BYTEA NOT NULL PRIMARY KEY,
    username          TEXT COLLATE "C" NOT NULL,
    username_skeleton TEXT COLLATE "C" NOT NULL,
    display_name      TEXT COLLATE "C" NOT NULL,
    display_folded    TEXT COLLATE "C" NOT NULL,
    role              SMALLINT NOT NULL,
    guest             BOOLEAN NOT NULL,
    password_hash     TEXT COLLATE "C",
    created_at        BIGINT NOT NULL,
    last_seen         BIGINT,
    disabled_at       BIGINT
);
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_skeleton ON users (username_skeleton);
CREATE INDEX users_display ON users (display_folded);
CREATE INDEX users_staff ON users (role) WHERE role > 0;

CREATE TABLE sessions (
    id         BYTEA NOT NULL PRIMARY KEY,
    user_id    BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BYTEA NOT NULL,
    device     TEXT COLLATE "C",
    address    TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, last_seen);

-- A room's own small number, from which its messages have theirs.
CREATE TABLE rooms (
    no           BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE CHECK (no BETWEEN 1 AND 134217727),
    id           BYTEA NOT NULL PRIMARY KEY,
    kind         SMALLINT NOT NULL,
    name         TEXT COLLATE "C",
    name_folded  TEXT COLLATE "C",
    channel_name TEXT COLLATE "C",
    direct_key   BYTEA,
    topic        TEXT COLLATE "C" NOT NULL,
    members      BIGINT NOT NULL,
    last_seq     BIGINT NOT NULL,
    rev          BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    archived_at  BIGINT,
    deleted_at   BIGINT
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX rooms_channel_name ON rooms (channel_name);
CREATE UNIQUE INDEX rooms_direct_key ON rooms (direct_key);
CREATE INDEX rooms_deleted ON rooms (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    room_id       BYTEA NOT NULL,
    user_id       BYTEA NOT NULL,
    role          SMALLINT NOT NULL,
    read_seq      BIGINT NOT NULL,
    read_at       BIGINT NOT NULL,
    delivered_seq BIGINT NOT NULL,
    delivered_at  BIGINT NOT NULL,
    muted         BOOLEAN NOT NULL,
    joined_at     BIGINT NOT NULL,
    joined_seq    BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX memberships_user ON memberships (user_id, room_id);

-- id: the room's number times 2^36, plus seq. One room's messages lie side by side, in order.
CREATE TABLE messages (
    id         BIGINT  NOT NULL PRIMARY KEY,
    rev        BIGINT NOT NULL,
    author_id  BYTEA NOT NULL,
    client_id  BYTEA,
    body       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    reply_to   BIGINT,
    thread     BIGINT,
    mentions   BYTEA,
    edited_at  BIGINT,
    deleted_at BIGINT
);
-- The sender's own id comes first: such ids mostly rise, so that new rows meet in few pages.
CREATE UNIQUE INDEX messages_client ON messages (client_id, author_id);

CREATE TABLE mentions (
    user_id BYTEA NOT NULL,
    room_id BYTEA NOT NULL,
    seq     BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
);
CREATE INDEX mentions_room ON mentions (room_id, seq);

CREATE TABLE invites (
    id         BYTEA NOT NULL PRIMARY KEY,
    code_hash  BYTEA NOT NULL,
    made_by    BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    uses_left  BIGINT,
    used       BIGINT NOT NULL
);
CREATE UNIQUE INDEX invites_code ON invites (code_hash);

CREATE TABLE audit (
    id         BYTEA NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor      BYTEA,
    act        TEXT COLLATE "C" NOT NULL,
    target     TEXT COLLATE "C",
    detail     TEXT COLLATE "C",
    address    TEXT COLLATE "C",
    request_id TEXT COLLATE "C"
);
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
