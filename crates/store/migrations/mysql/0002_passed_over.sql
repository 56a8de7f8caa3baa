-- As sqlite/0002_passed_over.sql.
ALTER TABLE dag ADD COLUMN passed_over_start BIGINT;
ALTER TABLE dag ADD COLUMN passed_over_end BIGINT;
