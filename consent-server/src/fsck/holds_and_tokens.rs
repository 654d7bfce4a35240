//! Holds and tokens stand as the trail tells: what was made and not taken back is there, and nothing else is.
//!
//! A line without its number may be of a deed that was never done: it proves neither.

use super::error::FsckError;
use super::examination::Examination;
use super::place::Stage;
use crate::store::deeds::{CREATE_TOKEN, HOLD, LIFT, REVOKE_TOKEN, may_mean, named_token};
use crate::store::inspection::{InspectedLine, Inspection};
use crate::store::token_id;
use consent_core::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// What the trail says last of a hold or a token.
#[derive(Clone, Copy)]
struct Last {
    /// The line.
    line: i64,
    says: Says,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It is there.
    There,
    /// It is gone.
    Gone,
    /// Perhaps one, perhaps the other.
    Open,
}

impl Last {
    /// What is said after one more line. One that was not completed leaves as it was what it would not have changed.
    fn after(before: Option<Self>, line: &InspectedLine, makes: &str) -> Self {
        let says = if line.action == makes {
            Says::There
        } else {
            Says::Gone
        };
        match before {
            Some(before) if line.rows.is_none() && before.says == says => before,
            _ => Self {
                line: line.number,
                says: if line.rows.is_some() {
                    says
                } else {
                    Says::Open
                },
            },
        }
    }
}

pub(super) fn examine(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    holds(examination)?;
    tokens(examination)
}

/// Every hold was put and lifted with a line, from the first version that knew holds.
fn holds(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    let mut last: BTreeMap<String, Last> = BTreeMap::new();
    for line in lines(examination.view, [HOLD, LIFT])? {
        if let Some(site) = &line.site {
            let before = last.get(site).copied();
            last.insert(site.clone(), Last::after(before, &line, HOLD));
        }
    }
    let held = examination.view.held()?;
    let all: BTreeSet<&String> = held.iter().chain(last.keys()).collect();
    for site in &all {
        let wrong = match (held.contains(*site), last.get(*site)) {
            (true, None) => "is under a legal hold, and no line of the trail says so".to_owned(),
            (true, Some(last)) if last.says == Says::Gone => format!(
                "is under a legal hold, and line {} of the trail says that it was lifted",
                last.line
            ),
            (false, Some(last)) if last.says == Says::There => format!(
                "is under no legal hold, and line {} of the trail says that it is",
                last.line
            ),
            _ => continue,
        };
        examination.found(format!("site {site}"), wrong)?;
    }
    examination.counted(Stage::Trail, all.len() as u64);
    Ok(())
}

/// Lines did not always name their token: those that do not prove nothing of one that is gone.
fn tokens(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    let lines = lines(examination.view, [CREATE_TOKEN, REVOKE_TOKEN])?;
    let mut last: BTreeMap<&str, Last> = BTreeMap::new();
    let mut unnamed = Vec::new();
    // From here on lines name what they made.
    let mut since = None;
    for line in &lines {
        let is_made = line.action == CREATE_TOKEN;
        match named_token(&line.filter) {
            Some(id) => {
                let before = last.get(id).copied();
                last.insert(id, Last::after(before, line, CREATE_TOKEN));
                if is_made {
                    since.get_or_insert(line.at);
                }
            }
            None if is_made => unnamed.push(line),
            None => {}
        }
    }
    let mut there = BTreeSet::new();
    for token in examination.view.tokens()? {
        // Sums tell of a hash that is none.
        let Ok(hash) = <[u8; 32]>::try_from(&token.hash[..]) else {
            continue;
        };
        let id = token_id(&Digest::from_bytes(hash));
        let is_untold = since.is_some_and(|since| token.created_at >= since)
            && !unnamed
                .iter()
                .any(|line| may_mean(&line.filter, &token.role, &token.label));
        let wrong = match last.get(&*id) {
            Some(last) if last.says == Says::Gone => Some(format!(
                "is there, and line {} of the trail says that it was revoked",
                last.line
            )),
            None if is_untold => {
                Some("is there, and no line of the trail says that it was made".to_owned())
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            examination.found(format!("token {id}"), wrong)?;
        }
        there.insert(id);
    }
    for (id, last) in &last {
        if last.says == Says::There && !there.contains(*id) {
            let wrong = format!(
                "is not there, and line {} of the trail says that it was made: nothing says that it was revoked",
                last.line
            );
            examination.found(format!("token {id}"), wrong)?;
        }
    }
    let gone = last.keys().filter(|id| !there.contains(**id)).count();
    examination.counted(Stage::Trail, (there.len() + gone) as u64);
    Ok(())
}

fn lines(view: &dyn Inspection, actions: [&str; 2]) -> Result<Vec<InspectedLine>, FsckError> {
    let mut lines = Vec::new();
    view.told(actions, &mut |line| {
        lines.push(line);
        ControlFlow::Continue(())
    })?;
    Ok(lines)
}
