//! The page: the app's, with what is known at run time, or one that says that the app was not built.

use crate::VERSION;
use crate::state::App;

pub const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1c2733;background:#fff}\
code{background:#eef2f5;padding:.1em .3em;border-radius:3px}a{color:#0b6bcb}";

/// The built page below this server's path, under this installation's name.
pub fn filled(app: &App, page: &str) -> String {
    let name = escape(&app.options().instance_name);
    let base = format!("{}/", escape(app.options().prefix()));
    page.replacen("<base href=\"/\"", &format!("<base href=\"{base}\""), 1)
        .replacen("<title>Tradewind</title>", &format!("<title>{name}</title>"), 1)
        .replacen("name=\"tradewind-instance\" content=\"Tradewind\"", &format!("name=\"tradewind-instance\" content=\"{name}\""), 1)
}

/// What is served where the program was built without the app.
pub fn not_built(app: &App) -> String {
    let name = escape(&app.options().instance_name);
    let base = escape(app.options().prefix());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title>\
         <link rel=\"stylesheet\" href=\"{base}/page.css\"></head><body><h1>{name}</h1>\
         <p>Tradewind {VERSION} is running, but <strong>the web UI was not built into this program</strong>. \
         Run <code>make build</code> in the source folder: it needs Node 20.19 or newer, builds the UI, then the program.</p>\
         <p>Everything else works:</p><ul>\
         <li><a href=\"{base}/api/v2/monitor/health\">Health</a></li>\
         <li><a href=\"{base}/api/v2/version\">Version</a></li>\
         <li><a href=\"{base}/openapi.json\">OpenAPI document</a></li></ul>\
         <p>Sign in with <code>POST {base}/auth/token</code> and send the token as <code>Authorization: Bearer</code>. \
         On the command line, <code>tradewind --help</code> shows the way.</p></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
