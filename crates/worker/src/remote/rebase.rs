//! DAG files lie in the same places below another folder here.

use std::path::Path;

use serde_json::Value;
use tradewind_queue::service::Start;

/// Puts the folder of this machine in the place of the control plane's.
pub fn onto(folder: &Path, start: &mut Start) {
    let here = folder.to_string_lossy().into_owned();
    let inside = Path::new(&start.path).strip_prefix(&start.dags_folder).ok().map(Path::to_owned);
    if let Some(inside) = inside {
        start.path = folder.join(inside).to_string_lossy().into_owned();
        start.frame["path"] = Value::String(start.path.clone());
    }
    start.frame["dags_folder"] = Value::String(here.clone());
    start.dags_folder = here;
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn moved(path: &str) -> Start {
        let mut start = Start {
            attempt_id: Uuid::nil(),
            frame: json!({"path": path, "dags_folder": "/opt/dags"}),
            path: path.to_owned(),
            dags_folder: "/opt/dags".to_owned(),
            source_hash: String::new(),
            log_path: String::new(),
            execution_timeout: None,
            secrets: Vec::new(),
            proof: None,
        };
        onto(Path::new("/srv/air/dags"), &mut start);
        start
    }

    #[test]
    fn files_of_the_folder_are_found_here() {
        let start = moved("/opt/dags/team/etl.py");
        assert_eq!((start.path.as_str(), start.dags_folder.as_str()), ("/srv/air/dags/team/etl.py", "/srv/air/dags"));
        assert_eq!(start.frame, json!({"path": "/srv/air/dags/team/etl.py", "dags_folder": "/srv/air/dags"}));
        assert_eq!(moved("/elsewhere/etl.py").path, "/elsewhere/etl.py");
    }
}
