//! `[logging] log_filename_template`: the path of an attempt's log.

/// What a log is called after.
#[derive(Debug, Clone, Copy)]
pub struct LogName<'a> {
    pub dag_id: &'a str,
    pub run_id: &'a str,
    pub task_id: &'a str,
    /// -1 for a task that is not mapped.
    pub map_index: i32,
    pub try_number: i32,
    /// RFC 3339 text of the logical date; empty when the run has none.
    pub logical_date: &'a str,
}

/// A template that names what there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "[logging] log_filename_template: {{{{ {name} }}}} is not known; it may use ti.dag_id, ti.run_id, ti.task_id, ti.map_index, \
         try_number, ts, and {{% if ti.map_index >= 0 %}} ... {{% endif %}}"
)]
pub struct TemplateError {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    DagId,
    RunId,
    TaskId,
    MapIndex,
    Try,
    LogicalDate,
    /// Only for mapped tasks.
    IfMapped(Vec<Part>),
}

/// A template, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTemplate(Vec<Part>);

impl Default for LogTemplate {
    /// `dag_id=D/run_id=R/task_id=T/[map_index=N/]attempt=A.log`
    fn default() -> Self {
        let text = |t: &str| Part::Text(t.to_owned());
        let mapped = Part::IfMapped(vec![text("map_index="), Part::MapIndex, text("/")]);
        Self(vec![
            text("dag_id="),
            Part::DagId,
            text("/run_id="),
            Part::RunId,
            text("/task_id="),
            Part::TaskId,
            text("/"),
            mapped,
            text("attempt="),
            Part::Try,
            text(".log"),
        ])
    }
}

impl LogTemplate {
    /// Reads a template in the dialect of Airflow's default (Jinja), or the older one with names in single braces.
    ///
    /// # Errors
    /// It uses something else than the names listed in [`TemplateError`].
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let (parts, rest) = sequence(text, false)?;
        debug_assert!(rest.is_empty(), "a sequence outside of `if` ends with the text");
        Ok(Self(parts))
    }

    /// The path below the log folder. A part that would leave the folder is made harmless.
    pub fn render(&self, name: &LogName<'_>) -> String {
        let mut out = String::new();
        render(&self.0, name, &mut out);
        let parts = out.split('/').map(|part| if part == ".." || part == "." { "_" } else { part });
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }
}

/// Parts until the end of the text, or of the `if` that is open.
fn sequence(mut text: &str, inside: bool) -> Result<(Vec<Part>, &str), TemplateError> {
    let mut parts = Vec::new();
    while let Some(at) = text.find('{') {
        if at > 0 {
            parts.push(Part::Text(text[..at].to_owned()));
        }
        text = &text[at..];
        let unknown = |name: &str| TemplateError { name: name.trim().to_owned() };
        if let Some((code, rest)) = text.strip_prefix("{{").and_then(|t| t.split_once("}}")) {
            parts.push(value(code)?);
            text = rest;
        } else if let Some((code, rest)) = text.strip_prefix("{%").and_then(|t| t.split_once("%}")) {
            match code.trim().trim_matches('%').split_whitespace().collect::<Vec<_>>().join(" ").as_str() {
                "if ti.map_index >= 0" | "if ti.map_index > -1" | "if ti.map_index != -1" => {
                    let (mapped, after) = sequence(rest, true)?;
                    parts.push(Part::IfMapped(mapped));
                    text = after;
                }
                "endif" if inside => return Ok((parts, rest)),
                other => return Err(unknown(other)),
            }
        } else if let Some((code, rest)) = text.strip_prefix('{').and_then(|t| t.split_once('}')) {
            parts.push(value(code)?);
            text = rest;
        } else {
            return Err(unknown(text));
        }
    }
    if inside {
        return Err(TemplateError { name: "if without endif".to_owned() });
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok((parts, ""))
}

fn value(code: &str) -> Result<Part, TemplateError> {
    // A filter of ours can only be `default`, and there is always a value.
    let name = code.split('|').next().unwrap_or_default().trim();
    Ok(match name.strip_prefix("ti.").unwrap_or(name) {
        "dag_id" => Part::DagId,
        "run_id" => Part::RunId,
        "task_id" => Part::TaskId,
        "map_index" => Part::MapIndex,
        "try_number" => Part::Try,
        "ts" | "execution_date" | "logical_date" => Part::LogicalDate,
        _ => return Err(TemplateError { name: name.to_owned() }),
    })
}

fn render(parts: &[Part], name: &LogName<'_>, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::DagId => out.push_str(name.dag_id),
            Part::RunId => out.push_str(name.run_id),
            Part::TaskId => out.push_str(name.task_id),
            Part::MapIndex => out.push_str(&name.map_index.to_string()),
            Part::Try => out.push_str(&name.try_number.to_string()),
            Part::LogicalDate => out.push_str(name.logical_date),
            Part::IfMapped(inner) if name.map_index >= 0 => render(inner, name, out),
            Part::IfMapped(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: LogName<'_> =
        LogName { dag_id: "d", run_id: "r", task_id: "t", map_index: 3, try_number: 2, logical_date: "2024-01-02T00:00:00+00:00" };

    #[test]
    fn the_default_of_both_versions_is_ours() {
        for text in [
            "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/\
             {% endif %}attempt={{ try_number|default(ti.try_number) }}.log",
            "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{%% if ti.map_index >= 0 %%}map_index={{ ti.map_index }}/\
             {%% endif %%}attempt={{ try_number }}.log",
        ] {
            assert_eq!(LogTemplate::parse(text).unwrap(), LogTemplate::default());
        }
    }

    #[test]
    fn older_layouts_and_faults() {
        let render = |text: &str, name: &LogName<'_>| LogTemplate::parse(text).map(|t| t.render(name));
        assert_eq!(
            render("{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log", &NAME).unwrap(),
            "d/t/2024-01-02T00:00:00+00:00/2.log"
        );
        assert_eq!(render("{dag_id}/{try_number}.log", &NAME).unwrap(), "d/2.log");
        assert!(render("{{ dag.owner }}.log", &NAME).unwrap_err().to_string().contains("{{ dag.owner }} is not known"));
        assert!(render("{% if ti.map_index >= 0 %}x", &NAME).is_err());
        let sly = LogName { run_id: "../../etc", ..NAME };
        assert_eq!(render("{{ run_id }}/x.log", &sly).unwrap(), "_/_/etc/x.log");
    }
}
