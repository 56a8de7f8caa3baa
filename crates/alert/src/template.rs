//! `[email] subject_template` and `html_content_template`: Jinja texts of users, with the names that Airflow gives them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::{Object, ObjectRepr, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};
use tradewind_config::Email;
use tradewind_core::alert::{AlertKind, Facts};

use crate::options::{Link, OptionsError};
use crate::story::Story;
use crate::text::{escape, lines};

const SUBJECT: &str = "subject_template";
const CONTENT: &str = "html_content_template";

/// The templates that are configured.
pub struct Templates {
    environment: Environment<'static>,
    subject: bool,
    content: bool,
}

impl Templates {
    /// # Errors
    /// A file that cannot be read, or is no template.
    pub fn read(email: &Email) -> Result<Self, OptionsError> {
        let mut environment = Environment::new();
        // As Airflow renders them: nothing is escaped by itself, and what is not there is empty.
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        // Words of Python, which these templates were written for.
        environment.set_formatter(|out, state, value| match value.kind() {
            ValueKind::None => out.write_str("None").map_err(Error::from),
            ValueKind::Bool => out.write_str(if value.is_true() { "True" } else { "False" }).map_err(Error::from),
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.add_filter("escape", |text: String| escape(&text));
        environment.add_filter("e", |text: String| escape(&text));
        let subject = add(&mut environment, SUBJECT, email.subject_template.as_ref())?;
        let content = add(&mut environment, CONTENT, email.html_content_template.as_ref())?;
        Ok(Self { environment, subject, content })
    }

    /// The subject; `None` when there is no template for it.
    ///
    /// # Errors
    /// The template cannot be rendered; the text says where.
    pub fn subject(&self, values: &Value) -> Option<Result<String, String>> {
        let made = self.render(self.subject, SUBJECT, values)?;
        // A line end would end the header.
        Some(made.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    /// The HTML; `None` when there is no template for it.
    ///
    /// # Errors
    /// As [`Self::subject`].
    pub fn content(&self, values: &Value) -> Option<Result<String, String>> {
        self.render(self.content, CONTENT, values)
    }

    fn render(&self, is_set: bool, name: &'static str, values: &Value) -> Option<Result<String, String>> {
        is_set.then(|| {
            let made = self.environment.get_template(name).and_then(|template| template.render(values.clone()));
            made.map_err(|error| format!("[email] {name}: {error}"))
        })
    }
}

fn add(environment: &mut Environment<'static>, key: &'static str, path: Option<&PathBuf>) -> Result<bool, OptionsError> {
    let Some(path) = path else { return Ok(false) };
    let text = std::fs::read_to_string(path).map_err(|source| OptionsError::Template { key, path: path.clone(), source })?;
    environment.add_template_owned(key, text).map_err(|error| OptionsError::Syntax {
        key,
        path: path.clone(),
        message: error.to_string(),
    })?;
    Ok(true)
}

/// The names that templates may use.
pub fn values(kind: AlertKind, facts: &Facts, story: &Story, link: &Link) -> Value {
    let error = story.error.clone().unwrap_or_default();
    let text = story.traceback.clone().unwrap_or_else(|| error.clone());
    let task = facts.task.clone().unwrap_or_default();
    let page = facts.run.as_ref().map_or(String::new(), |run| link.task(&facts.dag_id, &run.run_id, &task.task_id, task.map_index));
    let instance = Value::from_object(Instance { facts: facts.clone(), log_url: link.of(facts), mark_success_url: page.clone() });
    context! {
        ti => instance,
        task_instance => Value::from_object(Instance { facts: facts.clone(), log_url: link.of(facts), mark_success_url: page.clone() }),
        exception => error,
        exception_html => lines(&text),
        try_number => task.try_number,
        max_tries => task.max_tries,
        hostname => task.hostname,
        log_url => link.of(facts),
        mark_success_url => page,
        dag_id => facts.dag_id.clone(),
        task_id => task.task_id,
        run_id => facts.run.as_ref().map(|run| run.run_id.clone()),
        dag => context! { dag_id => facts.dag_id.clone(), dag_display_name => facts.dag_display_name.clone(), tags => facts.tags.clone(), owner => facts.owners.join(", ") },
        dag_run => dag_run(facts),
        event => kind.as_str(),
        subject => story.subject.clone(),
        first_error => story.first_error.clone(),
        log => story.log.clone(),
        items => story.items.iter().map(|(text, url)| context! { text => text, url => url }).collect::<Vec<_>>(),
        count => facts.digest.as_ref().map(|digest| digest.count),
        default_html_content => crate::text::html(story),
    }
}

fn dag_run(facts: &Facts) -> Value {
    let Some(run) = &facts.run else { return Value::UNDEFINED };
    let time = |at| moment(at, &facts.timezone);
    context! {
        dag_id => facts.dag_id.clone(), run_id => run.run_id.clone(), run_type => run.run_type.clone(), state => run.state.clone(),
        logical_date => time(run.logical_date), execution_date => time(run.logical_date), run_after => time(run.run_after),
        data_interval_start => time(run.data_interval_start), data_interval_end => time(run.data_interval_end),
        start_date => time(run.start_date), end_date => time(run.end_date),
    }
}

fn moment(at: Option<Timestamp>, zone: &str) -> Value {
    at.map_or(Value::from(()), |at| Value::from_object(Moment { at, zone: zone.to_owned() }))
}

/// `ti`: what Airflow's task instance has, as far as the facts go; as text `<TaskInstance: dag.task run [state]>`.
#[derive(Debug)]
struct Instance {
    facts: Facts,
    log_url: String,
    mark_success_url: String,
}

impl Object for Instance {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (facts, task) = (&self.facts, self.facts.task.clone().unwrap_or_default());
        let time = |at| Some(moment(at, &facts.timezone));
        Some(match key.as_str()? {
            "dag_id" => Value::from(facts.dag_id.clone()),
            "task_id" => Value::from(task.task_id),
            "run_id" => Value::from(facts.run.as_ref().map(|run| run.run_id.clone())),
            "map_index" => Value::from(task.map_index),
            "rendered_map_index" => Value::from(task.rendered_map_index),
            "state" | "current_state" => Value::from(task.state),
            "try_number" | "prev_attempted_tries" => Value::from(task.try_number),
            "max_tries" => Value::from(task.max_tries),
            "operator" => Value::from(task.operator),
            "hostname" => Value::from(task.hostname),
            "unixname" => Value::from(task.unixname),
            "pid" => Value::from(task.pid),
            "pool" => Value::from(task.pool),
            "queue" => Value::from(task.queue),
            "start_date" => return time(task.start_date),
            "end_date" => return time(task.end_date),
            "queued_dttm" => return time(task.queued_at),
            "logical_date" | "execution_date" => return time(facts.run.as_ref().and_then(|run| run.logical_date)),
            "duration" => Value::from(task.start_date.zip(task.end_date).map(|(from, to)| to.duration_since(from).as_secs_f64())),
            "log_url" => Value::from(self.log_url.clone()),
            "mark_success_url" => Value::from(self.mark_success_url.clone()),
            "dag_run" => dag_run(facts),
            "task" => {
                context! { task_id => task.task_id, dag_id => facts.dag_id.clone(), owner => task.owner, email => task.email, operator => task.operator }
            }
            _ => return None,
        })
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.facts;
        let run = facts.run.as_ref().map(|run| run.run_id.as_str()).unwrap_or_default();
        match &facts.task {
            Some(task) if task.map_index >= 0 => {
                write!(f, "<TaskInstance: {}.{} {run} map_index={} [{}]>", facts.dag_id, task.task_id, task.map_index, task.state)
            }
            Some(task) => write!(f, "<TaskInstance: {}.{} {run} [{}]>", facts.dag_id, task.task_id, task.state),
            None => write!(f, "<DagRun {} {run}>", facts.dag_id),
        }
    }
}

/// A time: as text in UTC as Python writes it; with `strftime`, `isoformat`, `in_timezone`.
#[derive(Debug)]
struct Moment {
    at: Timestamp,
    zone: String,
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "strftime" => {
                let (format,): (&str,) = from_args(args)?;
                let text = jiff::fmt::strtime::format(format, &self.zoned("UTC"))
                    .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("strftime {format:?}: {error}")))?;
                Ok(Value::from(text))
            }
            "isoformat" => Ok(Value::from(tradewind_core::run_id::iso(self.at))),
            "in_timezone" | "astimezone" => {
                let (zone,): (&str,) = from_args(args)?;
                Ok(Value::from(crate::time::in_zone(self.at, zone)))
            }
            // In the zone of the DAG.
            "in_dag_timezone" => Ok(Value::from(crate::time::in_zone(self.at, &self.zone))),
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("times have no method {method}"))),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tradewind_core::run_id::iso(self.at).replacen('T', " ", 1))
    }
}

impl Moment {
    fn zoned(&self, zone: &str) -> jiff::Zoned {
        self.at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tradewind_core::alert::{ErrorFacts, RunFacts, TaskFacts};

    use super::*;

    fn email(folder: &Path, subject: &str, content: &str) -> Email {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        Email {
            backend: String::new(),
            conn_id: String::new(),
            on_retry: true,
            on_failure: true,
            subject_template: write("subject", subject),
            html_content_template: write("content", content),
            from_email: None,
            verify: true,
        }
    }

    fn rendered(subject: &str, content: &str) -> (Result<String, String>, Result<String, String>) {
        let folder = tempfile::tempdir().unwrap();
        let templates = Templates::read(&email(folder.path(), subject, content)).unwrap();
        let facts = Facts {
            dag_id: "d".to_owned(),
            timezone: "Asia/Seoul".to_owned(),
            run: Some(RunFacts {
                run_id: "r".to_owned(),
                logical_date: Some("2022-06-06T17:00:00Z".parse().unwrap()),
                ..RunFacts::default()
            }),
            task: Some(TaskFacts {
                task_id: "t".to_owned(),
                map_index: -1,
                state: "failed".to_owned(),
                try_number: 2,
                max_tries: 1,
                ..TaskFacts::default()
            }),
            error: Some(ErrorFacts { class: "E".to_owned(), message: "<x>".to_owned(), traceback: "line 1\n  <x>".to_owned() }),
            ..Facts::default()
        };
        let link = Link { base_url: "http://tw".to_owned() };
        let story = crate::story::tell(AlertKind::TaskFailure, &facts, crate::log::Excerpt::default(), &link, "N");
        let values = values(AlertKind::TaskFailure, &facts, &story, &link);
        (templates.subject(&values).unwrap(), templates.content(&values).unwrap())
    }

    #[test]
    fn airflows_own_templates_work() {
        let content = "Try {{try_number}} out of {{max_tries + 1}}<br>Exception:<br>{{exception_html}}<br>\
            Log: <a href=\"{{ti.log_url}}\">Link</a><br>Host: {{ti.hostname}}<br>Mark success: <a href=\"{{ti.mark_success_url}}\">Link</a><br>";
        let (subject, content) = rendered("Airflow alert: {{ti}}\n", content);
        assert_eq!(subject.unwrap(), "Airflow alert: <TaskInstance: d.t r [failed]>");
        assert_eq!(
            content.unwrap(),
            "Try 2 out of 2<br>Exception:<br>line 1<br>  &lt;x&gt;<br>Log: <a href=\"http://tw/dags/d/runs/r/tasks/t?try=2\">Link</a><br>\
             Host: none<br>Mark success: <a href=\"http://tw/dags/d/runs/r/tasks/t\">Link</a><br>"
                .replace("Host: none", "Host: None")
        );
    }

    #[test]
    fn times_and_what_is_not_there() {
        let (subject, content) = rendered(
            "{{ ti.execution_date }} {{ ti.logical_date.strftime('%d.%m.%Y') }} {{ dag_run.logical_date.in_timezone('Asia/Seoul') }}",
            "{{ ti.nothing.at_all }}{% if ti.state == 'failed' %}{{ exception | e }}{% endif %}",
        );
        assert_eq!(subject.unwrap(), "2022-06-06 17:00:00+00:00 06.06.2022 2022-06-07 02:00:00 KST (+09:00)");
        assert_eq!(content.unwrap(), "E: &lt;x&gt;");
    }

    #[test]
    fn errors_name_key_and_place() {
        let (subject, _) = rendered("{{ ti.start_date.nothing() }}{{ ti | nonsense_filter }}", "x");
        assert!(subject.unwrap_err().starts_with("[email] subject_template: "));
        let folder = tempfile::tempdir().unwrap();
        let error = Templates::read(&email(folder.path(), "{% if %}", "x")).err().unwrap().to_string();
        assert!(error.starts_with("[email] subject_template = ") && error.contains("syntax error"), "{error}");
    }
}
