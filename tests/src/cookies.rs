//! What visitors, and people who would like to be taken for visitors who agreed, send as their choice.

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::id::{ConsentId, RecordId};
use consent_core::key::KeyId;
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use crate::record;
use crate::server::{self, Server};

/// A `Cookie` header, and whether it grants `google-analytics` of `analytics` at [`SITE`].
pub struct Sent {
    /// What it is.
    pub what: &'static str,
    /// The header; empty for none.
    pub header: String,
    /// Whether it grants.
    pub grants: bool,
}

/// The site that all receipts but one are of.
pub const SITE: &str = "lacassagne";

const DAY: i64 = 86_400;

/// Every kind of cookie, an agreement first.
pub fn all(server: &Server) -> Result<Vec<Sent>> {
    let url = &server.url;
    let granting = record::receipt(url, &record::choice(url, SITE, true)?)?;
    let mut all = of_the_server(url, &granting)?;
    all.extend(of_the_key(url)?);
    all.extend(odd()?);
    all.extend(several(url)?);
    all.extend(of_ended_keys(url)?);
    all.extend(forged(url, &granting)?);
    all.push(Sent {
        what: "no cookie",
        header: String::new(),
        grants: false,
    });
    Ok(all)
}

/// What the server itself has signed.
fn of_the_server(url: &str, granting: &str) -> Result<Vec<Sent>> {
    let refusing = record::receipt(url, &record::choice(url, SITE, false)?)?;
    let with_service = |granted: bool| {
        let mut own = record::choice(url, SITE, !granted)?;
        own["act"] = "custom".into();
        own["services"] = json!({ "google-analytics": granted });
        record::receipt(url, &own)
    };
    let elsewhere = record::receipt(url, &record::choice(url, "carians", true)?)?;
    Ok(vec![
        sent("an agreement", granting, true),
        sent(
            "an agreement to the service alone",
            &with_service(true)?,
            true,
        ),
        sent("a refusal", &refusing, false),
        sent(
            "a refusal of the service alone",
            &with_service(false)?,
            false,
        ),
        sent("an agreement at another site", &elsewhere, false),
    ])
}

/// Claims of other types than they have: no backend may trip over them.
fn odd() -> Result<Vec<Sent>> {
    let claims = json!({ "aud": SITE, "exp": 9_999_999_999_u64, "jti": "x", "sub": "x", "iat": 1 });
    let mut all = Vec::new();
    for claim in ["aud", "exp", "jti", "sub"] {
        for odd in [
            json!({ "toString": 1, "valueOf": 1 }),
            json!([[]]),
            json!(null),
            json!(true),
            json!(1e300),
            json!("\u{0}"),
        ] {
            let mut claims = claims.clone();
            claims[claim] = odd;
            let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
            all.push(sent("odd claims", &claims, false));
            all.push(sent(
                "odd claims, signed by nobody",
                &format!("e30.{claims}.e30"),
                false,
            ));
        }
    }
    let nested = "[".repeat(1_500);
    for odd in ["null", "[]", "7", "\"text\"", &nested] {
        let odd = URL_SAFE_NO_PAD.encode(odd);
        all.push(sent("no claims", &odd, false));
        all.push(sent(
            "no claims, signed by nobody",
            &format!("{odd}.{odd}.{odd}"),
            false,
        ));
    }
    Ok(all)
}

/// What its key could sign, if it wanted to.
fn of_the_key(url: &str) -> Result<Vec<Sent>> {
    let lasts = lasting(url, DAY)?;
    let mut ended = lasting(url, -DAY)?;
    ended["dat"] = (ended["exp"].as_i64().unwrap_or_default() - DAY).into();
    let other = "https://other.example";
    Ok(vec![
        sent(
            "an agreement that lasts a day",
            &signed(Server::secret(), url, &lasts)?,
            true,
        ),
        sent(
            "an agreement that has ended",
            &signed(Server::secret(), url, &ended)?,
            false,
        ),
        sent(
            "another issuer's",
            &signed(Server::secret(), other, &lasts)?,
            false,
        ),
        sent(
            "another kind of token",
            &headed(url, &lasts, "EdDSA", "JWT", true),
            false,
        ),
    ])
}

/// Several cookies of the name: each pair in both orders.
fn several(url: &str) -> Result<Vec<Sent>> {
    let choice = |seconds: u64, granted: bool, person: u8| {
        let mut record = record::choice(url, SITE, granted)?;
        let millis = record["dat"].as_u64().unwrap_or_default() * 1000 + seconds;
        record["jti"] = RecordId::v7(millis, [person; 10]).to_text().into();
        record["sub"] = ConsentId::from_random([person; 16]).to_text().into();
        record["exp"] = (record["dat"].as_i64().unwrap_or_default() + DAY).into();
        anyhow::Ok(record)
    };
    let sign = |record: &Value| signed(Server::secret(), url, record);
    let unsigned = |record: &Value| URL_SAFE_NO_PAD.encode(record.to_string());
    let (old_yes, old_no) = (choice(1, true, 1)?, choice(1, false, 1)?);
    let (new_yes, new_no) = (choice(2, true, 1)?, choice(2, false, 1)?);
    let planted = choice(3, true, 2)?;
    let refused_by_others = choice(1, false, 2)?;
    let pairs = [
        (
            "a withdrawal after an agreement",
            sign(&old_yes)?,
            sign(&new_no)?,
            false,
        ),
        (
            "an agreement after a refusal",
            sign(&old_no)?,
            sign(&new_yes)?,
            true,
        ),
        (
            "a withdrawal that is not signed yet",
            sign(&old_yes)?,
            unsigned(&new_no),
            false,
        ),
        (
            "an agreement, signed and not",
            sign(&old_yes)?,
            unsigned(&old_yes),
            true,
        ),
        (
            "somebody else's newer agreement beside a refusal",
            sign(&new_no)?,
            sign(&planted)?,
            false,
        ),
        (
            "somebody else's refusal beside an agreement",
            sign(&new_yes)?,
            sign(&refused_by_others)?,
            false,
        ),
        (
            "a forged newer agreement beside a refusal",
            sign(&new_no)?,
            signed(SigningKey::from_bytes(&[7; 32]), url, &planted)?,
            false,
        ),
        (
            "nonsense beside an agreement",
            sign(&new_yes)?,
            "a.b.c".to_owned(),
            true,
        ),
        (
            "an unsigned scribble beside an agreement",
            sign(&new_yes)?,
            URL_SAFE_NO_PAD.encode("[1]"),
            true,
        ),
    ];
    let mut all = Vec::new();
    // Browsers take these for another name, of which `__Host-` promises nothing; some libraries take them away.
    for space in ["\u{a0}", "\u{85}", "\u{2003}", "\u{3000}", "\u{feff}"] {
        all.push(Sent {
            what: "an agreement under a name that only looks like the cookie's",
            header: format!("a=b; {space}eu-consent={}", sign(&new_yes)?),
            grants: false,
        });
    }
    for (what, one, two, grants) in pairs {
        all.push(sent(what, &format!("{one}; eu-consent={two}"), grants));
        all.push(sent(what, &format!("{two}; eu-consent={one}"), grants));
    }
    Ok(all)
}

/// What keys have signed that were not the server's any more, or not only.
fn of_ended_keys(url: &str) -> Result<Vec<Sent>> {
    let lasts = lasting(url, DAY)?;
    let sent_by = |what, seed| -> Result<Sent> {
        let key = SigningKey::from_bytes(&seed);
        let id = consent_core::key::SigningKey::from_seed(&seed).id();
        Ok(sent(what, &signed_by(id, key, url, &lasts)?, false))
    };
    Ok(vec![
        sent_by("an agreement by a retired key", server::RETIRED)?,
        sent_by("an agreement by a revoked key", server::REVOKED)?,
    ])
}

/// What nobody has signed, or somebody else.
fn forged(url: &str, granting: &str) -> Result<Vec<Sent>> {
    let typ = "consent-receipt+jwt";
    let lasts = lasting(url, DAY)?;
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let unsigned = URL_SAFE_NO_PAD.encode(lasts.to_string());
    let mut all = vec![
        sent(
            "a stranger's signature under the server's name",
            &signed(stranger, url, &lasts)?,
            false,
        ),
        sent(
            "without a signature",
            &headed(url, &lasts, "none", typ, false),
            false,
        ),
        sent(
            "a password's signature",
            &headed(url, &lasts, "HS256", typ, true),
            false,
        ),
        sent("a record that is not signed yet", &unsigned, false),
        sent("nonsense", "a.b.c", false),
        sent("nothing", "", false),
    ];
    let mut start = 0;
    for part in granting.split('.') {
        let place = start + part.len() / 2;
        start += part.len() + 1;
        let is_a = granting.as_bytes()[place] == b'A';
        let mut changed = granting.to_owned();
        changed.replace_range(place..=place, if is_a { "B" } else { "A" });
        all.push(sent(
            "an agreement with one character changed",
            &changed,
            false,
        ));
    }
    Ok(all)
}

fn sent(what: &'static str, value: &str, grants: bool) -> Sent {
    let header = format!("a=b; eu-consent={value}; c=d");
    Sent {
        what,
        header,
        grants,
    }
}

/// An agreement whose end is so many seconds away.
fn lasting(url: &str, seconds: i64) -> Result<Value> {
    let mut record = record::choice(url, SITE, true)?;
    record["exp"] = (record["dat"].as_i64().unwrap_or_default() + seconds).into();
    Ok(record)
}

/// A receipt, now, in the name of the server's key.
fn signed(key: SigningKey, issuer: &str, record: &Value) -> Result<String> {
    signed_by(Server::key().id(), key, issuer, record)
}

fn signed_by(id: KeyId, key: SigningKey, issuer: &str, record: &Value) -> Result<String> {
    let at = UnixSeconds::new(record["dat"].as_i64().unwrap_or_default())?;
    let record = Record::from_json(record.to_string().as_bytes())?;
    let sign = move |message: &[u8]| key.sign(message).to_bytes();
    Ok(Signer::with(id, issuer, sign).sign(&record, at))
}

/// A token with such a header, and the key's signature or none.
fn headed(url: &str, record: &Value, alg: &str, typ: &str, is_signed: bool) -> String {
    let kid = Server::key().id().to_string();
    let mut claims = record.clone();
    claims["iat"] = record["dat"].clone();
    claims["iss"] = url.into();
    let header = json!({ "alg": alg, "kid": kid, "typ": typ }).to_string();
    let parts = [header, claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let said = parts.join(".");
    let signature = Server::secret().sign(said.as_bytes()).to_bytes();
    let signature = if is_signed { &signature[..] } else { &[] };
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}
