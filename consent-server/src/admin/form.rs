//! What a form of these pages sends.

/// What a field says: the first of its name.
pub(super) fn field(body: &[u8], name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(body);
    let (_, text) = fields.find(|(its, _)| its == name)?;
    Some(text.into_owned())
}
