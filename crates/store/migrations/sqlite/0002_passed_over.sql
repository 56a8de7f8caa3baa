-- The data interval of the newest missed run that somebody passed over by unpausing "from now": the schedule goes on after it.
ALTER TABLE dag ADD COLUMN passed_over_start INTEGER;
ALTER TABLE dag ADD COLUMN passed_over_end INTEGER;
