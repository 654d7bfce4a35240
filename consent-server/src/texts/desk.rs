//! The texts of the pages for staff, and how their numbers and dates are written.

/// The texts of the pages for staff.
pub(crate) struct DeskTexts {
    pub(crate) brand: &'static str,
    pub(crate) log_in: &'static str,
    pub(crate) log_out: &'static str,
    pub(crate) your_token: &'static str,
    pub(crate) wrong_token: &'static str,
    /// What stands before the command that makes tokens.
    pub(crate) tokens_are_made: &'static str,
    pub(crate) not_from_here: &'static str,
    pub(crate) nothing_done: &'static str,
    pub(crate) log_in_at: &'static str,
    /// What stands before the option `--staff-url`.
    pub(crate) other_address: &'static str,
    pub(crate) nothing_here: &'static str,
    pub(crate) no_such_site: &'static str,
    pub(crate) back_to_sites: &'static str,
    pub(crate) sites: &'static str,
    pub(crate) no_sites: &'static str,
    pub(crate) find: &'static str,
    pub(crate) show: &'static str,
    pub(crate) none_found: &'static str,
    pub(crate) site: &'static str,
    pub(crate) choices_30: &'static str,
    pub(crate) agreed: &'static str,
    pub(crate) trend: &'static str,
    pub(crate) trend_hint: &'static str,
    /// Told of the column that the table is sorted by.
    pub(crate) sorted: &'static str,
    pub(crate) retired: &'static str,
    pub(crate) retired_hint: &'static str,
    /// `{rows}` stands for a number.
    pub(crate) spreadsheet_limit: &'static str,
    pub(crate) overview: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) step: &'static str,
    pub(crate) day: &'static str,
    pub(crate) week: &'static str,
    pub(crate) month: &'static str,
    pub(crate) last_30: &'static str,
    pub(crate) this_month: &'static str,
    pub(crate) last_month: &'static str,
    pub(crate) this_year: &'static str,
    /// `{zone}` stands for the name of a time zone.
    pub(crate) days_of: &'static str,
    /// `{from}` and `{to}` stand for dates.
    pub(crate) compared: &'static str,
    pub(crate) choices: &'static str,
    pub(crate) accept_all: &'static str,
    pub(crate) refuse_all: &'static str,
    pub(crate) own_choice: &'static str,
    pub(crate) dismissed: &'static str,
    pub(crate) withdrawals: &'static str,
    pub(crate) gpc: &'static str,
    /// `{count}` stands for the number of the period before.
    pub(crate) before: &'static str,
    pub(crate) no_decision: &'static str,
    pub(crate) answers_chart: &'static str,
    pub(crate) share_chart: &'static str,
    pub(crate) as_table: &'static str,
    pub(crate) notice_changed: &'static str,
    pub(crate) per_category: &'static str,
    pub(crate) per_category_hint: &'static str,
    pub(crate) category_or_service: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) granted: &'static str,
    pub(crate) share: &'static str,
    pub(crate) share_before: &'static str,
    pub(crate) by_language: &'static str,
    pub(crate) by_source: &'static str,
    pub(crate) by_notice: &'static str,
    pub(crate) language: &'static str,
    pub(crate) source: &'static str,
    pub(crate) notice: &'static str,
    /// `{language}` and `{date}` stand for what they say.
    pub(crate) notice_since: &'static str,
    pub(crate) notice_unknown: &'static str,
    pub(crate) period: &'static str,
    pub(crate) latest: &'static str,
    pub(crate) no_decision_yet: &'static str,
    /// `{count}` stands for a number.
    pub(crate) newest: &'static str,
    pub(crate) export_some: &'static str,
    pub(crate) received_from: &'static str,
    pub(crate) received_before: &'static str,
    pub(crate) act: &'static str,
    pub(crate) any: &'static str,
    pub(crate) notice_digest: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) for_programs: &'static str,
    /// `{zone}` stands for the name of a time zone.
    pub(crate) received: &'static str,
    pub(crate) record: &'static str,
    pub(crate) records: &'static str,
    /// `{row}` stands for a number.
    pub(crate) unreadable: &'static str,
    pub(crate) all_decisions: &'static str,
    /// The months, as they stand in dates.
    pub(super) months: [&'static str; 12],
    /// What stands between thousands.
    pub(super) thousands: &'static str,
    /// What stands before the sign of per cent.
    pub(super) before_percent: &'static str,
    /// `{date}`, `{hour}` and `{minute}` stand for what they say.
    pub(super) moment: &'static str,
    /// The first of a month.
    pub(super) first: &'static str,
}

impl DeskTexts {
    /// A number with its thousands apart.
    pub(crate) fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(self.thousands);
            }
            text.push(digit);
        }
        text
    }

    /// So many of so many, in per cent; `None` of nothing.
    pub(crate) fn percent(&self, part: u64, whole: u64) -> Option<String> {
        let rounded = (part * 200 + whole).checked_div(whole * 2)?;
        Some(format!("{rounded}{}%", self.before_percent))
    }

    /// `4 May 2026`.
    pub(crate) fn date(&self, (year, month, day): (u32, u32, u32)) -> String {
        format!("{} {year}", self.day_and_month(month, day))
    }

    /// `4 May 2026, 14:05`.
    pub(crate) fn moment(&self, date: (u32, u32, u32), hour: &str, minute: &str) -> String {
        let moment = self.moment.replace("{date}", &self.date(date));
        moment.replace("{hour}", hour).replace("{minute}", minute)
    }

    /// `4 May`.
    pub(crate) fn day_and_month(&self, month: u32, day: u32) -> String {
        let day = match day {
            1 => self.first.to_owned(),
            day => day.to_string(),
        };
        format!("{day} {}", self.name_of(month))
    }

    /// `May 2026`.
    pub(crate) fn month_and_year(&self, year: u32, month: u32) -> String {
        format!("{} {year}", self.name_of(month))
    }

    fn name_of(&self, month: u32) -> &'static str {
        let place = usize::try_from(month).unwrap_or(1).saturating_sub(1);
        self.months.get(place).copied().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use crate::texts::ReaderLanguage;

    #[test]
    fn numbers_and_dates_are_written_as_readers_write_them() {
        let [en, fr] = [ReaderLanguage::En, ReaderLanguage::Fr].map(|of| &of.texts().desk);
        assert_eq!(en.number(5_100_000), "5,100,000");
        assert_eq!(fr.number(5_100_000), "5\u{202f}100\u{202f}000");
        assert_eq!((en.number(0), fr.number(999)), ("0".into(), "999".into()));
        assert_eq!(en.percent(1, 3).unwrap(), "33%");
        assert_eq!(fr.percent(2, 3).unwrap(), "67\u{202f}%");
        assert_eq!(en.percent(0, 0), None);
        assert_eq!(en.date((2026, 5, 4)), "4 May 2026");
        assert_eq!(fr.date((2026, 8, 1)), "1er août 2026");
        assert_eq!(en.moment((2026, 5, 4), "14", "05"), "4 May 2026, 14:05");
    }
}
