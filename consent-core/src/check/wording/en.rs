//! English.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "by continuing",
        "by browsing",
        "by using this site",
        "by using our site",
        "continue to use this site",
        "if you continue",
        "continued use",
        "continued browsing",
        "by scrolling",
        "you agree to our use",
    ],
    pushing: &[
        "best experience",
        "better experience",
        "we value your privacy",
        "unfortunately",
        "please accept",
        "recommended",
        "you must accept",
    ],
    vague: &[
        "improve your experience",
        "enhance your experience",
        "improve the experience",
        "improve our services",
        "various purposes",
        "other purposes",
        "business purposes",
        "and much more",
    ],
};
