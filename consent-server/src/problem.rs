//! Errors as outsiders see them: RFC 9457 problem documents, each with a stable code.

use crate::calls::TooManyCalls;
use crate::limit::TooMany;
use crate::timeline::WrongClock;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use consent_core::decision::Act;
use consent_core::id::{CategoryId, ServiceId};

/// Why a request was not done. `Display` is for outsiders; what only the operator may know goes to the log where it happens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No such site.
    #[error("this server has no site of that id")]
    UnknownSite,
    /// The body is not JSON.
    #[error("{0}")]
    MalformedJson(String),
    /// The body is JSON, but not a record.
    #[error("{0}")]
    InvalidRecord(String),
    /// The record names another site.
    #[error("`aud` names another site than the address")]
    WrongSite,
    /// A choice for a category that was not asked about.
    #[error("the site does not ask about category `{0}`")]
    UnknownCategory(CategoryId),
    /// A choice for a service that was not asked about.
    #[error("the site does not ask about service `{0}`")]
    UnknownService(ServiceId),
    /// No choice for a category.
    #[error("the choice for category `{0}` is missing")]
    MissingChoice(CategoryId),
    /// The choices are not those that the act makes.
    #[error("the choices do not fit the act `{0}`")]
    InconsistentAct(Act),
    /// The site's banner has no such act.
    #[error("the site, as it is declared, has no way to do `{0}`")]
    ImpossibleAct(Act),
    /// The notice or scope is not the one that is published now.
    #[error(
        "the notice that was shown is no longer the current one: show the current one and ask again"
    )]
    NoticeOutdated,
    /// The record id is taken by a record with other content.
    #[error("another record has this record id: make a new id for a new decision")]
    RecordConflict,
    /// The choice would have ended already.
    #[error("a choice made at that time would have ended by now: ask again")]
    DecisionExpired,
    /// Too long.
    #[error("the body is longer than {0} bytes")]
    BodyTooLarge(usize),
    /// The client went away or sent a broken body.
    #[error("the body ended before it was complete")]
    IncompleteBody,
    /// Neither JSON nor text.
    #[error("send `application/json`, or `text/plain` with JSON in it")]
    UnsupportedMediaType,
    /// The page's origin is not among the site's.
    #[error("the site's declaration does not list this origin under `origins`")]
    OriginNotAllowed,
    /// More than one client or site may send. With the seconds after which to come back.
    #[error("too many requests: send it again in {0} s")]
    TooManyRequests(u64),
    /// The request took too long to come.
    #[error("the request did not arrive in time: send it again")]
    RequestTimeout,
    /// More records than can be written.
    #[error("too many records at the moment: send it again")]
    Overloaded,
    /// The database.
    #[error("records cannot be stored or read at the moment: send the request again")]
    StorageUnavailable,
    /// Another server has taken over the database.
    #[error(
        "another server has taken over the database of this one, which stores nothing more: stop this one"
    )]
    Superseded,
    /// The machine's clock is behind what was signed.
    #[error(
        "the server's clock was set back, and nothing is signed until it is right: send it again later"
    )]
    ClockSetBack,
    /// The machine's clock is far ahead of what was signed.
    #[error(
        "the server's clock is far ahead, and nothing is signed until it is right: send it again later"
    )]
    ClockAhead,
    /// The sequencer is behind.
    #[error("the record is stored, and not in the log yet: ask again")]
    NotLoggedYet,
    /// No such record, file or page.
    #[error("there is nothing at this address")]
    NotFound,
    /// The address is known, but not with this method.
    #[error("this address does not take that method")]
    MethodNotAllowed,
    /// No token, or one that is not known or has ended.
    #[error("send `Authorization: Bearer …` with a valid token")]
    Unauthorized,
    /// No receipt, or another than the record's own.
    #[error("send `Authorization: Bearer …` with the receipt itself, as it was given out")]
    NotTheReceipt,
    /// A page of others, or none that says where it is from, would change something for staff. With staff's own origin.
    #[error(
        "only pages of {0} may do this, or a program with `Authorization: Bearer …`: if staff open this server at another address, tell the server with `--staff-url`"
    )]
    ForeignPage(String),
    /// The token is valid, and does not allow this.
    #[error("your token does not allow this for this site")]
    Forbidden,
    /// The token is valid, and does not allow this for the whole server.
    #[error("only an administrator of all sites may do this")]
    NotOperator,
    /// What was to be read again is broken.
    #[error("{0}")]
    ReloadRefused(String),
    /// The body says nothing that can be erased.
    #[error(
        "send {{\"subject\": CONSENT_ID, \"record\": RECORD_ID}}, the second if it is known: {0}"
    )]
    InvalidErasure(String),
    /// Knowing a consent id is not being the person.
    #[error(
        "only the browser that this consent id was given to may erase it: its cookie did not come along; ask the site's controller instead"
    )]
    NotHolder,
    /// No evidence of what proves nothing.
    #[error("the key that signed this receipt is revoked: it proves nothing any more")]
    KeyRevoked,
    /// Nothing may be deleted.
    #[error("this site is under a legal hold: nothing may be deleted until it is lifted")]
    LegalHold,
    /// A query parameter.
    #[error("{0}")]
    InvalidQuery(String),
}

impl Problem {
    /// The code that programs may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSite => "unknown_site",
            Self::MalformedJson(_) => "malformed_json",
            Self::InvalidRecord(_) => "invalid_record",
            Self::WrongSite => "wrong_site",
            Self::UnknownCategory(_) => "unknown_category",
            Self::UnknownService(_) => "unknown_service",
            Self::MissingChoice(_) => "missing_choice",
            Self::InconsistentAct(_) => "inconsistent_act",
            Self::ImpossibleAct(_) => "impossible_act",
            Self::NoticeOutdated => "notice_outdated",
            Self::RecordConflict => "record_conflict",
            Self::DecisionExpired => "decision_expired",
            Self::BodyTooLarge(_) => "body_too_large",
            Self::IncompleteBody => "incomplete_body",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::TooManyRequests(_) => "too_many_requests",
            Self::RequestTimeout => "request_timeout",
            Self::Overloaded => "overloaded",
            Self::StorageUnavailable => "storage_unavailable",
            Self::Superseded => "superseded",
            Self::ClockSetBack => "clock_set_back",
            Self::ClockAhead => "clock_ahead",
            Self::NotLoggedYet => "not_logged_yet",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Unauthorized | Self::NotTheReceipt => "unauthorized",
            Self::ForeignPage(_) => "foreign_page",
            Self::Forbidden => "forbidden",
            Self::InvalidErasure(_) => "invalid_erasure",
            Self::NotHolder => "not_holder",
            Self::KeyRevoked => "key_revoked",
            Self::LegalHold => "legal_hold",
            Self::NotOperator => "not_operator",
            Self::ReloadRefused(_) => "reload_refused",
            Self::InvalidQuery(_) => "invalid_query",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownSite | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MalformedJson(_) | Self::IncompleteBody | Self::InvalidQuery(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::InvalidRecord(_)
            | Self::InvalidErasure(_)
            | Self::WrongSite
            | Self::UnknownCategory(_)
            | Self::UnknownService(_)
            | Self::MissingChoice(_)
            | Self::InconsistentAct(_)
            | Self::ImpossibleAct(_)
            | Self::DecisionExpired
            | Self::ReloadRefused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoticeOutdated | Self::RecordConflict | Self::KeyRevoked | Self::LegalHold => {
                StatusCode::CONFLICT
            }
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OriginNotAllowed
            | Self::ForeignPage(_)
            | Self::Forbidden
            | Self::NotHolder
            | Self::NotOperator => StatusCode::FORBIDDEN,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Overloaded
            | Self::StorageUnavailable
            | Self::Superseded
            | Self::ClockSetBack
            | Self::ClockAhead
            | Self::NotLoggedYet => StatusCode::SERVICE_UNAVAILABLE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized | Self::NotTheReceipt => StatusCode::UNAUTHORIZED,
        }
    }
}

/// When to come back after 503, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// The same while the clock is wrong: somebody has to set it.
const WRONG_CLOCK: HeaderValue = HeaderValue::from_static("60");

/// What an answer that refuses carries beside its words: the code, for the metrics.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub &'static str);

impl From<WrongClock> for Problem {
    fn from(wrong: WrongClock) -> Self {
        match wrong {
            WrongClock::SetBack { .. } => Self::ClockSetBack,
            WrongClock::Ahead { .. } => Self::ClockAhead,
        }
    }
}

impl From<TooManyCalls> for Problem {
    fn from(_: TooManyCalls) -> Self {
        Self::Overloaded
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany(wait): TooMany) -> Self {
        // Rounded up: who comes back then is let in.
        Self::TooManyRequests(
            wait.as_millis()
                .div_ceil(1000)
                .try_into()
                .unwrap_or(u64::MAX),
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry_after = match self {
            Self::TooManyRequests(seconds) => Some(HeaderValue::from(seconds)),
            Self::Overloaded | Self::StorageUnavailable | Self::Superseded | Self::NotLoggedYet => {
                Some(RETRY_AFTER)
            }
            Self::ClockSetBack | Self::ClockAhead => Some(WRONG_CLOCK),
            _ => None,
        };
        let document = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "code": self.code(),
            "detail": self.to_string(),
        });
        let mut response = (status, document.to_string()).into_response();
        response.extensions_mut().insert(Refused(self.code()));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the request may still be on its way: no other can follow on this connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
