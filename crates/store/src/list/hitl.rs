//! Questions to people, as the API lists them.

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use crate::table::hitl_detail::HitlDetail;
use crate::{Mode, Result, Row, Transaction, Tx};

/// What questions may be sorted by.
pub const ORDER: OrderNames = &[
    ("ti_id", "h.id"),
    ("subject", "h.subject"),
    ("responded_at", "h.responded_at"),
    ("created_at", "h.created_at"),
    ("responded_by_user_id", "h.responded_by_id"),
    ("responded_by_user_name", "h.responded_by_name"),
    ("dag_id", "t.dag_id"),
    ("run_id", "r.run_id"),
    ("task_display_name", "h.task_id"),
    ("run_after", "r.run_after"),
    ("rendered_map_index", "t.rendered_map_index"),
    ("task_instance_operator", "t.operator"),
    ("task_instance_state", "t.state"),
];

/// A question and where it was asked.
#[derive(Debug, Clone)]
pub struct HitlView {
    pub detail: HitlDetail,
    pub dag_id: String,
    pub run_id: String,
}

/// Which questions.
#[derive(Debug, Clone, Default)]
pub struct HitlFilter {
    pub dag_ids: Vec<String>,
    pub run_ids: Vec<String>,
    pub task_ids: Vec<String>,
    pub dag_id: Patterns,
    pub task_id: Patterns,
    pub map_index: Option<i64>,
    pub states: Vec<Option<String>>,
    pub response_received: Option<bool>,
    pub responded_by_ids: Vec<String>,
    pub responded_by_names: Vec<String>,
    pub subject: Patterns,
    pub body: Patterns,
    pub created_at: Range<i64>,
}

/// A page of the questions that the newest tries ask.
#[derive(Debug, Clone)]
pub struct ListHitl {
    pub filter: HitlFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListHitl {
    type Out = Listed<HitlView>;
    const NAME: &'static str = "list.hitl";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const QUESTIONS: Select = Select {
            columns: COLUMNS,
            tables: " FROM hitl_detail h JOIN dag_run r ON r.id = h.run_pk JOIN task_instance t ON t.run_pk = h.run_pk \
                AND t.task_id = h.task_id AND t.map_index = h.map_index AND t.try_number = h.try_number",
            ties: &["h.id"],
        };
        let wanted = &self.filter;
        let mut filter = Filter::new();
        filter.among("t.dag_id", &wanted.dag_ids).among("r.run_id", &wanted.run_ids).among("h.task_id", &wanted.task_ids);
        filter.patterns("t.dag_id", &wanted.dag_id).patterns("h.task_id", &wanted.task_id);
        filter.equals("h.map_index", wanted.map_index).states("t.state", &wanted.states);
        filter.among("h.responded_by_id", &wanted.responded_by_ids).among("h.responded_by_name", &wanted.responded_by_names);
        filter.patterns("h.subject", &wanted.subject).patterns("h.body", &wanted.body).range("h.created_at", &wanted.created_at);
        if let Some(received) = wanted.response_received {
            filter.and(if received { "h.responded_at IS NOT NULL" } else { "h.responded_at IS NULL" }, []);
        }
        QUESTIONS.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// Those of [`HitlDetail`], and where it was asked.
const COLUMNS: &str = "h.id, h.run_pk, h.task_id, h.map_index, h.try_number, h.subject, h.body, h.options, h.defaults, h.multiple, h.params, \
    h.assigned_users, h.created_at, h.responded_at, h.responded_by_id, h.responded_by_name, h.chosen_options, h.params_input, t.dag_id, r.run_id";

fn read(row: &Row) -> Result<HitlView> {
    Ok(HitlView { detail: HitlDetail::read(row, 0)?, dag_id: row.get(HitlDetail::WIDTH)?, run_id: row.get(HitlDetail::WIDTH + 1)? })
}
