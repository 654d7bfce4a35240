//! How many files and connections the system lets the process have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open besides the connections of the main listener: the database for its readers and its writer, the log, other
/// listeners, and connections that were sent away a moment ago.
const OTHERS: usize = 512;

/// As many connections as were asked for, or as many as fit under the system's limit, which is raised as far as it may be.
/// Says so if they are fewer.
pub(super) fn fitting(wanted: usize) -> usize {
    let limit = raised(wanted.saturating_add(OTHERS));
    let most = beside_others(limit);
    if most < wanted {
        tracing::warn!(
            connections = most,
            asked = wanted,
            limit,
            "fewer connections at a time than asked for: the system lets this process have so few files open. Raise its limit (LimitNOFILE in systemd, ulimit -n, --ulimit nofile of a container)"
        );
        return most;
    }
    wanted
}

/// Under a limit that is small for a server, half is for connections.
fn beside_others(limit: usize) -> usize {
    (limit - OTHERS.min(limit / 2)).max(1)
}

/// The limit of open files, raised to this if it is lower and the system allows it.
fn raised(needed: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let as_size = |limit: Option<u64>| {
        limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        })
    };
    let (now, most) = (as_size(current), as_size(maximum));
    if now >= needed || now >= most {
        return now;
    }
    let wanted = u64::try_from(needed.min(most)).ok();
    let raised = Rlimit {
        current: wanted,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => as_size(wanted),
        Err(_) => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_left_for_the_rest() {
        assert_eq!(beside_others(16_384), 16_384 - OTHERS);
        assert_eq!(beside_others(1024), 512);
        assert_eq!(beside_others(256), 128);
        assert_eq!(beside_others(1), 1);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_is_needed_and_allowed() {
        let before = getrlimit(Resource::Nofile);
        let now = usize::try_from(before.current.unwrap()).unwrap();
        assert_eq!(raised(1), now, "never lowered");
        let got = raised(now + 1);
        let after = getrlimit(Resource::Nofile);
        assert_eq!(after.maximum, before.maximum);
        assert_eq!(after.current, u64::try_from(got).ok());
        let allowed = before
            .maximum
            .is_none_or(|most| most > before.current.unwrap());
        assert_eq!(got, if allowed { now + 1 } else { now });
    }
}
