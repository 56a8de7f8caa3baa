//! One file per table: row type, reads, plain writes.

/// A row type with its columns. `COLUMNS` is the select list in the order of the fields; `QUALIFIED` the same with the alias, for joins.
macro_rules! row_type {
    ($(#[$doc:meta])* $vis:vis struct $name:ident as $alias:literal { $($(#[$fdoc:meta])* $field:ident : $type:ty,)+ }) => {
        $(#[$doc])*
        $vis struct $name { $($(#[$fdoc])* pub $field: $type,)+ }

        impl $name {
            /// The select list.
            pub const COLUMNS: &'static str = $crate::table::joined!($(stringify!($field)),+);
            /// The select list with the table's alias.
            pub const QUALIFIED: &'static str = $crate::table::joined!($(concat!($alias, ".", stringify!($field))),+);
            /// How many columns it has.
            pub const WIDTH: usize = [$(stringify!($field)),+].len();

            /// Reads the columns of its select list, which begin at `offset` in `row`.
            ///
            /// # Errors
            /// When a column holds something else.
            pub fn read(row: &$crate::Row, offset: usize) -> $crate::Result<Self> {
                let mut position = offset;
                $(
                    let $field = row.get::<$type>(position)?;
                    position += 1;
                )+
                debug_assert_eq!(position, offset + Self::WIDTH);
                Ok(Self { $($field),+ })
            }
        }
    };
}

/// Texts with commas between them, at compile time.
macro_rules! joined {
    ($first:expr $(, $rest:expr)*) => { concat!($first $(, ", ", $rest)*) };
}

pub(crate) use joined;

pub mod alert;
pub mod app_user;
pub mod asset;
pub mod asset_event;
pub mod attempt;
pub mod backfill;
pub mod callback_request;
pub mod connection;
pub mod dag;
pub mod dag_file;
pub mod dag_form;
pub mod dag_run;
pub mod dag_version;
pub mod deferral;
pub mod event_log;
pub mod hitl_detail;
pub mod import_error;
pub mod job;
pub mod pool;
pub mod queue_hint;
pub mod task_instance;
pub mod timetable_question;
pub mod variable;
pub mod xcom;
