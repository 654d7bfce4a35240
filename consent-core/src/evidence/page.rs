//! The notice as a page: what was on the screen, for a browser that has nothing else.

use alloc::format;
use alloc::string::String;

use serde::Deserialize;

/// The parts of a notice that a page is made of.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) bundle: String,
    pub(super) html: String,
    pub(super) language: String,
    pub(super) scope: String,
    pub(super) site: String,
    pub(super) style: String,
}

/// The elements that a notice is made of. None of them loads or runs anything, but for pictures, which the page's policy
/// keeps to those in the notice itself.
const ELEMENTS: [&str; 26] = [
    "a", "button", "code", "details", "dialog", "div", "em", "h2", "header", "img", "input",
    "label", "li", "p", "section", "span", "strong", "summary", "table", "tbody", "td", "template",
    "th", "thead", "tr", "ul",
];

/// Both layers one below the other, where the banner showed them one at a time; on paper too.
const UNFOLD: &str = ".banner[hidden]{display:flex!important}.banner,.preferences,.preferences:not([open])\
    {display:flex;position:static;inset:auto;max-height:none;margin:16px auto}\
    @media print{.banner,.preferences{display:block!important;box-shadow:none}.banner .text,.body{overflow:visible}\
    *{print-color-adjust:exact}}";

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const HEAD: &str = "body>header{max-width:46em;margin:16px auto;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
    h1{font-size:1.3em;line-height:1.3}";

/// Whether a notice can be shown on the page without getting out of its place there; says what is in the way.
pub(super) fn fits(html: &str, style: &str) -> Result<(), String> {
    for part in html.split('<').skip(1) {
        let name = part.strip_prefix('/').unwrap_or(part);
        let name = name.split_once([' ', '>']).map_or("", |(name, _)| name);
        if !ELEMENTS.contains(&name) {
            let start: String = part.chars().take(20).collect();
            return Err(format!("no notice holds \"<{start}\""));
        }
    }
    if style.contains("</") {
        return Err("no style of a notice holds \"</\"".into());
    }
    Ok(())
}

/// The page, under the id of what it stands for. Whoever has `notice.json` and a record makes the same bytes of it.
///
/// It may load nothing and run nothing, and the policy that says so stands before anything of the notice. The notice stands
/// in a shadow root, as it did on the site's pages, so that its style means the same; its controls are switched off, and its
/// details open.
pub(super) fn of(shown: &Shown, id: &str) -> String {
    let Shown {
        bundle,
        html,
        language,
        site,
        style,
        ..
    } = shown;
    let html = html
        .replace("<button", "<button disabled")
        .replace("<input", "<input disabled")
        .replace("<details", "<details open");
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{site} ({language})</title>\n\
         <style>{HEAD}</style>\n</head>\n<body>\n<header lang=\"en\" dir=\"ltr\">\n\
         <h1>The notice, as it was shown<br><span lang=\"fr\">L’information, telle qu’elle a été montrée</span></h1>\n\
         <p>{site} · {language} · <code>{id}</code></p>\n\
         <p>What was shown stands below this line; its buttons and boxes are switched off, its details unfolded.<br>\
         <span lang=\"fr\">Ce qui a été montré est sous ce trait ; boutons et cases y sont désactivés, les détails \
         dépliés.</span></p>\n<hr>\n</header>\n<main>\n<!-- Shown by the program {bundle} -->\n\
         <div><template shadowrootmode=\"open\"><style>{style}</style><style>{UNFOLD}</style>\
         <div id=\"consent\" lang=\"{language}\" dir=\"auto\">{html}</div></template></div>\n</main>\n</body>\n</html>\n"
    )
}
