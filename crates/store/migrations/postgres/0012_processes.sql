-- As sqlite/0007_processes.sql.
ALTER TABLE job ADD COLUMN process TEXT COLLATE "C";
