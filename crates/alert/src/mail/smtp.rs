//! The conversation with a mail server, step by step, so that each recipient's answer is known and a handover is told before it is done.

use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;
use tradewind_core::alert::bare;
use tradewind_store::table::alert::Outcomes;

use super::compose::Mail;
use super::server::MailServer;

/// How a server answers a whole message may take its time: it may look into it.
const DATA_FACTOR: u32 = 2;

/// An open conversation, ready for mails.
pub struct Session {
    connection: AsyncSmtpConnection,
    timeout: Duration,
    name: String,
}

/// What became of one mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Recipients that are settled now.
    pub outcomes: Outcomes,
    /// Others, and the mail as a whole.
    pub trouble: Option<Trouble>,
}

/// Why a mail is not delivered to all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Refused for now, or never handed over: try again.
    Later(String),
    /// The server does not take this mail.
    Never(String),
    /// It was handed over, and the answer did not come.
    Unknown(String),
    /// The handover was not allowed: somebody else has this mail now.
    NotOurs,
}

impl Session {
    /// Connects, switches to TLS and signs in, as the settings say.
    ///
    /// # Errors
    /// In words, with the server's name; never with the password.
    pub async fn open(server: &MailServer, hello: &str) -> Result<Self, String> {
        let name = server.name();
        let told = |error: Error| format!("mail server {name}: {}", words(&error));
        let late = |_| format!("mail server {name} did not answer within {} s", server.timeout.as_secs_f64());
        let client = ClientId::Domain(hello.to_owned());
        let tls = if server.ssl || server.starttls { Some(tls(server).map_err(told)?) } else { None };
        let direct = if server.ssl { tls.clone() } else { None };
        let opened = AsyncSmtpConnection::connect_tokio1((server.host.as_str(), server.port), Some(server.timeout), &client, direct, None);
        let mut connection = timeout(server.timeout, opened).await.map_err(late)?.map_err(told)?;
        if let (false, true, Some(tls)) = (server.ssl, server.starttls, tls) {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(format!(
                    "mail server {name} does not offer STARTTLS; set [smtp] smtp_starttls = False if it shall go without TLS"
                ));
            }
            timeout(server.timeout, connection.starttls(tls, &client)).await.map_err(late)?.map_err(told)?;
        }
        if let (Some(user), Some(password)) = (&server.user, &server.password) {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            let signed_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            timeout(server.timeout, signed_in)
                .await
                .map_err(late)?
                .map_err(|error| format!("mail server {name}, sign-in as {user}: {}", words(&error)))?;
        }
        Ok(Self { connection, timeout: server.timeout, name })
    }

    /// Whether another mail may follow.
    pub fn is_broken(&self) -> bool {
        self.connection.has_broken()
    }

    /// Sends one mail to these addresses. `hand_over` is asked just before the text goes out; `false` ends the try.
    pub async fn send<F>(&mut self, mail: &Mail, to: &[String], hand_over: impl FnOnce() -> F) -> Delivery
    where
        F: Future<Output = bool>,
    {
        let mut delivery = Delivery::default();
        if let Err(trouble) = self.sender(mail, to).await {
            delivery.trouble = Some(trouble);
            return delivery;
        }
        let mut taken = Vec::new();
        let mut later = None;
        for recipient in to {
            match self.recipient(recipient).await {
                Ok(()) => taken.push(recipient),
                Err(Trouble::Never(reason)) => {
                    delivery.outcomes.insert(recipient.clone(), Some(reason));
                }
                Err(trouble) => {
                    later = Some(trouble);
                    if self.is_broken() {
                        break;
                    }
                }
            }
        }
        if taken.is_empty() || self.is_broken() {
            self.reset().await;
            delivery.trouble = later;
            return delivery;
        }
        delivery.trouble = match self.text(mail, hand_over).await {
            Ok(()) => {
                delivery.outcomes.extend(taken.into_iter().map(|address| (address.clone(), None)));
                later
            }
            Err(trouble) => Some(trouble),
        };
        delivery
    }

    async fn sender(&mut self, mail: &Mail, to: &[String]) -> Result<(), Trouble> {
        let info = self.connection.server_info();
        let mut parameters = Vec::new();
        if !mail.message.is_ascii() {
            if !info.supports_feature(Extension::EightBitMime) {
                return Err(Trouble::Never(format!("mail server {} takes plain ASCII only, and this mail is not", self.name)));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if to.iter().any(|address| !address.is_ascii()) && info.supports_feature(Extension::SmtpUtfEight) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let answer = self.step(self.timeout, MailFrom::new(Some(mail.sender.clone()), parameters)).await;
        // Sign-in that is asked for now is a matter of settings, which may be put right.
        answer.map_err(|refusal| match refusal {
            Refusal::For5xx(code, text) if code == 530 || code == 535 => Trouble::Later(text),
            refusal => refusal.into_trouble(),
        })
    }

    async fn recipient(&mut self, recipient: &str) -> Result<(), Trouble> {
        let Ok(address) = bare(recipient).parse::<Address>() else {
            return Err(Trouble::Never(format!("`{recipient}` is not a mail address")));
        };
        if !recipient.is_ascii() && !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(Trouble::Never(format!("mail server {} takes addresses in ASCII only", self.name)));
        }
        self.step(self.timeout, Rcpt::new(address, Vec::new())).await.map_err(Refusal::into_trouble)
    }

    async fn text<F>(&mut self, mail: &Mail, hand_over: impl FnOnce() -> F) -> Result<(), Trouble>
    where
        F: Future<Output = bool>,
    {
        self.step(self.timeout, Data).await.map_err(Refusal::into_trouble)?;
        if !hand_over().await {
            // The server waits for the text: only the end of the conversation ends that.
            self.connection.abort().await;
            return Err(Trouble::NotOurs);
        }
        match timeout(self.timeout * DATA_FACTOR, self.connection.message(&mail.message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Trouble::Never(self.told(&error))),
            Ok(Err(error)) if error.is_transient() => Err(Trouble::Later(self.told(&error))),
            Ok(Err(error)) => {
                let text = self.told(&error);
                self.connection.abort().await;
                Err(Trouble::Unknown(text))
            }
            Err(_) => {
                let text = format!(
                    "mail server {} took the mail and did not answer within {} s",
                    self.name,
                    (self.timeout * DATA_FACTOR).as_secs_f64()
                );
                self.give_up().await;
                Err(Trouble::Unknown(text))
            }
        }
    }

    /// Forgets a mail that was begun.
    async fn reset(&mut self) {
        if !self.is_broken() && self.step(self.timeout, Rset).await.is_err() {
            self.give_up().await;
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // The mails are delivered; an answer to this changes nothing.
        drop(timeout(Duration::from_secs(1), self.connection.quit()).await);
    }

    async fn give_up(&mut self) {
        drop(timeout(Duration::from_millis(500), self.connection.abort()).await);
    }

    async fn step(&mut self, limit: Duration, command: impl std::fmt::Display) -> Result<(), Refusal> {
        match timeout(limit, self.connection.command(command)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let text = self.told(&error);
                if error.is_permanent() {
                    let code = error.status().map(|code| code.to_string().parse().unwrap_or(500)).unwrap_or(500);
                    return Err(Refusal::For5xx(code, text));
                }
                // 421: the server hangs up.
                if !error.is_transient() || error.status().is_some_and(|code| code.to_string() == "421") {
                    self.give_up().await;
                }
                Err(Refusal::Later(text))
            }
            Err(_) => {
                self.give_up().await;
                Err(Refusal::Later(format!("mail server {} did not answer within {} s", self.name, limit.as_secs_f64())))
            }
        }
    }

    fn told(&self, error: &Error) -> String {
        format!("mail server {}: {}", self.name, words(error))
    }
}

enum Refusal {
    For5xx(u16, String),
    Later(String),
}

impl Refusal {
    fn into_trouble(self) -> Trouble {
        match self {
            Self::For5xx(_, text) => Trouble::Never(text),
            Self::Later(text) => Trouble::Later(text),
        }
    }
}

fn tls(server: &MailServer) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if !server.verify {
        builder = builder.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true);
    }
    builder.build()
}

/// The answer of the server, or what went wrong, in one line.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error).and_then(std::error::Error::source);
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(1_000).collect()
}
