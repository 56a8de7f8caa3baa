//! Tokens that name a DAG file: signed, so that only files the server has named can be asked for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{sign, verify};
use jsonwebtoken::{DecodingKey, EncodingKey};

/// The token of a file, by its path below the DAGs folder.
pub fn issue(secret: &[u8], relative_fileloc: &str) -> String {
    let name = BASE64_URL_SAFE_NO_PAD.encode(relative_fileloc);
    let signature = sign(name.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap_or_default();
    format!("{name}.{signature}")
}

/// The file of a token; `None` when the token is not ours.
pub fn read(secret: &[u8], token: &str) -> Option<String> {
    let (name, signature) = token.split_once('.')?;
    let ours = verify(signature, name.as_bytes(), &DecodingKey::from_secret(secret), Algorithm::HS256).ok()?;
    if !ours {
        return None;
    }
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(name).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_name_a_file() {
        let token = issue(b"secret", "team/étl.py");
        assert_eq!(read(b"secret", &token).as_deref(), Some("team/étl.py"));
        assert_eq!(read(b"other", &token), None);
        assert_eq!(read(b"secret", "abc.def"), None);
        assert_eq!(read(b"secret", ""), None);
    }
}
