//! Servers that take connections with TLS alone, with certificates of our own.

use std::time::Duration;

use tradewind_store::{Options, Store};
use tradewind_testkit::{CERTIFIED, Database, Kind, PASSWORD, PASSWORD_IN_URL, USER};

fn impatient() -> Options {
    Options { busy: Duration::from_secs(5), ..Options::default() }
}

/// Names of the options of a kind of database.
struct Names {
    mode: &'static str,
    root: &'static str,
    certificate: &'static str,
    key: &'static str,
}

fn names(kind: Kind) -> Names {
    match kind {
        Kind::Postgres => Names { mode: "sslmode", root: "sslrootcert", certificate: "sslcert", key: "sslkey" },
        Kind::MariaDb => Names { mode: "ssl_mode", root: "ssl_ca", certificate: "ssl_cert", key: "ssl_key" },
    }
}

/// The URL of the database with these options.
fn with(database: &Database, options: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sign = if database.url.contains('?') { '&' } else { '?' };
    format!("{}{sign}{}", database.url, pairs.join("&"))
}

async fn works(url: &str, options: Options) {
    let store = Store::open(url, options).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    store.close().await;
}

async fn refused(url: &str, options: Options) -> String {
    let text = Store::open(url, options).await.expect_err(url).to_string();
    assert!(!text.contains(PASSWORD) && !text.contains(PASSWORD_IN_URL), "no password in {text}");
    text
}

#[tokio::test]
async fn each_mode_is_as_strict_as_it_says() {
    for kind in [Kind::Postgres, Kind::MariaDb] {
        let database = Database::with_tls(kind);
        let files = database.certificates().clone();
        let Names { mode, root, .. } = names(kind);
        works(&database.url, impatient()).await;
        works(&with(&database, &[(mode, "require")]), impatient()).await;
        for strict in ["verify-ca", "verify-full"] {
            works(&with(&database, &[(mode, strict), (root, &files.authority())]), impatient()).await;
            let unknown = refused(&with(&database, &[(mode, strict), (root, &files.stranger())]), impatient()).await;
            assert!(unknown.contains("TLS") && unknown.contains("certificate"), "{unknown}");
        }
        // The certificate names 127.0.0.1 and no other.
        let elsewhere = |strict: &str| with(&database, &[(mode, strict), (root, &files.authority())]).replace("@127.0.0.1:", "@localhost:");
        works(&elsewhere("verify-ca"), impatient()).await;
        let other = refused(&elsewhere("verify-full"), impatient()).await;
        assert!(other.contains("TLS"), "{other}");
        let clear = refused(&with(&database, &[(mode, "disable")]), impatient()).await;
        assert!(clear.contains("127.0.0.1"), "{clear}");
        let missing = refused(&with(&database, &[(mode, "verify-ca"), (root, "/nowhere/ca.pem")]), impatient()).await;
        assert!(missing.contains("No such file") || missing.contains("/nowhere/ca.pem"), "{missing}");
    }
}

#[tokio::test]
async fn a_certificate_stands_for_a_password() {
    for kind in [Kind::Postgres, Kind::MariaDb] {
        let database = Database::with_tls(kind);
        let files = database.certificates().clone();
        let Names { root, certificate, key, mode } = names(kind);
        if kind == Kind::Postgres {
            database.as_owner(&format!("GRANT ALL ON SCHEMA public TO {CERTIFIED}"));
        }
        let (shown, private) = files.client();
        let url = with(&database, &[(mode, "verify-full"), (root, &files.authority())])
            .replace(&format!("{USER}:{PASSWORD_IN_URL}@"), &format!("{CERTIFIED}@"));
        let nothing = refused(&url, impatient()).await;
        assert!(!nothing.is_empty());
        works(&format!("{url}&{certificate}={shown}&{key}={private}"), impatient()).await;
        // The same by the arguments of the driver.
        let args = serde_json::json!({certificate: shown, key: private});
        works(&url, Options { connect_args: args.as_object().unwrap().clone(), ..impatient() }).await;
    }
}
