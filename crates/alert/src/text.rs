//! A story as plain text, as HTML, as Slack's text, and as JSON for programs.

use serde_json::{Value, json};
use tradewind_core::alert::{AlertKind, Facts};

use crate::story::{Story, Tone};

/// Plain text, for mail programs without HTML.
pub fn plain(story: &Story) -> String {
    let mut out = format!("{}\n\n", story.subject);
    for (label, value) in &story.rows {
        out.push_str(&format!("{label}: {value}\n"));
    }
    if let Some(error) = &story.error {
        out.push_str(&format!("\nError: {error}\n"));
    }
    if let Some(first) = story.first_error.as_ref().filter(|first| !story.log.contains(first)) {
        out.push_str(&format!("\nFirst error of the log: {first}\n"));
    }
    for (label, address) in &story.links {
        out.push_str(&format!("\n{label}: {address}"));
    }
    if !story.links.is_empty() {
        out.push('\n');
    }
    for (text, address) in &story.items {
        out.push_str(&format!("\n* {text}\n  {address}\n"));
    }
    if story.more > 0 {
        out.push_str(&format!("\nand {} more\n", story.more));
    }
    if let Some(traceback) = &story.traceback {
        out.push_str(&format!("\n{}\n", traceback.trim_end()));
    }
    if !story.log.is_empty() {
        out.push_str(&format!("\nEnd of the log (times in UTC):\n{}\n", story.log.join("\n")));
    }
    out
}

/// HTML with inline styles only: mail programs drop everything else.
pub fn html(story: &Story) -> String {
    let colour = match story.tone {
        Tone::Good => "#1a7f37",
        Tone::Bad => "#b42318",
        Tone::Between => "#9a6700",
    };
    let mut out = format!(
        "<!doctype html><html><body style=\"font:14px/1.5 system-ui,sans-serif;color:#1c2733\">\
         <h2 style=\"color:{colour};font-size:18px\">{}</h2><table cellpadding=\"3\" style=\"border-collapse:collapse\">",
        escape(&story.subject)
    );
    for (label, value) in &story.rows {
        out.push_str(&format!("<tr><td style=\"color:#5b6875;padding-right:16px\">{}</td><td>{}</td></tr>", escape(label), escape(value)));
    }
    out.push_str("</table>");
    if let Some(error) = &story.error {
        out.push_str(&format!("<p style=\"color:{colour}\"><b>{}</b></p>", lines(error)));
    }
    if let Some(first) = story.first_error.as_ref().filter(|first| !story.log.contains(first)) {
        out.push_str(&format!("<p>First error of the log: {}</p>", escape(first)));
    }
    let links: Vec<String> = story.links.iter().map(|(label, to)| format!("<a href=\"{}\">{}</a>", escape(to), escape(label))).collect();
    if !links.is_empty() {
        out.push_str(&format!("<p>{}</p>", links.join(" &middot; ")));
    }
    if !story.items.is_empty() {
        let items = story.items.iter().map(|(text, to)| format!("<li><a href=\"{}\">{}</a></li>", escape(to), escape(text)));
        out.push_str(&format!("<ul>{}</ul>", items.collect::<String>()));
    }
    if story.more > 0 {
        out.push_str(&format!("<p>and {} more</p>", story.more));
    }
    if let Some(traceback) = &story.traceback {
        out.push_str(&pre(traceback.trim_end()));
    }
    if !story.log.is_empty() {
        out.push_str("<p style=\"color:#5b6875\">End of the log (times in UTC)</p>");
        out.push_str(&pre(&story.log.join("\n")));
    }
    out.push_str("</body></html>");
    out
}

fn pre(text: &str) -> String {
    format!("<pre style=\"background:#f4f6f8;padding:8px;white-space:pre-wrap\">{}</pre>", escape(text))
}

/// Escaped, with line ends as `<br>`.
pub fn lines(text: &str) -> String {
    escape(text).replace('\n', "<br>")
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Items of a digest in one message: Slack cuts a text at 40,000 characters.
const SLACK_ITEMS: usize = 50;
/// Characters of an error shown there.
const SLACK_ERROR: usize = 1_500;

/// The body of an incoming webhook.
pub fn slack(story: &Story) -> Value {
    let mut text = format!("*{}*", mrkdwn(&story.subject));
    for (label, value) in &story.rows {
        text.push_str(&format!("\n{}: {}", mrkdwn(label), mrkdwn(value)));
    }
    if let Some(error) = &story.error {
        let error: String = error.chars().take(SLACK_ERROR).collect();
        text.push_str(&format!("\n```{}```", mrkdwn(&error).replace("```", "'''")));
    }
    for (label, address) in &story.links {
        text.push_str(&format!("\n<{address}|{}>", mrkdwn(label)));
    }
    for (item, address) in story.items.iter().take(SLACK_ITEMS) {
        text.push_str(&format!("\n• <{address}|{}>", mrkdwn(item).replace('|', "/")));
    }
    let more = story.more + story.items.len().saturating_sub(SLACK_ITEMS) as u64;
    if more > 0 {
        text.push_str(&format!("\nand {more} more"));
    }
    json!({"text": text})
}

fn mrkdwn(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// For webhooks and commands: everything that is known.
pub fn json(id: i64, kind: AlertKind, facts: &Facts, story: &Story, created_at: jiff::Timestamp) -> Value {
    let items = story.items.iter().map(|(text, address)| json!({"text": text, "url": address}));
    json!({
        "id": id, "event": kind, "created_at": created_at, "subject": story.subject, "text": plain(story),
        "url": story.links.first().map(|(_, address)| address), "dag_id": none_if_empty(&facts.dag_id), "owners": facts.owners, "tags": facts.tags,
        "timezone": none_if_empty(&facts.timezone), "run": facts.run, "task": facts.task, "error": facts.error, "reason": facts.reason,
        "late": facts.late, "first_error": story.first_error, "log": story.log,
        "digest": facts.digest.as_ref().map(|digest| json!({"count": digest.count, "items": items.collect::<Vec<_>>()})),
    })
}

fn none_if_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use tradewind_core::alert::{DigestFacts, DigestItem, ErrorFacts, RunFacts, TaskFacts};

    use super::*;
    use crate::log::Excerpt;
    use crate::options::Link;
    use crate::story::tell;

    fn failed() -> Facts {
        let at = |text: &str| Some(text.parse().unwrap());
        Facts {
            dag_id: "report".to_owned(),
            dag_display_name: "report".to_owned(),
            timezone: "Asia/Seoul".to_owned(),
            run: Some(RunFacts { run_id: "manual__1".to_owned(), logical_date: at("2022-06-06T17:00:00Z"), ..RunFacts::default() }),
            task: Some(TaskFacts {
                task_id: "send".to_owned(),
                map_index: -1,
                state: "failed".to_owned(),
                try_number: 2,
                max_tries: 1,
                start_date: at("2022-06-06T17:00:01Z"),
                end_date: at("2022-06-06T17:00:03Z"),
                ..TaskFacts::default()
            }),
            error: Some(ErrorFacts { class: "ValueError".to_owned(), message: "a < b & \"c\"".to_owned(), traceback: String::new() }),
            ..Facts::default()
        }
    }

    fn story(facts: &Facts, kind: AlertKind) -> Story {
        let excerpt = Excerpt { first_error: Some("10:00 ERROR no".to_owned()), tail: vec!["10:00 ERROR no".to_owned()] };
        tell(kind, facts, excerpt, &Link { base_url: "http://tw".to_owned() }, "Tradewind")
    }

    #[test]
    fn a_failure_says_what_where_when_and_why() {
        let text = plain(&story(&failed(), AlertKind::TaskFailure));
        for part in [
            "Tradewind: report.send failed (try 2 of 2)\n",
            "Run: manual__1\n",
            "Logical date: 2022-06-07 02:00:00 KST (+09:00)\n",
            "Ended: 2022-06-07 02:00:03 KST (+09:00) (after 2.0 s)\n",
            "Error: ValueError: a < b & \"c\"\n",
            "Log and task: http://tw/dags/report/runs/manual__1/tasks/send?try=2\n",
            "End of the log (times in UTC):\n10:00 ERROR no\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn texts_of_users_stay_texts() {
        let story = story(&failed(), AlertKind::TaskFailure);
        assert!(html(&story).contains("ValueError: a &lt; b &amp; &quot;c&quot;"));
        let slack = slack(&story)["text"].as_str().unwrap().to_owned();
        assert!(slack.contains("```ValueError: a &lt; b &amp; \"c\"```"), "{slack}");
        assert!(slack.contains("<http://tw/dags/report/runs/manual__1|Run>"), "{slack}");
    }

    #[test]
    fn a_success_shows_no_log() {
        let facts = Facts { error: None, ..failed() };
        let text = plain(&story(&facts, AlertKind::TaskSuccess));
        assert!(text.starts_with("Tradewind: report.send succeeded (try 2 of 2)") && !text.contains("End of the log"), "{text}");
    }

    #[test]
    fn a_digest_lists_with_links_and_counts_the_rest() {
        let item = DigestItem { kind: AlertKind::TaskFailure, created_at: "2022-06-06T17:00:00Z".parse().unwrap(), facts: failed() };
        let digest = DigestFacts { count: 498, items: vec![item; 100] };
        let story = story(&Facts { digest: Some(digest), ..Facts::default() }, AlertKind::Digest);
        assert_eq!((story.subject.as_str(), story.items.len(), story.more), ("Tradewind: 498 alerts", 100, 398));
        assert!(plain(&story).contains(
            "report.send failed (try 2 of 2): ValueError: a < b & \"c\"\n  http://tw/dags/report/runs/manual__1/tasks/send?try=2"
        ));
        assert!(slack(&story)["text"].as_str().unwrap().ends_with("and 448 more"));
        let value = json(1, AlertKind::Digest, &Facts::default(), &story, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!((value["event"].as_str(), value["dag_id"].as_str()), (Some("digest"), None));
    }
}
