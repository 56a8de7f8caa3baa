//! Fernet tokens (version 0x80: AES-128-CBC, HMAC-SHA256), as Python's `cryptography` writes them.

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, Result};

const VERSION: u8 = 0x80;
/// Version, time, initialisation vector.
const HEAD: usize = 1 + 8 + 16;
const TAG: usize = 32;

/// The keys of `[core] fernet_key`: the first encrypts, all decrypt. Without keys, values are kept in clear.
#[derive(Clone, Default)]
pub struct Fernet {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    signing: [u8; 16],
    encryption: [u8; 16],
}

/// Never shows keys.
impl std::fmt::Debug for Fernet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fernet({} keys)", self.keys.len())
    }
}

impl Fernet {
    /// Reads keys separated by commas: each 32 bytes in URL-safe base64.
    ///
    /// # Errors
    /// A key that is something else, by its number.
    pub fn parse(text: &str) -> Result<Self> {
        let texts = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys = texts.enumerate().map(|(position, key)| {
            let bytes = URL_SAFE.decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(|| {
                let what = format!("key number {} of `[core] fernet_key`", position + 1);
                Error::invalid(what, "it must be 32 bytes in URL-safe base64 (44 characters, ending in `=`)")
            })?;
            let (mut signing, mut encryption) = ([0; 16], [0; 16]);
            signing.copy_from_slice(&bytes[..16]);
            encryption.copy_from_slice(&bytes[16..]);
            Ok(Key { signing, encryption })
        });
        Ok(Self { keys: keys.collect::<Result<_>>()? })
    }

    /// A new key, as text.
    pub fn generate() -> String {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes);
        URL_SAFE.encode(bytes)
    }

    /// Whether there is a key to encrypt with.
    pub fn is_configured(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Encrypts at a time (seconds since 1970); gives the text to keep and whether it is encrypted.
    pub fn seal(&self, clear: &str, seconds: u64) -> (String, bool) {
        let Some(key) = self.keys.first() else { return (clear.to_owned(), false) };
        let mut iv = [0_u8; 16];
        rand::fill(&mut iv);
        (key.seal(clear.as_bytes(), seconds, iv), true)
    }

    /// The clear text of what is kept. `what` names it in the error.
    ///
    /// # Errors
    /// [`Error::Decrypt`] when no key fits.
    pub fn open(&self, kept: &str, is_encrypted: bool, what: impl Fn() -> String) -> Result<String> {
        if !is_encrypted {
            return Ok(kept.to_owned());
        }
        if self.keys.is_empty() {
            return Err(Error::Decrypt { what: what(), reason: "no key is configured" });
        }
        let bytes = URL_SAFE.decode(kept).map_err(|_| Error::Decrypt { what: what(), reason: "it is not a Fernet token" })?;
        let clear = self.keys.iter().find_map(|key| key.open(&bytes));
        let clear = clear.ok_or_else(|| Error::Decrypt { what: what(), reason: "none of the keys fits" })?;
        String::from_utf8(clear).map_err(|_| Error::Decrypt { what: what(), reason: "its content is not text" })
    }
}

impl Key {
    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.signing).expect("a MAC takes keys of any length");
        mac.update(bytes);
        mac
    }

    fn seal(&self, clear: &[u8], seconds: u64, iv: [u8; 16]) -> String {
        let mut token = Vec::with_capacity(HEAD + clear.len() + 16 + TAG);
        token.push(VERSION);
        token.extend_from_slice(&seconds.to_be_bytes());
        token.extend_from_slice(&iv);
        token.extend(cbc::Encryptor::<Aes128>::new(&self.encryption.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(clear));
        let tag = self.mac(&token).finalize().into_bytes();
        token.extend_from_slice(&tag);
        URL_SAFE.encode(token)
    }

    fn open(&self, token: &[u8]) -> Option<Vec<u8>> {
        if token.len() < HEAD + TAG || token[0] != VERSION {
            return None;
        }
        let (signed, tag) = token.split_at(token.len() - TAG);
        self.mac(signed).verify_slice(tag).ok()?;
        let iv: [u8; 16] = signed[9..HEAD].try_into().ok()?;
        cbc::Decryptor::<Aes128>::new(&self.encryption.into(), &iv.into()).decrypt_padded_vec::<Pkcs7>(&signed[HEAD..]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the specification (generate, verify, invalid).
    const SECRET: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    const TOKEN: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
    const TIME: u64 = 499_162_800;

    fn open(keys: &str, token: &str) -> Result<String> {
        Fernet::parse(keys).unwrap().open(token, true, || "variable `x`".to_owned())
    }

    #[test]
    fn writes_the_token_of_the_specification() {
        let fernet = Fernet::parse(SECRET).unwrap();
        let iv = std::array::from_fn(|position| u8::try_from(position).unwrap());
        assert_eq!(fernet.keys[0].seal(b"hello", TIME, iv), TOKEN);
    }

    #[test]
    fn reads_the_token_of_the_specification_with_any_of_its_keys() {
        assert_eq!(open(SECRET, TOKEN).unwrap(), "hello");
        let several = format!("{} , {SECRET}", Fernet::generate());
        assert_eq!(open(&several, TOKEN).unwrap(), "hello");
    }

    #[test]
    fn refuses_the_invalid_tokens_of_the_specification() {
        let wrong = [
            ("wrong mac", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ=="),
            ("too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA=="),
            ("no base64", "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q=="),
            ("payload size", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm"),
            ("payload padding", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw=="),
        ];
        for (name, token) in wrong {
            assert!(matches!(open(SECRET, token), Err(Error::Decrypt { .. })), "{name}");
        }
    }

    #[test]
    fn what_is_sealed_opens_and_without_keys_stays_clear() {
        let key = Fernet::generate();
        let fernet = Fernet::parse(&key).unwrap();
        for clear in ["", "a", "exactly sixteen!", "päss\u{1F511}wörd"] {
            let (kept, is_encrypted) = fernet.seal(clear, TIME);
            assert!(is_encrypted && !kept.contains("sixteen"));
            assert_eq!(open(&key, &kept).unwrap(), clear);
        }
        assert_eq!(Fernet::default().seal("clear", TIME), ("clear".to_owned(), false));
    }

    #[test]
    fn errors_name_what_and_why_and_never_the_key() {
        let told = open(&Fernet::generate(), TOKEN).unwrap_err().to_string();
        assert!(told.contains("variable `x`") && told.contains("none of the keys fits") && told.contains("fernet_key"), "{told}");
        let told = Fernet::parse(&format!("{SECRET},short")).unwrap_err().to_string();
        assert!(told.contains("key number 2") && !told.contains(SECRET), "{told}");
        assert_eq!(format!("{:?}", Fernet::parse(SECRET).unwrap()), "Fernet(1 keys)");
        assert!(open("", TOKEN).unwrap_err().to_string().contains("no key is configured"));
    }
}
