//! Where a database is: a URL that is never shown with its password.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// How long a connection may take to come about, for each host.
const CONNECT: Duration = Duration::from_secs(2);

/// After which silence a connection is looked at, and how long what was sent may go unanswered by the other machine.
const IDLE: Duration = Duration::from_secs(5);

/// What libpq has without being told, and what nobody sets: two hours.
const UNSET_IDLE: Duration = Duration::from_hours(2);

/// The address of a `PostgreSQL` database, like `postgres://consent@db1.example,db2.example/consent`. Shown without its password.
///
/// What is not said in it is set for a service that has to go on by itself: `connect_timeout=2`, `keepalives_idle=5`,
/// `tcp_user_timeout=5000`, with several hosts `target_session_attrs=read-write`, and `sslmode=require` unless the database
/// is on this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Arc<Config>);

/// Why a text is no address of a database. Says nothing of what stands in it, which may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// Another scheme.
    #[error(
        "begins with postgres:// or postgresql://, as in postgres://consent@db.example/consent"
    )]
    Scheme,
    /// The driver does not read it.
    #[error("is none that PostgreSQL's clients read: {0}")]
    Malformed(String),
    /// An `@` in the host.
    #[error(
        "has an @ in its host: write the characters @ : / ? # % of the password as %40 %3A %2F %3F %23 %25"
    )]
    Unescaped,
    /// No host, user or database.
    #[error("names no {0}")]
    Incomplete(&'static str),
}

impl PostgresUrl {
    /// What the driver connects by.
    pub(super) fn config(&self) -> &Config {
        &self.0
    }

    /// Whether a connection goes over a network at all, and may be encrypted.
    pub(super) fn may_use_tls(&self) -> bool {
        let is_network = |host: &Host| matches!(host, Host::Tcp(_));
        let goes_out =
            !self.0.get_hostaddrs().is_empty() || self.0.get_hosts().iter().any(is_network);
        self.0.get_ssl_mode() != SslMode::Disable && goes_out
    }
}

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Err(PostgresUrlError::Scheme);
        }
        let mut config: Config = text.parse().map_err(|error| malformed(&error))?;
        if config
            .get_hosts()
            .iter()
            .any(|host| name(host).contains('@'))
        {
            return Err(PostgresUrlError::Unescaped);
        }
        if config.get_hosts().is_empty() {
            return Err(PostgresUrlError::Incomplete("host"));
        }
        if config.get_user().is_none() {
            return Err(PostgresUrlError::Incomplete("user"));
        }
        if config.get_dbname().is_none() {
            return Err(PostgresUrlError::Incomplete("database"));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_keepalives_idle() == UNSET_IDLE {
            config.keepalives_idle(IDLE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(IDLE);
        }
        let is_several = config.get_hosts().len() > 1;
        if is_several && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("consent");
        }
        if !says_mode(text) && !is_here(&config) {
            config.ssl_mode(SslMode::Require);
        }
        Ok(Self(Arc::new(config)))
    }
}

/// The driver's words: it names options, not their values.
fn malformed(error: &tokio_postgres::Error) -> PostgresUrlError {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    PostgresUrlError::Malformed(cause.unwrap_or_else(|| error.to_string()))
}

/// Whether the mode of TLS is among the options, which follow the `?` after the password.
fn says_mode(text: &str) -> bool {
    let after_password = text.split_once('@').map_or(text, |(_, after)| after);
    let options = after_password
        .split_once('?')
        .map_or("", |(_, options)| options);
    let mut names = options
        .split('&')
        .filter_map(|option| option.split_once('='));
    names.any(|(name, _)| name == "sslmode")
}

/// Whether all that is connected to is this machine: where there are addresses, the names beside them say nothing.
fn is_here(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    addresses.iter().all(IpAddr::is_loopback)
        && config
            .get_hosts()
            .iter()
            .skip(addresses.len())
            .all(is_host_here)
}

/// Whether a host is this machine.
fn is_host_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback())
        }
    }
}

fn name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.0;
        write!(f, "postgres://{}@", config.get_user().unwrap_or_default())?;
        let ports = config.get_ports();
        for (index, host) in config.get_hosts().iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{}", name(host))?;
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<PostgresUrl, PostgresUrlError> {
        text.parse()
    }

    #[test]
    fn it_is_shown_without_its_password() {
        let url = url(
            "postgres://consent:s3cr%40t@db1.example:6432,db2.example/receipts?sslmode=require",
        )
        .unwrap();
        assert_eq!(
            url.to_string(),
            "postgres://consent@db1.example:6432,db2.example:5432/receipts"
        );
        assert!(!format!("{url:?}").contains("s3cr"), "{url:?}");
        assert_eq!(url.config().get_password(), Some(&b"s3cr@t"[..]));
    }

    #[test]
    fn what_is_wrong_with_it_tells_nothing_of_its_password() {
        for text in [
            "mysql://u:s3cret@h/d",
            "postgres://u:s3cret@h:port/d",
            "postgres://u:x@s3cret@h/d",
            "postgres://u:s3cret@h/d?unknown=s3cret",
            "postgres://u:s3cret@h/d?sslmode=s3cret",
            "postgres://u:s3cret@/d",
            "postgres://u:s3cret@h",
        ] {
            let error = url(text).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{text}: {error}");
        }
    }

    #[test]
    fn other_machines_are_asked_for_tls_and_several_for_the_one_that_writes() {
        let modes = |text: &str| {
            let url = url(text).unwrap();
            let config = url.config();
            (config.get_ssl_mode(), config.get_target_session_attrs())
        };
        let (require, prefer) = (SslMode::Require, SslMode::Prefer);
        let (any, writes) = (TargetSessionAttrs::Any, TargetSessionAttrs::ReadWrite);
        assert_eq!(modes("postgres://u@db.example/d"), (require, any));
        assert_eq!(modes("postgres://u@127.0.0.1/d"), (prefer, any));
        assert_eq!(modes("postgres://u@%2Frun%2Fpostgresql/d"), (prefer, any));
        assert_eq!(modes("postgres://u@a,b/d"), (require, writes));
        for elsewhere in [
            "postgres://u@localhost/d?hostaddr=192.0.2.1",
            "postgres://u@localhost,127.0.0.1/d?hostaddr=127.0.0.1,192.0.2.1",
            "postgres://u:sslmode=@db.example/d",
            "postgres://u:?sslmode=disable@db.example/d",
            "postgres://u:x%26sslmode=prefer@db.example/d",
            "postgres://u@db.example/d?application_name=sslmode=",
            "postgres://u@db.example/d?application_name=sslmode%3Ddisable",
        ] {
            assert_eq!(modes(elsewhere).0, require, "{elsewhere}");
        }
        let here = "postgres://u@db.example/d?hostaddr=127.0.0.1";
        assert_eq!(modes(here), (prefer, any));
        let said = "postgres://u@db.example/d?application_name=a&sslmode=prefer";
        assert_eq!(modes(said), (prefer, any));
        let disabled = "postgres://u@a,b/d?sslmode=disable&target_session_attrs=read-write";
        assert_eq!(modes(disabled), (SslMode::Disable, writes));
    }
}
