//! Evidence files that the server's own keys sign and seal, and that no server of ours makes: a verifier that takes them has
//! left out a rule.

use super::tampering::seal;
use super::{RECEIPT_SEED, Random, SEAL_SEED};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use consent_core::archive::Archive;
use consent_core::cosignature::Cosigner;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use consent_core::tlog_proof::TlogProof;
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};

/// A change of the claims, of the text that they are written in, of what they name, or of a file beside them.
enum Odd {
    Claim(&'static str, fn(&Value) -> Value),
    Text(fn(&str) -> String),
    Header(fn(&str) -> String),
    Notice(&'static str, fn(&Value) -> Value),
    Scope(&'static str, fn(&Value) -> Value),
    NoticeText(fn(&str) -> String),
    ScopeText(fn(&str) -> String),
    File(&'static str, fn(&str) -> String),
    /// Members of every key in the set.
    Ends(&'static str),
    /// A witness says it saw the log that many seconds after the receipt in it was signed.
    Cosigned(i64),
}

use Odd::{Claim, Cosigned, Ends, File, Header, Notice, NoticeText, Scope, ScopeText, Text};

const LEAST: &str = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"";

/// `Value::Null` takes a member away.
const ALL: &[(&str, Odd)] = &[
    ("as it was", Text(str::to_owned)),
    ("gpc false", Claim("gpc", |_| json!(false))),
    (
        "services empty",
        Claim("services", |claims| {
            claims.get("services").cloned().unwrap_or_else(|| json!({}))
        }),
    ),
    ("act unknown", Claim("act", |_| json!("yes"))),
    ("act a list", Claim("act", |_| json!(["custom"]))),
    (
        "act of nothing",
        Claim("act", |claims| {
            if granted(claims) {
                json!("refuse_all")
            } else {
                json!("accept_all")
            }
        }),
    ),
    ("src unknown", Claim("src", |_| json!("moon"))),
    (
        "choices 1",
        Claim("choices", |claims| each(&claims["choices"], &json!(1))),
    ),
    (
        "choices in words",
        Claim("choices", |claims| each(&claims["choices"], &json!("true"))),
    ),
    ("choices a list", Claim("choices", |_| json!([]))),
    (
        "choices of more",
        Claim("choices", |claims| {
            more(&claims["choices"], "other", json!(false))
        }),
    ),
    (
        "a service unknown",
        Claim("services", |_| json!({"no-such-service": true})),
    ),
    ("services a word", Claim("services", |_| json!("all"))),
    ("sub a person", Claim("sub", |_| json!("me@example.org"))),
    (
        "sub too long",
        Claim("sub", |_| json!("AgICAgICAgICAgICAgICAgIC")),
    ),
    (
        "jti upper case",
        Claim("jti", |claims| {
            json!(claims["jti"].as_str().unwrap_or("").to_uppercase())
        }),
    ),
    ("prev no id", Claim("prev", |_| json!("x"))),
    (
        "prev null",
        Text(|claims| claims.replacen("\"scope\":", "\"prev\":null,\"scope\":", 1)),
    ),
    ("iss a number", Claim("iss", |_| json!(5))),
    ("iss missing", Claim("iss", |_| Value::Null)),
    (
        "iss long",
        Claim("iss", |_| json!(format!("https://{}", "a".repeat(4000)))),
    ),
    ("aud no slug", Claim("aud", |_| json!("La Cassagne"))),
    ("lang no language", Claim("lang", |_| json!("French"))),
    ("gpc a number", Claim("gpc", |_| json!(1))),
    ("a claim more", Claim("ip", |_| json!("::1"))),
    ("iat a fraction", Claim("iat", |_| json!(1_800_000_000.0))),
    (
        "iat in words",
        Claim("iat", |claims| json!(seconds(claims, "iat").to_string())),
    ),
    ("iat true", Claim("iat", |_| json!(true))),
    ("iat before 1970", Claim("iat", |_| json!(-1))),
    (
        "dat after iat",
        Claim("dat", |claims| json!(seconds(claims, "iat") + 1)),
    ),
    (
        "exp at dat",
        Claim("exp", |claims| json!(seconds(claims, "dat"))),
    ),
    (
        "exp before dat",
        Claim("exp", |claims| json!(seconds(claims, "dat") - 1)),
    ),
    (
        "exp after 13 months",
        Claim("exp", |claims| json!(seconds(claims, "dat") + 399 * 86_400)),
    ),
    (
        "exp in the year 9999",
        Claim("exp", |_| json!(253_370_764_800_i64)),
    ),
    ("dat and all at the end", Text(at_the_end)),
    ("claims a list", Text(|_| "[]".into())),
    ("claims in order", Text(in_order)),
    ("claims empty", Text(|_| "{}".into())),
    ("claims deep", Text(|_| "[".repeat(2000))),
    (
        "claims after a mark",
        Text(|claims| format!("\u{feff}{claims}")),
    ),
    (
        "claims twice",
        Text(|claims| claims.replacen('{', "{\"act\":\"custom\",", 1)),
    ),
    (
        "claims not a number",
        Text(|claims| claims.replacen("\"iat\":", "\"iat\":NaN,\"was\":", 1)),
    ),
    (
        "claims with half a character",
        Text(|claims| claims.replacen("\"iss\":\"", "\"iss\":\"\\ud800", 1)),
    ),
    (
        "kid a list",
        Header(|header| header.replacen("\"kid\":\"", "\"kid\":[],\"was\":\"", 1)),
    ),
    (
        "typ a list",
        Header(|header| header.replacen("\"consent-receipt+jwt\"", "[\"consent-receipt+jwt\"]", 1)),
    ),
    (
        "alg a list",
        Header(|header| header.replacen("\"EdDSA\"", "[\"EdDSA\"]", 1)),
    ),
    (
        "alg none",
        Header(|header| header.replacen("EdDSA", "none", 1)),
    ),
    ("header a list", Header(|_| "[]".into())),
    ("header in order", Header(in_order)),
    (
        "header twice",
        Header(|header| header.replacen('{', "{\"alg\":\"EdDSA\",", 1)),
    ),
    (
        "bundle gets out",
        Notice("bundle", |_| {
            json!("--><meta http-equiv=refresh content=0;url=https://elsewhere.example/><!--")
        }),
    ),
    ("bundle a number", Notice("bundle", |_| json!(5))),
    ("html a number", Notice("html", |_| json!(5))),
    (
        "html loads",
        Notice("html", |_| {
            json!("<link rel=preconnect href=https://elsewhere.example/>")
        }),
    ),
    (
        "html gets out",
        Notice("html", |_| json!("</div></template><META>")),
    ),
    ("html open", Notice("html", |_| json!("<p"))),
    ("style gets out", Notice("style", |_| json!("</STYLE><p>"))),
    ("style missing", Notice("style", |_| Value::Null)),
    ("scope of more", Scope("more", |_| json!(1))),
    ("revision in words", Scope("revision", |_| json!("1"))),
    ("revision true", Scope("revision", |_| json!(true))),
    ("revision missing", Scope("revision", |_| Value::Null)),
    (
        "revision too high",
        Scope("revision", |_| json!(1_u64 << 32)),
    ),
    ("controller a list", Scope("controller", |_| json!([]))),
    (
        "providers numbers",
        Scope("categories", |scope| {
            each(&scope["categories"], &json!({"a": 1}))
        }),
    ),
    (
        "services no slugs",
        Scope("categories", |scope| {
            each(&scope["categories"], &json!({"A b": "c"}))
        }),
    ),
    (
        "categories lists",
        Scope("categories", |scope| each(&scope["categories"], &json!([]))),
    ),
    ("jwks deep", File("keys/jwks.json", |_| "[".repeat(100_000))),
    ("scope in order", ScopeText(in_order)),
    (
        "notice with a name twice",
        NoticeText(|notice| notice.replacen('{', "{\"a\":1,\"a\":1,", 1)),
    ),
    (
        "notice with half a letter",
        NoticeText(|notice| notice.replacen('{', "{\"a\":\"\\udc00\",", 1)),
    ),
    (
        "notice with a long number",
        NoticeText(|notice| notice.replacen('{', &format!("{{\"a\":{},", "9".repeat(5000)), 1)),
    ),
    ("jwks a list", File("keys/jwks.json", |_| "[]".into())),
    ("jwks in order", File("keys/jwks.json", in_order)),
    (
        "jwks with a name twice",
        File("keys/jwks.json", |jwks| {
            jwks.replacen('{', "{\"a\":[{\"b\":1,\"b\":1}],", 1)
        }),
    ),
    (
        "jwks with half a letter",
        File("keys/jwks.json", |jwks| {
            jwks.replacen('{', "{\"a\":\"\\ud800\",", 1)
        }),
    ),
    (
        "jwks of numbers",
        File("keys/jwks.json", |_| "{\"keys\":[1]}".into()),
    ),
    (
        "jwks with a short key",
        File("keys/jwks.json", |jwks| {
            jwks.replacen("{\"kty\"", &format!("{LEAST}AA\"}},{{\"kty\""), 1)
        }),
    ),
    ("keys ended before", Ends("\"exp\":1")),
    ("keys ended later", Ends("\"exp\":4102444800")),
    ("keys ended never", Ends("\"exp\":null,\"revoked\":null")),
    ("end a fraction", Ends("\"exp\":4102444800.0")),
    ("end true", Ends("\"exp\":true")),
    ("end in words", Ends("\"exp\":\"4102444800\"")),
    ("end minus nothing", Ends("\"exp\":-0")),
    ("end beyond time", Ends("\"exp\":99999999999999999999")),
    ("end twice", Ends("\"exp\":4102444800,\"exp\":4102444801")),
    ("revoked before", Ends("\"revoked\":{\"revoked_at\":0}")),
    (
        "revoked later",
        Ends("\"revoked\":{\"revoked_at\":4102444800,\"reason\":\"x\",\"by\":[]}"),
    ),
    ("revoked a number", Ends("\"revoked\":0")),
    ("revoked a list", Ends("\"revoked\":[0,null]")),
    ("revoked false", Ends("\"revoked\":false")),
    ("revoked at no moment", Ends("\"revoked\":{}")),
    (
        "revoked for no reason",
        Ends("\"revoked\":{\"revoked_at\":0,\"reason\":0}"),
    ),
    (
        "revoked twice",
        Ends("\"revoked\":{\"revoked_at\":4102444800,\"revoked_at\":4102444801}"),
    ),
    (
        "keys twice, and ended once",
        File("keys/jwks.json", |jwks| {
            let list = jwks.trim_start_matches("{\"keys\":[");
            let ended = list.replace("\"use\"", "\"exp\":1,\"use\"");
            let ended = ended.trim_end_matches("]}");
            format!("{{\"keys\":[{ended},{list}")
        }),
    ),
    (
        "proof without its word",
        File("log/receipt.tlog-proof", |proof| {
            proof.replacen("extra ", "", 1)
        }),
    ),
    (
        "proof with other line ends",
        File("log/receipt.tlog-proof", |proof| {
            proof.replace('\n', "\r\n")
        }),
    ),
    (
        "150 signatures",
        File("log/receipt.tlog-proof", |proof| {
            proof.to_owned() + "\u{2014} x AAAAAAE=\n".repeat(150).as_str()
        }),
    ),
    ("cosigned before it was signed", Cosigned(-3601)),
    (
        "a signature without a name",
        File("log/receipt.tlog-proof", |proof| {
            proof.to_owned() + "\u{2014}  AAAAAAE=\n"
        }),
    ),
    ("no keys of a log", File("keys/log.txt", |_| String::new())),
    (
        "an empty key of a log",
        File("keys/log.txt", |_| "\n".into()),
    ),
    (
        "a witness whose key is no point",
        File("keys/log.txt", |keys| witnessed(keys, 2)),
    ),
    (
        "a witness under whose key anybody signs",
        File("keys/log.txt", |keys| witnessed(keys, 1)),
    ),
    (
        "jwks with a key that is no point",
        File("keys/jwks.json", |jwks| {
            let key = format!("{LEAST}{}\"}},", URL_SAFE_NO_PAD.encode(least(2)));
            jwks.replacen("{\"kty\"", &format!("{key}{{\"kty\""), 1)
        }),
    ),
    (
        "jwks with a key under which anybody signs",
        File("keys/jwks.json", |jwks| {
            let key = format!("{LEAST}{}\"}},", URL_SAFE_NO_PAD.encode(least(1)));
            jwks.replacen("{\"kty\"", &format!("{key}{{\"kty\""), 1)
        }),
    ),
    (
        "a key more of a log",
        File("keys/log.txt", |keys| keys.to_owned() + "x\n"),
    ),
];

/// An odd file made of a good one, and what is odd about it.
pub(super) fn make(zip: &[u8], random: &mut Random) -> (&'static str, Vec<u8>) {
    loop {
        let (what, odd) = &ALL[random.below(ALL.len())];
        if let Some(zip) = made(zip, odd) {
            return (what, zip);
        }
    }
}

/// All odd files that can be made of a good one, and what is odd about each.
#[must_use]
pub fn odd_files(zip: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = ALL.iter();
    each.filter_map(|(what, odd)| Some((*what, made(zip, odd)?)))
        .collect()
}

/// `None` where the file has not what is to be changed.
fn made(zip: &[u8], odd: &Odd) -> Option<Vec<u8>> {
    let mut archive = Archive::from_zip(zip).ok()?;
    match odd {
        File(name, change) => {
            let content = change(&String::from_utf8_lossy(archive.get(name)?));
            archive.insert(name, content.into_bytes());
        }
        Ends(members) => {
            let jwks = String::from_utf8_lossy(archive.get("keys/jwks.json")?);
            let ended = jwks.replace("\"use\"", &format!("{members},\"use\""));
            archive.insert("keys/jwks.json", ended.into_bytes());
        }
        Cosigned(after) => cosign(&mut archive, *after)?,
        _ => sign(&mut archive, odd),
    }
    seal(&mut archive, &SEAL_SEED);
    Some(archive.to_zip())
}

/// 32 bytes that read as this number.
fn least(number: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = number;
    bytes
}

/// Names a witness by a key of these bytes.
fn witnessed(keys: &str, number: u8) -> String {
    let key = [&[4], &least(number)[..]].concat();
    let id = Digest::of(&[b"z.example\n", &key[..]].concat());
    let id: [u8; 4] = std::array::from_fn(|place| id.as_bytes()[place]);
    let id = u32::from_be_bytes(id);
    format!("{keys}z.example+{id:08x}+{}\n", STANDARD.encode(key))
}

fn cosign(archive: &mut Archive, after: i64) -> Option<()> {
    let text = |name| String::from_utf8(archive.get(name)?.to_vec()).ok();
    let mut proof: TlogProof = text("log/receipt.tlog-proof")?.parse().ok()?;
    let claims: Value = serde_json::from_str(&text("record.json")?).ok()?;
    let at = UnixSeconds::new(seconds(&claims, "iat") + after).ok()?;
    let witness = Cosigner::from_seed("early.example/1".parse().ok()?, &[6; 32]);
    let signature = witness.cosign(proof.checkpoint.note(), at);
    proof.checkpoint.add(signature);
    let keys = format!("{}{}\n", text("keys/log.txt")?, witness.key());
    archive.insert("keys/log.txt", keys.into_bytes());
    archive.insert("log/receipt.tlog-proof", proof.to_string().into_bytes());
    Some(())
}

/// Signs another receipt. It is not in the log, so the log's part goes.
fn sign(archive: &mut Archive, odd: &Odd) {
    let text = |archive: &Archive, name: &str| {
        String::from_utf8_lossy(archive.get(name).unwrap_or_default()).into_owned()
    };
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap_or_default() };
    let put_text = |archive: &mut Archive, name: &str, change: fn(&str) -> String| -> Value {
        let text = change(&text(archive, name));
        archive.insert(name, text.clone().into_bytes());
        json!(Digest::of(text.as_bytes()).to_text())
    };
    let put = |archive: &mut Archive, name: &str, value: &Value| -> Value {
        let text = value.to_string();
        archive.insert(name, text.clone().into_bytes());
        json!(Digest::of(text.as_bytes()).to_text())
    };
    let mut claims = text(archive, "record.json");
    let receipt = text(archive, "receipt.jwt");
    let header = receipt.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let mut header = String::from_utf8_lossy(&header).into_owned();
    let mut value = read(&claims);
    match odd {
        Claim(name, change) => claims = changed(&value, name, *change).to_string(),
        Text(change) => claims = change(&claims),
        Header(change) => header = change(&header),
        Notice(name, change) => {
            let before = read(&text(archive, "notice.json"));
            let notice = changed(&before, name, *change);
            // The page shows it, or whatever comes of it.
            if let (Some(from), Some(to)) = (before[name].as_str(), notice[name].as_str()) {
                let from = from
                    .replace("<button", "<button disabled")
                    .replace("<input", "<input disabled");
                let from = from.replace("<details", "<details open");
                let page = text(archive, "notice.html").replacen(&from, to, 1);
                archive.insert("notice.html", page.into_bytes());
            }
            value["notice"] = put(archive, "notice.json", &notice);
            claims = value.to_string();
        }
        Scope(name, change) => {
            let scope = changed(&read(&text(archive, "scope.json")), name, *change);
            value["scope"] = put(archive, "scope.json", &scope);
            let mut notice = read(&text(archive, "notice.json"));
            notice["scope"] = value["scope"].clone();
            value["notice"] = put(archive, "notice.json", &notice);
            claims = value.to_string();
        }
        NoticeText(change) => {
            value["notice"] = put_text(archive, "notice.json", *change);
            claims = value.to_string();
        }
        ScopeText(change) => {
            value["scope"] = put_text(archive, "scope.json", *change);
            let mut notice = read(&text(archive, "notice.json"));
            notice["scope"] = value["scope"].clone();
            value["notice"] = put(archive, "notice.json", &notice);
            claims = value.to_string();
        }
        File(..) | Ends(_) | Cosigned(_) => {}
    }
    let signed = [&header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signed = signed.join(".");
    let key = ed25519_dalek::SigningKey::from_bytes(&RECEIPT_SEED);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    archive.insert("receipt.jwt", format!("{signed}.{signature}").into_bytes());
    archive.insert("record.json", claims.into_bytes());
    for name in [
        "keys/log.txt",
        "log/checkpoint.txt",
        "log/receipt.tlog-proof",
    ] {
        drop(archive.remove(name));
    }
}

fn changed(value: &Value, name: &str, change: fn(&Value) -> Value) -> Value {
    let mut value = value.clone();
    let new = change(&value);
    if let Some(members) = value.as_object_mut() {
        members.remove(name);
        if !new.is_null() {
            members.insert(name.into(), new);
        }
    }
    value
}

/// The values alone, as the fields of a derived reader stand: an array where the object should be.
fn in_order(object: &str) -> String {
    let object: Value = serde_json::from_str(object).unwrap_or_default();
    let values = object.as_object().into_iter().flatten();
    values
        .map(|(_, value)| value.clone())
        .collect::<Value>()
        .to_string()
}

fn seconds(claims: &Value, name: &str) -> i64 {
    claims[name].as_i64().unwrap_or(0)
}

fn granted(claims: &Value) -> bool {
    let choices = claims["choices"].as_object();
    choices.is_some_and(|choices| choices.values().any(|granted| granted == &json!(true)))
}

fn each(value: &Value, to: &Value) -> Value {
    let names = value
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys());
    names.map(|name| (name.clone(), to.clone())).collect()
}

fn more(value: &Value, name: &str, to: Value) -> Value {
    let mut value = value.clone();
    value[name] = to;
    value
}

/// In the last second that there is: 13 months later no calendar goes.
fn at_the_end(claims: &str) -> String {
    let mut value: Value = serde_json::from_str(claims).unwrap_or_default();
    for name in ["dat", "iat"] {
        value[name] = json!(253_370_764_798_i64);
    }
    value["exp"] = json!(253_370_764_799_i64);
    value.to_string()
}
