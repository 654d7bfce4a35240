//! The notice as a page: what was on the screen, for a browser that has nothing else.

use alloc::format;
use alloc::string::String;

use super::agreed::Shown;

/// Both layers one below the other, where the banner showed them one at a time.
const UNFOLD: &str = ".banner[hidden]{display:flex!important}.banner,.preferences,.preferences:not([open])\
    {display:flex;position:static;inset:auto;max-height:none;margin:16px auto}";

/// The page. Whoever has `notice.json` makes the same bytes of it.
///
/// It may load nothing and run nothing. The notice stands in a shadow root, as it did on the site's pages, so that its
/// style means the same.
pub(super) fn of(shown: &Shown) -> String {
    let Shown {
        bundle,
        html,
        language,
        site,
        style,
        ..
    } = shown;
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{site} ({language})</title>\n</head>\n<body>\n\
         <!-- Shown by the program {bundle} -->\n\
         <div><template shadowrootmode=\"open\"><style>{style}</style><style>{UNFOLD}</style>\
         <div id=\"consent\" lang=\"{language}\" dir=\"auto\">{html}</div></template></div>\n</body>\n</html>\n"
    )
}
