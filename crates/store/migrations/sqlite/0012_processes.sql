-- How others on its machine tell whether this process lives (`tradewind_python::Life`); nothing when that cannot be told.
ALTER TABLE job ADD COLUMN process TEXT;
