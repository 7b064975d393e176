ALTER TABLE memberships DROP COLUMN favourite;
ALTER TABLE rooms DROP COLUMN last_at;
