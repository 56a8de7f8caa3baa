-- As sqlite/0007_processes.sql.
ALTER TABLE job ADD COLUMN process VARCHAR(1000);
