//! A machine that a scheduler may run on.

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// As the configuration has it: a host, or `user@host`.
    pub name: String,
    /// This machine: commands need no ssh.
    pub local: bool,
}

impl Node {
    /// `here`: the name of this machine.
    pub fn new(name: &str, here: &str) -> Self {
        let host = host_of(name);
        let local = is_loopback_name(host) || (host.eq_ignore_ascii_case(here) && !name.contains('@'));
        Self { name: name.to_owned(), local }
    }

    /// Without the user.
    pub fn host(&self) -> &str {
        host_of(&self.name)
    }

    /// Under what name a scheduler that is started here shall register; `None`: that of the system.
    pub fn registers_as(&self) -> Option<&str> {
        (!is_loopback_name(self.host())).then(|| self.host())
    }

    /// Whether a process that registered under `hostname` runs here. `here`: the name of this machine.
    pub fn is_of(&self, hostname: &str, here: &str) -> bool {
        let host = if is_loopback_name(self.host()) { here } else { self.host() };
        host.eq_ignore_ascii_case(hostname) || same_short_name(host, hostname)
    }
}

fn host_of(name: &str) -> &str {
    name.rsplit_once('@').map_or(name, |(_, host)| host)
}

fn is_loopback_name(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

/// `db1` and `db1.example.com` are one host; addresses are compared whole.
fn same_short_name(one: &str, other: &str) -> bool {
    let address = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    if address(one) || address(other) || one.contains('.') == other.contains('.') {
        return false;
    }
    let short = |text: &str| text.split('.').next().unwrap_or_default().to_ascii_lowercase();
    short(one) == short(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_on_its_node() {
        let node = |name: &str| Node::new(name, "db1");
        assert!(node("localhost").is_of("db1", "db1") && !node("localhost").is_of("db2", "db1"));
        assert!(node("airflow@db2").is_of("DB2", "db1") && node("db2").is_of("db2.example.com", "db1"));
        assert!(
            !node("db2.a.com").is_of("db2.b.com", "db1")
                && !node("10.0.0.1").is_of("10.0.0.2", "db1")
                && !node("10").is_of("10.0.0.2", "db1")
        );
    }

    #[test]
    fn only_this_machine_needs_no_ssh() {
        let local = |name: &str| Node::new(name, "db1").local;
        assert!(local("localhost") && local("db1") && local("127.0.0.1"));
        assert!(!local("db2") && !local("127.0.0.2") && !local("other@db1"));
        assert_eq!(Node::new("u@db2", "db1").registers_as(), Some("db2"));
        assert_eq!(Node::new("localhost", "db1").registers_as(), None);
    }
}
