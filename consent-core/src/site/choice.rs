//! `[choice]`: how long a choice lasts, and how it takes effect.

use super::diagnostic::Fault;
use super::node::{SchemaNode, flag, optional, table, whole};
use super::reader::{Item, Table};
use crate::time::Months;

/// A `[choice]` table, read. Its keys stand in [`Site`](super::Site) itself.
pub(super) struct Choice {
    /// None where the table says something that cannot be.
    pub(super) valid: Option<Months>,
    pub(super) ask_again: Option<Months>,
    pub(super) reload: Option<bool>,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            valid: Some(Months::THIRTEEN),
            ask_again: None,
            reload: None,
        }
    }
}

pub(super) fn read(mut table: Table<'_>) -> Choice {
    let valid = match table.get("valid_months") {
        None => Some(Months::THIRTEEN),
        Some(item) => item
            .keep(item.integer(1..14).map_err(|fault| {
                Fault::new(
                    fault.problem,
                    "a choice is valid for 1 to 13 months; CNIL calls 6 good practice",
                )
            }))
            .and_then(months),
    };
    let ask_again = table.optional("ask_again_months", |item| {
        let months = item.integer(6..14).map_err(|fault| {
            Fault::new(
                fault.problem,
                "people are not asked again sooner than after 6 months, nor later than after 13",
            )
        })?;
        if valid.is_some_and(|valid| months > u32::from(valid.get())) {
            return Err(Fault::new(
                "is later than the end of the choice",
                "people are asked again when their choice ends: use a number up to `valid_months`",
            ));
        }
        Ok(months)
    });
    let reload = table.optional("reload", Item::boolean);
    table.finish();
    Choice {
        valid,
        ask_again: ask_again.and_then(months),
        reload,
    }
}

fn months(number: u32) -> Option<Months> {
    u8::try_from(number)
        .ok()
        .and_then(|number| Months::new(number).ok())
}

pub(super) fn schema() -> SchemaNode {
    let longest = u32::from(Months::THIRTEEN.get());
    let valid = whole(
        "How long a choice is valid; CNIL calls 6 good practice.",
        1,
        longest,
    );
    let ask_again = whole(
        "When those who refused everything are asked again; up to `valid_months`, which is the default.",
        6,
        longest,
    );
    let reload = flag(
        "Whether a page is loaded again when something that runs is refused and cannot be stopped otherwise.",
    );
    table(
        "How long a choice lasts, and how it takes effect.",
        [
            optional("valid_months", valid.with("default", longest)),
            optional("ask_again_months", ask_again),
            optional("reload", reload.with("default", true)),
        ],
    )
}
