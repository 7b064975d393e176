-- What users let others know of them.
ALTER TABLE users ADD COLUMN share_read_receipts BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE users ADD COLUMN share_last_seen BOOLEAN NOT NULL DEFAULT TRUE;
