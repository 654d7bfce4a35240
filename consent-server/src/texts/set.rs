//! All that a language has.

use super::accesses::AccessesTexts;
use super::declaration::DeclarationTexts;
use super::desk::DeskTexts;
use super::integrity::IntegrityTexts;
use super::notices::NoticesTexts;
use super::proof::ProofTexts;
use super::table::TableTexts;

/// Every text in one language.
pub(crate) struct Texts {
    pub(crate) table: TableTexts,
    pub(crate) desk: DeskTexts,
    pub(crate) proof: ProofTexts,
    pub(crate) notices: NoticesTexts,
    pub(crate) accesses: AccessesTexts,
    pub(crate) integrity: IntegrityTexts,
    pub(crate) declaration: DeclarationTexts,
}
