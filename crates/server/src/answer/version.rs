//! `DagVersionResponse`.

use serde::Serialize;
use tradewind_store::list::VersionView;

use crate::time::Time;

#[derive(Debug, Serialize)]
pub struct VersionAnswer<'a> {
    pub id: &'a str,
    pub version_number: i64,
    pub dag_id: &'a str,
    pub bundle_name: Option<&'a str>,
    pub bundle_version: Option<&'a str>,
    pub created_at: Time,
    pub dag_display_name: &'a str,
    pub bundle_url: Option<&'a str>,
}

impl<'a> VersionAnswer<'a> {
    pub fn new(version: &'a VersionView, dag_display_name: &'a str) -> Self {
        Self {
            id: &version.uuid,
            version_number: version.version_number,
            dag_id: &version.dag_id,
            bundle_name: Some(&version.bundle_name),
            bundle_version: None,
            created_at: Time::from_micros(version.created_at),
            dag_display_name,
            bundle_url: None,
        }
    }
}
