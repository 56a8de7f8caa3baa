//! The web server, its tokens, and mail.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::{Reader, seconds};
use crate::secret::Secret;

/// Whether the configuration can be read over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposeConfig {
    /// Not at all.
    Never,
    /// All but secrets.
    NonSensitive,
    /// All.
    All,
}

/// `[api]`.
#[derive(Debug, Clone)]
pub struct Api {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// URL under which people reach the server.
    pub base_url: Option<String>,
    /// Name of the installation.
    pub instance_name: Option<String>,
    /// Whether the configuration can be read.
    pub expose_config: ExposeConfig,
    /// Answers to failed requests hold the trace.
    pub expose_stacktrace: bool,
    /// Most items on a page.
    pub maximum_page_limit: u32,
    /// Items on a page when the request does not say.
    pub fallback_page_limit: u32,
    /// Origins that may call from a browser.
    pub allow_origins: Vec<String>,
    /// Methods that they may use.
    pub allow_methods: Vec<String>,
    /// Headers that they may send.
    pub allow_headers: Vec<String>,
    /// The list of DAGs starts without paused ones.
    pub hide_paused_dags_by_default: bool,
    /// Between questions of a page without live events.
    pub auto_refresh_interval: Duration,
    /// Zone in which pages show times; `None`: the browser's.
    pub default_ui_timezone: Option<String>,
}

impl Api {
    pub(super) fn read(r: &mut Reader<'_>) -> Api {
        let s = "api";
        Api {
            host: r.text(s, "host"),
            port: r.int(s, "port"),
            base_url: r.optional(s, "base_url"),
            instance_name: r.optional(s, "instance_name"),
            expose_config: match r.word(s, "expose_config") {
                "true" => ExposeConfig::All,
                "non-sensitive-only" => ExposeConfig::NonSensitive,
                _ => ExposeConfig::Never,
            },
            expose_stacktrace: r.bool(s, "expose_stacktrace"),
            maximum_page_limit: r.int(s, "maximum_page_limit"),
            fallback_page_limit: r.int(s, "fallback_page_limit"),
            allow_origins: r.list(s, "access_control_allow_origins"),
            allow_methods: r.list(s, "access_control_allow_methods"),
            allow_headers: r.list(s, "access_control_allow_headers"),
            hide_paused_dags_by_default: r.bool(s, "hide_paused_dags_by_default"),
            auto_refresh_interval: seconds(r.float(s, "auto_refresh_interval")),
            default_ui_timezone: r.optional(s, "default_ui_timezone"),
        }
    }
}

/// `[api_auth]`, without the key.
#[derive(Debug, Clone)]
pub struct ApiAuth {
    /// Audience of tokens.
    pub jwt_audience: String,
    /// Issuer of tokens.
    pub jwt_issuer: Option<String>,
    /// Key id.
    pub jwt_kid: Option<String>,
    /// `HS256`, `HS384` or `HS512`.
    pub jwt_algorithm: &'static str,
    /// Life of a token of sign-in.
    pub jwt_expiration: Duration,
    /// Life of a token for the command line.
    pub jwt_cli_expiration: Duration,
    /// By how much clocks may differ.
    pub jwt_leeway: Duration,
    /// Life of the tokens of workers and attempts.
    pub task_token_lifetime: Duration,
}

impl ApiAuth {
    pub(super) fn read(r: &mut Reader<'_>) -> ApiAuth {
        let s = "api_auth";
        ApiAuth {
            jwt_audience: r.text(s, "jwt_audience"),
            jwt_issuer: r.optional(s, "jwt_issuer"),
            jwt_kid: r.optional(s, "jwt_kid"),
            jwt_algorithm: r.word(s, "jwt_algorithm"),
            jwt_expiration: seconds(r.float(s, "jwt_expiration_time")),
            jwt_cli_expiration: seconds(r.float(s, "jwt_cli_expiration_time")),
            jwt_leeway: seconds(r.float(s, "jwt_leeway")),
            task_token_lifetime: seconds(r.float("execution_api", "jwt_expiration_time")),
        }
    }
}

/// `[email]`.
#[derive(Debug, Clone)]
pub struct Email {
    /// Function that sends mail.
    pub backend: String,
    /// Connection with the login.
    pub conn_id: String,
    /// Mail on retry.
    pub on_retry: bool,
    /// Mail on failure.
    pub on_failure: bool,
    /// Template of the subject.
    pub subject_template: Option<PathBuf>,
    /// Template of the text.
    pub html_content_template: Option<PathBuf>,
    /// Sender.
    pub from_email: Option<String>,
    /// The certificate of the mail server is checked.
    pub verify: bool,
}

impl Email {
    pub(super) fn read(r: &mut Reader<'_>) -> Email {
        let s = "email";
        Email {
            backend: r.text(s, "email_backend"),
            conn_id: r.text(s, "email_conn_id"),
            on_retry: r.bool(s, "default_email_on_retry"),
            on_failure: r.bool(s, "default_email_on_failure"),
            subject_template: r.optional(s, "subject_template").map(PathBuf::from),
            html_content_template: r.optional(s, "html_content_template").map(PathBuf::from),
            from_email: r.optional(s, "from_email"),
            verify: !r.text(s, "ssl_context").trim().eq_ignore_ascii_case("none"),
        }
    }
}

/// `[smtp]`.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Server.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS after connecting.
    pub starttls: bool,
    /// TLS from the start.
    pub ssl: bool,
    /// Sender when `[email] from_email` is not set.
    pub mail_from: String,
    /// Time of one attempt.
    pub timeout: Duration,
    /// Attempts per mail.
    pub retry_limit: u32,
    /// Login.
    pub user: Option<String>,
    /// Password of the login.
    pub password: Option<Secret>,
}

impl Smtp {
    pub(super) fn read(r: &mut Reader<'_>) -> Smtp {
        let s = "smtp";
        Smtp {
            host: r.text(s, "smtp_host"),
            port: r.int(s, "smtp_port"),
            starttls: r.bool(s, "smtp_starttls"),
            ssl: r.bool(s, "smtp_ssl"),
            mail_from: r.text(s, "smtp_mail_from"),
            timeout: seconds(r.float(s, "smtp_timeout")),
            retry_limit: r.int(s, "smtp_retry_limit"),
            user: r.optional(s, "smtp_user"),
            password: r.optional(s, "smtp_password").map(Secret::new),
        }
    }
}
