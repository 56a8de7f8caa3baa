//! The message itself. The same alert makes the same message each time, so that a copy can be told by its id.

use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use tradewind_core::alert::bare;
use tradewind_store::table::alert::Alert;

/// A mail on its way.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Address that refusals come back to.
    pub sender: Address,
    pub message: Vec<u8>,
}

/// Tells mail programs not to answer by themselves (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What a message of ours needs besides its texts.
pub struct Envelope<'a> {
    pub alert: &'a Alert,
    pub from: &'a str,
    pub hostname: &'a str,
}

/// Makes the message of an alert.
///
/// # Errors
/// A sender that is no address, or nobody to write to.
pub fn compose(envelope: &Envelope<'_>, subject: &str, plain: String, html: String) -> Result<Mail, String> {
    let alert = envelope.alert;
    let from =
        mailbox(envelope.from).ok_or_else(|| format!("the sender `{}` is not a mail address; see [email] from_email", envelope.from))?;
    let sender = from.email.clone();
    let id = format!("<tradewind.{}.{}@{}>", alert.id, alert.created_at.as_microsecond(), domain(envelope.hostname));
    let mut builder = Message::builder()
        .from(from)
        .subject(subject.chars().take(500).collect::<String>())
        .date(SystemTime::from(alert.created_at))
        .message_id(Some(id))
        .header(AutoSubmitted);
    for to in alert.recipients().iter().filter_map(|address| mailbox(address)) {
        builder = builder.to(to);
    }
    let message =
        builder.multipart(MultiPart::alternative_plain_html(plain, html)).map_err(|error| format!("the mail cannot be made: {error}"))?;
    Ok(Mail { sender, message: message.formatted() })
}

/// A mail that a task wrote, as it is kept.
///
/// # Errors
/// It is not base64, or its sender is no address.
pub fn raw(message: &str, sender: &str) -> Result<Mail, String> {
    let message = BASE64_STANDARD.decode(message).map_err(|error| format!("the kept mail cannot be read: {error}"))?;
    let sender = mailbox(sender).ok_or_else(|| format!("the sender `{sender}` is not a mail address"))?.email;
    Ok(Mail { sender, message })
}

/// An address with or without a name; a name that cannot be read costs the name only.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    text.trim().parse().ok().or_else(|| Some(Mailbox::new(None, bare(text).parse().ok()?)))
}

fn domain(hostname: &str) -> String {
    let safe: String = hostname.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-')).collect();
    if safe.is_empty() { "localhost".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert() -> Alert {
        Alert {
            id: 7,
            kind: "task_failure".into(),
            channel: "email".into(),
            recipients: r#"["a@example.com","\"Ops, night\" <b@example.com>","nonsense"]"#.into(),
            dag_id: None,
            run_id: None,
            task_id: None,
            map_index: None,
            try_number: None,
            facts: "{}".into(),
            subject: None,
            state: "sending".into(),
            created_at: jiff::Timestamp::from_second(1_654_534_800).unwrap(),
            since: jiff::Timestamp::UNIX_EPOCH,
            next_try_at: None,
            tries: 1,
            handed: 0,
            outcomes: "{}".into(),
            sent_at: None,
            last_error: None,
            digest_id: None,
            grouped_count: 0,
        }
    }

    #[test]
    fn one_mail_to_all_with_a_lasting_id() {
        let alert = alert();
        let envelope = Envelope { alert: &alert, from: "Tradewind <tw@example.com>", hostname: "host 1" };
        let mail = compose(&envelope, "메일 failed", "plain".to_owned(), "<b>html</b>".to_owned()).unwrap();
        let text = String::from_utf8(mail.message).unwrap();
        assert_eq!(mail.sender.to_string(), "tw@example.com");
        for part in [
            "To: a@example.com, =?utf-8?b?T3BzLCBuaWdodA==?= <b@example.com>\r\n",
            "Message-ID: <tradewind.7.1654534800000000@host1>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Date: Mon, 06 Jun 2022 17:00:00 +0000\r\n",
            "Subject: =?utf-8?",
            "multipart/alternative",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }

    #[test]
    fn a_sender_that_is_no_address_is_named() {
        let alert = alert();
        let envelope = Envelope { alert: &alert, from: "nobody", hostname: "" };
        assert!(compose(&envelope, "s", String::new(), String::new()).unwrap_err().contains("`nobody` is not a mail address"));
    }
}
