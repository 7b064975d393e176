ALTER TABLE users DROP COLUMN share_last_seen;
ALTER TABLE users DROP COLUMN share_read_receipts;
