//! What a scheduler does: lease and term, ownership of runs, planning, admission, dispatch, reaping.

pub mod waiting_room;
