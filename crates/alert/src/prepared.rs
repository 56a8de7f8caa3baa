//! An alert made ready for a channel: its story, and the texts that templates of users make of it.

use minijinja::Value;
use tradewind_core::alert::{AlertKind, Facts};
use tradewind_store::table::alert::Alert;

use crate::log::excerpt;
use crate::options::AlertOptions;
use crate::story::{Story, tell};
use crate::{template, text};

/// See the module.
pub struct Prepared {
    pub kind: AlertKind,
    pub facts: Facts,
    pub story: Story,
}

/// The texts of a mail, and what was wrong with the templates of users.
pub struct Texts {
    pub subject: String,
    pub plain: String,
    pub html: String,
    pub problem: Option<String>,
}

/// # Errors
/// The row is of a newer program.
pub fn prepare(options: &AlertOptions, alert: &Alert) -> Result<Prepared, String> {
    let kind = alert.kind().map_err(|error| error.to_string())?;
    let facts = alert.facts().map_err(|error| error.to_string())?;
    let story = tell(kind, &facts, excerpt(options, &facts), &options.link, &options.instance_name);
    Ok(Prepared { kind, facts, story })
}

impl Prepared {
    /// Templates that cannot be rendered cost their look, not the alert.
    pub fn texts(&self, options: &AlertOptions) -> Texts {
        let values: Value = template::values(self.kind, &self.facts, &self.story, &options.link);
        let mut problem = None;
        let mut take = |made: Option<Result<String, String>>, default: String| match made {
            None => default,
            Some(Ok(text)) => text,
            Some(Err(error)) => {
                tracing::warn!("{error}; the default takes its place");
                problem = Some(error);
                default
            }
        };
        // A digest has no task instance that templates could show.
        let of_users = self.facts.digest.is_none();
        let subject = take(options.templates.subject(&values).filter(|_| of_users), self.story.subject.clone());
        let html = take(options.templates.content(&values).filter(|_| of_users), text::html(&self.story));
        Texts { subject, plain: text::plain(&self.story), html, problem }
    }
}
