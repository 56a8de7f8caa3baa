//! Certificates of our own: an authority, a server at 127.0.0.1, a client, and an authority that signed nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::command::{is_root, run};

/// The client's name: PostgreSQL takes it for the user's.
pub const CERTIFIED: &str = "certified";

/// Files below one folder.
#[derive(Debug, Clone)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.join("tls") }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Who signed the server's and the client's.
    pub fn authority(&self) -> String {
        self.file("ca.pem")
    }

    /// Who signed neither.
    pub fn stranger(&self) -> String {
        self.file("stranger.pem")
    }

    pub fn client(&self) -> (String, String) {
        (self.file("client.pem"), self.file("client.key"))
    }

    pub(crate) fn server(&self) -> (String, String) {
        (self.file("server.pem"), self.file("server.key"))
    }

    /// Makes them. `owner`: the account of the server, which alone may read its key.
    pub(crate) fn make(&self, owner: &str) {
        fs::create_dir(&self.folder).expect("a folder of certificates");
        let (authority, pem) = authority("authority of tests");
        fs::write(self.authority(), pem).expect("the authority's certificate");
        fs::write(self.stranger(), self::authority("a stranger").1).expect("the stranger's certificate");
        let (certificate, key) = self.server();
        sign(&authority, "server", &["127.0.0.1"], &certificate, &key);
        if is_root() {
            run(Command::new("chown").arg(owner).args([&certificate, &key]));
        }
        let (certificate, key) = self.client();
        sign(&authority, CERTIFIED, &[], &certificate, &key);
    }
}

fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = named(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let pem = params.self_signed(&key).expect("a certificate").pem();
    (Issuer::new(params, key), pem)
}

fn named(name: &str, addresses: &[&str]) -> CertificateParams {
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
    let mut params = CertificateParams::new(addresses).expect("addresses");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn sign(authority: &Issuer<'_, KeyPair>, name: &str, addresses: &[&str], certificate: &str, key: &str) {
    let pair = KeyPair::generate().expect("a key");
    let signed = named(name, addresses).signed_by(&pair, authority).expect("a certificate");
    fs::write(certificate, signed.pem()).expect("a certificate on disk");
    fs::write(key, pair.serialize_pem()).expect("a key on disk");
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("a private key");
}
