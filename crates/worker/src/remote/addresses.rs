//! Where the control plane is: several addresses, one of which is asked first until it fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Url;

/// An address that is none.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("`{text}` is no address of a web server: {reason}; write `http://host:8080`, several separated by commas")]
    Url { text: String, reason: String },
    #[error("no address of a web server is given: `--server http://host:8080`, or [core] execution_api_server_url")]
    None,
    #[error("no connections can be made: {0}")]
    Client(String),
}

/// See the module.
#[derive(Debug)]
pub struct Addresses {
    /// Without a slash at their ends.
    all: Vec<String>,
    first: AtomicUsize,
}

impl Addresses {
    pub fn new(texts: &[String]) -> Result<Self, AddressError> {
        let all = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(address).collect::<Result<Vec<_>, _>>()?;
        if all.is_empty() {
            return Err(AddressError::None);
        }
        Ok(Self { all, first: AtomicUsize::new(0) })
    }

    /// All of them with their numbers, the one that answered last at the head.
    pub fn in_turn(&self) -> impl Iterator<Item = (usize, &str)> {
        let first = self.first.load(Ordering::Relaxed);
        (0..self.all.len()).map(move |step| (first + step) % self.all.len()).map(|at| (at, self.all[at].as_str()))
    }

    /// This one is asked; until it answers the next one is asked first by others, and by us when we give up waiting.
    pub fn asking(&self, at: usize) -> Doubt<'_> {
        Doubt { addresses: self, at, answered: false }
    }
}

/// A request that may not be answered.
pub struct Doubt<'a> {
    addresses: &'a Addresses,
    at: usize,
    answered: bool,
}

impl Doubt<'_> {
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        let first = &self.addresses.first;
        if self.answered {
            first.store(self.at, Ordering::Relaxed);
        } else {
            let next = (self.at + 1) % self.addresses.all.len();
            // Others may have moved on already.
            let _ = first.compare_exchange(self.at, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// The base URL of a web server; `/execution/` at its end, as `[core] execution_api_server_url` has it, goes without saying.
fn address(text: &str) -> Result<String, AddressError> {
    let refuse = |reason: &str| AddressError::Url { text: hide(text), reason: reason.to_owned() };
    let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("its scheme is neither http nor https"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(refuse("it has more than scheme, host, port and path"));
    }
    let text = url.as_str().trim_end_matches('/');
    Ok(text.strip_suffix("/execution").unwrap_or(text).to_owned())
}

/// Without a password that somebody wrote into it.
fn hide(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Result<Addresses, AddressError> {
        Addresses::new(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    fn order(addresses: &Addresses) -> Vec<&str> {
        addresses.in_turn().map(|(_, address)| address).collect()
    }

    #[test]
    fn the_one_that_answers_is_asked_first() {
        let all = addresses(&["http://a:1", " http://b:2/air/ ", "https://c/execution/"]).unwrap();
        assert_eq!(order(&all), ["http://a:1", "http://b:2/air", "https://c"]);
        drop(all.asking(0));
        assert_eq!(order(&all), ["http://b:2/air", "https://c", "http://a:1"]);
        // A request that was sent before the change does not undo it.
        drop(all.asking(0));
        assert_eq!(order(&all)[0], "http://b:2/air");
        all.asking(2).answered();
        assert_eq!(order(&all)[0], "https://c");
    }

    #[test]
    fn what_is_no_address_is_said() {
        let error = |texts: &[&str]| addresses(texts).unwrap_err().to_string();
        assert!(error(&[""]).contains("--server"));
        assert!(error(&["host:8080"]).contains("`host:8080`"));
        assert!(error(&["postgresql://a:b@c/d"]).contains("neither http nor https"));
        let login = error(&["http://me:pw@host"]);
        assert!(login.contains("more than scheme") && !login.contains("pw"), "{login}");
    }
}
