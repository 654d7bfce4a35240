//! Whether the database keeps what it answers for.

use super::error::PostgresError;
use super::session::{Session, get};
use super::sql::statements;
use crate::store::StoreError;

statements! {
    SETTINGS = "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
        current_setting('synchronous_standby_names'), current_setting('data_checksums')";
}

/// Refuses a database that loses what it has answered for; says what else is missing.
pub(super) async fn check(session: &mut Session, at: &str) -> Result<(), StoreError> {
    let row = session.one(SETTINGS, &[]).await?;
    let settings = Settings {
        fsync: get(&row, 0)?,
        full_page_writes: get(&row, 1)?,
        synchronous_commit: get(&row, 2)?,
        synchronous_standby_names: get(&row, 3)?,
        data_checksums: get(&row, 4)?,
    };
    if let Some(setting) = settings.loses() {
        let at = at.to_owned();
        return Err(PostgresError::MayLose { at, setting }.into());
    }
    for lack in settings.lacks() {
        tracing::warn!(database = at, "{lack}");
    }
    Ok(())
}

struct Settings<'a> {
    fsync: &'a str,
    full_page_writes: &'a str,
    synchronous_commit: &'a str,
    synchronous_standby_names: &'a str,
    data_checksums: &'a str,
}

impl Settings<'_> {
    /// The setting with which the machine's end, or the database's, takes what was answered for.
    fn loses(&self) -> Option<&'static str> {
        if self.fsync == "off" {
            Some("fsync")
        } else if self.synchronous_commit == "off" {
            Some("synchronous_commit")
        } else {
            None
        }
    }

    /// What is missing, and what to do.
    fn lacks(&self) -> Vec<&'static str> {
        let mut lacks = Vec::new();
        if self.synchronous_standby_names.is_empty() {
            lacks.push("no standby has what was answered for: if this machine's disk is lost, records are. Set synchronous_standby_names, like ANY 1 (a, b)");
        } else if self.synchronous_commit == "local" {
            lacks.push("synchronous_commit = local waits for no standby: after a fail-over records may be lost. Set it to on");
        } else if self.synchronous_commit == "remote_write" {
            lacks.push(
                "synchronous_commit = remote_write waits for no standby's disk. Set it to on",
            );
        }
        if self.data_checksums == "off" {
            lacks.push("pages have no checksums: what a disk spoils is not noticed. Stop the database and run pg_checksums --enable");
        }
        if self.full_page_writes == "off" {
            lacks.push(
                "full_page_writes = off: pages that a power cut tears stay torn. Set it to on",
            );
        }
        lacks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Settings<'_> = Settings {
        fsync: "on",
        full_page_writes: "on",
        synchronous_commit: "on",
        synchronous_standby_names: "ANY 1 (a, b)",
        data_checksums: "on",
    };

    #[test]
    fn what_loses_records_is_refused_and_what_is_missing_is_said() {
        assert_eq!((SOUND.loses(), SOUND.lacks().len()), (None, 0));
        let off = Settings {
            fsync: "off",
            ..SOUND
        };
        assert_eq!(off.loses(), Some("fsync"));
        let off = Settings {
            synchronous_commit: "off",
            ..SOUND
        };
        assert_eq!(off.loses(), Some("synchronous_commit"));
        for lacking in [
            Settings {
                synchronous_standby_names: "",
                ..SOUND
            },
            Settings {
                synchronous_commit: "local",
                ..SOUND
            },
            Settings {
                synchronous_commit: "remote_write",
                ..SOUND
            },
            Settings {
                data_checksums: "off",
                ..SOUND
            },
            Settings {
                full_page_writes: "off",
                ..SOUND
            },
        ] {
            assert_eq!((lacking.loses(), lacking.lacks().len()), (None, 1));
        }
    }
}
