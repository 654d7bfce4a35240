#!/usr/bin/env python3
"""Checks evidence files of consent, with nothing but the standard library and `cryptography`.

    verify.py [--keys JWKS] [--log-key VKEY] [--at SECONDS] FILE...

Written from docs/receipt.md, docs/evidence.md and docs/log.md, so that nobody needs to trust the program that made the files.
One line of JSON for each FILE, {"file": ..., "valid": ..., "verdict": ..., ...}, with one of these verdicts:
"valid"      every step passed, with the keys of --keys; "not_checked" names the steps that nobody has taken
"unproven"   the file is consistent in itself, but was checked against no key that you trust: anybody can have made it
"not_valid"  "step" failed, and "why"
"not_read"   nothing was checked, and "why"
The last line, on stderr, is the worst of them. Exit code 0: all are valid; 1: at least one is not; 2: at least one was not read,
or nothing was checked; 3: at least one is unproven, and none worse. RFC 3161 timestamps are not looked at: README.txt has the
command.
"""

import argparse
import base64
import calendar
import hashlib
import json
import os
import re
import stat
import struct
import sys
import unicodedata
import zlib
from collections import namedtuple
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

REQUIRED = {
    "README.txt", "SHA256SUMS", "SHA256SUMS.sig", "keys/jwks.json", "keys/receipt.pem", "keys/seal.pem", "notice.html",
    "notice.json", "receipt.jwt", "record.json", "scope.json", "summary.en.html", "summary.fr.html",
}
LOG = {"keys/log.txt", "log/checkpoint.txt", "log/receipt.tlog-proof"}
OPTIONAL = {"formats/dpv.json", "formats/kantara.json", "log/timestamp.tsr"} | LOG
CLOCKS_APART = 3600  # seconds
MOST_EVIDENCE, MOST_TEXT = 64 << 20, 1 << 20  # bytes
# From the best to the worst: what machines read, what the last line says, and the exit code.
VERDICTS = {
    "valid": ("valid", 0),
    "unproven": ("unproven: consistent in itself, but checked against no key that you trust", 3),
    "not_valid": ("not valid", 1),
    "not_read": ("not read", 2),
}
PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
LANGUAGE = re.compile(r"(?=.{2,35}$)[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
ELEMENTS = set(
    "a button code details dialog div em h2 header img input label li p section span strong summary table tbody td template th"
    " thead tr ul".split()
)
# notice.html, where @name@ stands for what it is made of.
PAGE = """\
<!doctype html>
<html lang="@language@">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<title>@site@ (@language@)</title>
<style>body>header{max-width:46em;margin:16px auto;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
h1{font-size:1.3em;line-height:1.3}</style>
</head>
<body>
<header lang="en" dir="ltr">
<h1>The notice, as it was shown<br><span lang="fr">L’information, telle qu’elle a été montrée</span></h1>
<p>@site@ · @language@ · <code>@record@</code></p>
<p>What was shown stands below this line; its buttons and boxes are switched off, its details unfolded.<br>\
<span lang="fr">Ce qui a été montré est sous ce trait ; boutons et cases y sont désactivés, les détails dépliés.</span></p>
<hr>
</header>
<main>
<!-- Shown by the program @bundle@ -->
<div><template shadowrootmode="open"><style>@style@</style><style>.banner[hidden]{display:flex!important}\
.banner,.preferences,.preferences:not([open]){display:flex;position:static;inset:auto;max-height:none;margin:16px auto}\
@media print{.banner,.preferences{display:block!important;box-shadow:none}.banner .text,.body{overflow:visible}\
*{print-color-adjust:exact}}</style><div id="consent" lang="@language@" dir="auto">@html@</div></template></div>
</main>
</body>
</html>
"""


class Failed(Exception):
    """A step that failed: its name, and why."""

    def __init__(self, step, why):
        super().__init__(f"{step}: {why}")
        self.step, self.why = step, why


def demand(step, condition, why):
    if not condition:
        raise Failed(step, why)


def take(step, check, *arguments):
    """Takes a step: whatever stops it is a failure of that step."""
    try:
        return check(*arguments)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error) as error:
        raise Failed(step, f"not of its form: {error}") from None


# ── Encodings ──

def base64url(text):
    """Decodes base64url without padding; each value has one spelling."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise ValueError("not base64url without padding")
    return data


def base64std(text):
    """Decodes base64 with padding; each value has one spelling."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not base64")
    return data


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def parse_json(data):
    """JSON in UTF-8, without a byte order mark, a name given twice, half a character, or what JSON does not have."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name is there twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(f"{name} is not JSON")

    def integer(digits):
        return -0.0 if digits == "-0" else int(digits)
    value = json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_constant=constant, parse_int=integer)
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII) or int(text) >= 2**64:
        raise ValueError("not a decimal number")
    return int(text)


def has_signed(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


FIELD = 2**255 - 19
CURVE = -121665 * pow(121666, -1, FIELD)


def is_key(key):
    """Whether 32 bytes are a point of the curve (RFC 8032, 5.1.3) that eight times itself is not nothing: under one that is,
    anybody signs."""
    y = int.from_bytes(key, "little") % 2**255 % FIELD
    for doubled in range(4):
        square = (y * y - 1) * pow(CURVE * y * y + 1, -1, FIELD) % FIELD  # of x
        if doubled == 0 and pow(square, (FIELD - 1) // 2, FIELD) not in (0, 1):
            return False
        if y == 1:
            return False
        y = (y * y + square) * pow(1 - CURVE * square * y * y, -1, FIELD) % FIELD
    return True


# ── The archive ──

def read_archive(data):
    """The files of a zip of the one form: it is written again, and must be the same bytes."""
    files, place = {}, 0
    demand("form", len(data) <= MOST_EVIDENCE, "longer than 64 MiB")
    while data[place:place + 4] == b"PK\x03\x04":
        demand("form", len(data) >= place + 30, "cut short")
        crc, size, _, name_len = struct.unpack("<IIIH", data[place + 14:place + 28])
        start = place + 30 + name_len
        name = data[place + 30:start]
        is_plain = len(name) <= 100 and PLAIN_NAME.fullmatch(name.decode("latin-1"))
        demand("form", is_plain, "a name is not a plain path")
        content = data[start:start + size]
        demand("form", len(content) == size and zlib.crc32(content) == crc, f"the content of {name} is not as written")
        files[name.decode()] = content
        place = start + size
    demand("form", files and write_archive(files) == data, "not the one form of zip")
    return files


def write_archive(files):
    # Appended to in place: an archive of many small files would else be copied once for each of them.
    local, central = bytearray(), bytearray()
    for name, content in sorted(files.items()):
        about = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(name), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 10) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(local))
        central += name.encode()
        local += b"PK\x03\x04" + about + name.encode() + content
    count = len(files)
    return bytes(local) + bytes(central) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)


def check_digests(files):
    """SHA256SUMS names every other file; answers the record it is of."""
    try:
        lines = files["SHA256SUMS"].decode().split("\n")
    except UnicodeDecodeError:
        raise Failed("digests", "SHA256SUMS is not text") from None
    prefix = "# consent-evidence/v1 "
    is_headed = lines[0].startswith(prefix) and UUID_7.fullmatch(lines[0][len(prefix):])
    demand("digests", is_headed, "SHA256SUMS does not begin as it must")
    expected = [lines[0]]
    for name, content in sorted(files.items()):
        if not name.startswith("SHA256SUMS"):
            expected.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    for line in expected[1:]:
        demand("digests", line in lines, f"{line[66:]} is not the file that SHA256SUMS names")
    demand("digests", lines == expected + [""], "SHA256SUMS names other files")
    return lines[0][len(prefix):]


# ── Keys ──

# Its 32 bytes; when the server stopped signing with it; since when it may be in other hands. None: neither has happened.
Key = namedtuple("Key", "bytes retired revoked")


def read_keys(data):
    """The Ed25519 keys of a JWK set, by their RFC 7638 thumbprints."""
    keys = {}
    for jwk in parse_json(data)["keys"]:
        is_text = all(isinstance(jwk.get(name), (str, type(None))) for name in ("crv", "kid", "kty", "x"))
        if not is_text or jwk.get("kty") is None:
            raise ValueError("a key without its type (RFC 7517, 4.1)")
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
            x = jwk["x"]
            thumbprint = digest(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode())
            if len(base64url(x)) != 32 or jwk.get("kid") not in (None, thumbprint):
                raise ValueError("a key is not named by its thumbprint")
            if not is_key(base64url(x)):
                raise ValueError("a key that is no point of the curve, or a weak one")
            add_key(keys, thumbprint, Key(base64url(x), *read_ends(jwk)))
    if not keys:
        raise ValueError("no Ed25519 key")
    return keys


def read_ends(jwk):
    """`exp` and `revoked` of a key: a set that is misread must not give a key more time than it has."""
    retired, revoked = jwk.get("exp"), jwk.get("revoked")
    since = revoked
    if revoked is not None:
        since = revoked["revoked_at"]
        if not isinstance(revoked, dict) or not isinstance(revoked.get("reason"), (str, type(None))):
            raise ValueError("a revocation is not of its form")
    if not (retired is None or is_moment(retired)) or not (revoked is None or is_moment(since)):
        raise ValueError("the end of a key is no moment")
    return retired, since


def add_key(keys, name, key):
    """Of two that are told of one key, the earlier ends count."""
    def earlier(one, two):
        return min((end for end in (one, two) if end is not None), default=None)
    there = keys.get(name, key)
    keys[name] = Key(key.bytes, earlier(there.retired, key.retired), earlier(there.revoked, key.revoked))


def agree(own, given):
    """The keys that were given, with the ends that the file knows of besides. A retirement is written once."""
    keys = dict(given)
    for name, key in own.items():
        if name in given:
            ends = {key.retired, given[name].retired} - {None}
            demand("keys", len(ends) < 2, f"keys/jwks.json says another retirement of the key {name} than --keys")
            add_key(keys, name, key)
    return keys


def pem(key):
    der = bytes.fromhex("302a300506032b6570032100") + key
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n".encode()


# ── The receipt ──

def read_receipt(text, keys):
    """The claims of a receipt that one of the keys has signed, their JSON, and that key."""
    demand("receipt", len(text) <= 4096, "longer than 4096 bytes")
    parts = text.split(".")
    demand("receipt", len(parts) == 3, "not three parts")
    header, payload, signature = (base64url(part) for part in parts)
    header, claims = parse_json(header), parse_json(payload)
    demand("receipt", isinstance(header, dict) and header.keys() == {"alg", "kid", "typ"}, "the header")
    demand("receipt", all(isinstance(value, str) for value in header.values()), "the header")
    check_claims(claims)
    demand("receipt", header["alg"] in ("EdDSA", "Ed25519"), "the algorithm")
    demand("receipt", header["typ"].lower() == "consent-receipt+jwt", "the type")
    demand("receipt", header["kid"] in keys, "the key is not in the set")
    key = keys[header["kid"]]
    revoked, retired = key.revoked, key.retired
    demand("receipt", revoked is None or claims["iat"] < revoked, f"the key is revoked, from {revoked} on")
    demand("receipt", retired is None or claims["iat"] < retired, f"the key was retired at {retired}, before it signed")
    demand("receipt", has_signed(key.bytes, signature, text.rsplit(".", 1)[0].encode()), "the signature")
    demand("receipt", claims["iat"] < claims["exp"], "the choice had ended when it was signed")
    return claims, payload, key.bytes


def check_claims(claims):
    """The form of the claims: the table of docs/receipt.md."""
    required = {"iss", "aud", "sub", "jti", "iat", "exp", "dat", "act", "src", "choices", "scope", "notice", "lang"}
    demand("receipt", isinstance(claims, dict), "the claims are not an object")
    demand("receipt", required <= claims.keys() <= required | {"services", "prev", "gpc"}, "the names of the claims")
    forms = {
        "iss": lambda value: isinstance(value, str),
        "aud": SLUG.fullmatch,
        "sub": lambda value: len(base64url(value)) == 16,
        "jti": UUID_7.fullmatch,
        "iat": is_moment,
        "dat": is_moment,
        "exp": is_moment,
        "act": ("accept_all", "refuse_all", "custom", "dismiss", "withdraw", "signal").__contains__,
        "src": ("banner", "preferences", "placeholder", "api", "signal").__contains__,
        "choices": are_choices,
        "services": are_choices,
        "scope": lambda value: len(base64url(value)) == 32,
        "notice": lambda value: len(base64url(value)) == 32,
        "lang": LANGUAGE.fullmatch,
        "prev": UUID_7.fullmatch,
        "gpc": lambda value: isinstance(value, bool),
    }
    for name, value in claims.items():
        demand("receipt", take("receipt", forms[name], value), f"the claim {name}")
    demand("receipt", claims["dat"] <= claims["iat"], "decided after it was signed")
    demand("receipt", claims["dat"] < claims["exp"], "the choice ends before it was made")
    demand("receipt", claims["exp"] <= after_13_months(claims["dat"]), "the choice lasts longer than 13 months")


def is_moment(value):
    """Whole seconds, from 1970 up to the year 9999."""
    return type(value) is int and 0 <= value < 253_370_764_800


def are_choices(value):
    return isinstance(value, dict) and all(SLUG.fullmatch(name) and isinstance(on, bool) for name, on in value.items())


def after_13_months(seconds):
    """The same time of day 13 calendar months later, in UTC, the day clamped to the end of its month."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    year, month = moment.year + 1 + moment.month // 12, moment.month % 12 + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return int(moment.replace(year=year, month=month, day=day).timestamp())


def check_notice(claims, notice, page):
    demand("notice", digest(notice) == claims["notice"], "the digest of notice.json is not the one in the receipt")
    shown = parse_json(notice)
    texts = [shown[name] for name in ("bundle", "html", "language", "scope", "site", "style")]
    demand("notice", all(isinstance(text, str) for text in texts), "a part of notice.json is not text")
    same = (shown["language"], shown["scope"], shown["site"]) == (claims["lang"], claims["scope"], claims["aud"])
    demand("notice", same, "notice.json is of another language, scope or site")
    demand("notice", len(base64url(shown["bundle"])) == 32, "the bundle is not a digest")
    # Nothing of it gets out of its place on the page, or loads anything.
    for part in shown["html"].split("<")[1:]:
        name = re.match(r"/?([^ >]*)[ >]", part)
        demand("notice", name and name[1] in ELEMENTS, f"no notice holds <{part[:20]}")
    demand("notice", "</" not in shown["style"], "no style of a notice holds </")
    html = shown["html"].replace("<button", "<button disabled").replace("<input", "<input disabled")
    parts = {**shown, "html": html.replace("<details", "<details open"), "record": claims["jti"]}
    expected = re.sub("@(bundle|html|language|record|site|style)@", lambda place: parts[place[1]], PAGE)
    demand("notice", page == expected.encode(), "notice.html does not show notice.json")


def check_scope(claims, scope):
    demand("scope", digest(scope) == claims["scope"], "the digest of scope.json is not the one in the receipt")
    asked = parse_json(scope)
    demand("scope", asked.keys() == {"categories", "controller", "revision", "site"}, "the names in scope.json")
    revision, categories = asked["revision"], asked["categories"]
    demand("scope", isinstance(asked["controller"], str), "the controller is not text")
    demand("scope", type(revision) is int and 0 <= revision < 2**32, "the revision is not a number")
    for name in [*categories, *(service for services in categories.values() for service in services)]:
        demand("scope", SLUG.fullmatch(name), f"{name} names no category and no service")
    providers = [provider for services in categories.values() for provider in services.values()]
    demand("scope", all(isinstance(provider, str) for provider in providers), "a provider is not text")
    demand("scope", asked["site"] == claims["aud"], "scope.json is of another site")
    check_answer(claims, categories)


def check_answer(claims, categories):
    """The choices answer just what was asked, and are those that the act makes."""
    act, choices, services = claims["act"], claims["choices"], claims.get("services", {})
    demand("scope", categories.keys() == choices.keys(), "the choices are not those that were asked for")
    for service, granted in services.items():
        category = next((name for name in sorted(categories) if service in categories[name]), None)
        demand("scope", category, f"{service} was not asked about")
        demand("scope", choices[category] != granted, f"{service} has the choice of its category")
    if act == "signal" and "prev" not in claims:
        act = "refuse_all"
    if act not in ("custom", "signal"):
        only = act == "accept_all"
        fits = not services and all(granted == only for granted in choices.values())
        demand("scope", fits, f"the choices are not those of {act}")


# ── The log ──

def check_key_name(name):
    if not name or any(c.isspace() or c == "+" or unicodedata.category(c) == "Cc" for c in name):
        raise ValueError("not the name of a key")


def read_note_key(text):
    """A verifier key of C2SP signed-note: its name, its id, its type, its 32 bytes."""
    name, identity, rest = text.split("+", 2)
    check_key_name(name)
    rest = base64std(rest)
    expected = hashlib.sha256(name.encode() + b"\n" + rest).digest()[:4]
    if identity != expected.hex() or rest[0] not in (1, 4) or len(rest) != 33:
        raise ValueError("not a verifier key")
    if not is_key(rest[1:]):
        raise ValueError(f"the key of {name} is no point of the curve, or a weak one")
    return name, expected, rest[0], rest[1:]


def read_note(note):
    """A signed note: its text, and its signatures as names, ids of keys, and bytes."""
    if len(note.encode()) > 1 << 20 or re.search("[\x00-\x09\x0b-\x1f]", note):
        raise ValueError("a note that is too long, or has a control character")
    cut = note.rindex("\n\n")
    text, lines = note[:cut + 1], note[cut + 2:]
    signatures = []
    demand("logged", lines.endswith("\n") and lines.count("\n") <= 100, "the note has no signatures, or over 100")
    for line in lines[:-1].split("\n"):
        dash, name, signature = line.split(" ")
        check_key_name(name)
        signature = base64std(signature)
        demand("logged", dash == "\u2014" and len(signature) > 4, "a line of the note is not a signature")
        signatures.append((name, signature[:4], signature[4:]))
    return text, signatures


def signers(step, text, signatures, keys, not_before=0):
    """Which of the keys have signed a note. A wrong signature of a known key fails; those of strangers are passed over."""
    names = set()
    for name, identity, signature in signatures:
        key = next((key for key in keys if key[:2] == (name, identity)), None)
        if key:
            message = text.encode()
            if key[2] == 4:
                time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                demand(step, is_moment(time), f"the time of {name}")
                demand(step, time + CLOCKS_APART >= not_before, f"{name} says it saw this before it was signed")
                message = f"cosignature/v1\ntime {time}\n".encode() + message
            demand(step, has_signed(key[3], signature, message), f"the signature of {name}")
            names.add(name)
    return names


def root_of_proof(leaf, index, size, hashes):
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    demand("logged", index < size, "the entry is beyond the end of the log")
    node, last = index, size - 1
    for sibling in hashes:
        demand("logged", last > 0, "the proof has too many hashes")
        if node & 1 or node == last:
            leaf = hashlib.sha256(b"\x01" + sibling + leaf).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + sibling).digest()
        node, last = node >> 1, last >> 1
    demand("logged", last == 0, "the proof has too few hashes")
    return leaf


def check_log(files, receipt, signed_at, log_key):
    """Whether the receipt is in the log that the checkpoint is of, if the file says so at all."""
    present = LOG & files.keys()
    if not present:
        return
    demand("logged", present == LOG, "a file of the log is missing")
    names = files["keys/log.txt"].decode()
    demand("logged", names.endswith("\n"), "keys/log.txt is cut short")
    log, *witnesses = [read_note_key(line) for line in names.split("\n")[:-1]]
    log = log_key or log
    head, checkpoint = files["log/receipt.tlog-proof"].decode().split("\n\n", 1)
    title, extra, index, *hashes = head.split("\n")
    demand("logged", title == "c2sp.org/tlog-proof@v1", "not a proof")
    demand("logged", extra.startswith("extra ") and index.startswith("index "), "not a proof with a salt and an index")
    salt, index = base64std(extra.removeprefix("extra ")), decimal(index.removeprefix("index "))
    hashes = [base64std(line) for line in hashes]
    demand("logged", len(salt) == 32 and all(len(hash) == 32 for hash in hashes), "a salt or a hash of the proof")
    text, signatures = read_note(checkpoint)
    origin, size, root, *more = text[:-1].split("\n")
    demand("logged", all([origin, size, root, *more]), "an empty line in the checkpoint")
    demand("logged", text.encode() == files["log/checkpoint.txt"], "log/checkpoint.txt is another one")
    demand("logged", origin == log[0], "the checkpoint is of another log")
    demand("logged", origin in signers("logged", text, signatures, [log]), "the log has not signed the checkpoint")
    entry = hashlib.sha256(b"consent-leaf/v1" + salt + receipt.encode()).digest()
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    leads = len(hashes) <= 64 and root_of_proof(leaf, index, decimal(size), hashes) == base64std(root)
    demand("logged", leads, "the proof leads to another root")
    take("witnessed", signers, "witnessed", text, signatures, witnesses, signed_at)


# ── All of it ──

def verify(data, keys=None, log_key=None, at=None):
    """Takes the steps in their order; raises Failed at the first that fails. Answers those that nobody has taken."""
    files = take("form", read_archive, data)
    for name in sorted(REQUIRED - files.keys()):
        raise Failed("form", f"{name} is missing")
    for name in sorted(files.keys() - REQUIRED - OPTIONAL):
        raise Failed("form", f"{name} does not belong in an evidence file")
    record_id = check_digests(files)
    own = take("keys", read_keys, files["keys/jwks.json"])
    pems = {pem(key.bytes): name for name, key in own.items()}
    for name in ("keys/receipt.pem", "keys/seal.pem"):
        demand("keys", files[name] in pems, f"{name} is not one of keys/jwks.json")
    trusted = own if keys is None else agree(own, keys)
    seal = trusted.get(pems[files["keys/seal.pem"]])
    demand("seal", seal, "the key is not one of those to be trusted")
    # A seal has no date: whoever has the key can have made it.
    demand("seal", seal.revoked is None, "the key is revoked: ask the server for a new file")
    demand("seal", has_signed(seal.bytes, files["SHA256SUMS.sig"], files["SHA256SUMS"]), "the signature of SHA256SUMS")
    receipt = take("receipt", files["receipt.jwt"].decode, "ascii")
    claims, payload, key = take("receipt", read_receipt, receipt, trusted)
    demand("receipt", pem(key) == files["keys/receipt.pem"], "keys/receipt.pem is not the key that signed")
    demand("record", claims["jti"] == record_id, "SHA256SUMS is of another record")
    demand("record", payload == files["record.json"], "record.json is not what the receipt says")
    moment = claims["iat"] if at is None else at
    demand("time", claims["iat"] <= moment < claims["exp"], "the choice did not stand at that time")
    take("notice", check_notice, claims, files["notice.json"], files["notice.html"])
    take("scope", check_scope, claims, files["scope.json"])
    take("logged", check_log, files, receipt, claims["iat"], log_key)
    # Where the keys are those of the file, nobody has checked whose they are.
    taken = {"keys": keys, "logged": log_key and LOG <= files.keys()}
    return [step for step in ("keys", "logged", "witnessed", "consistent", "timestamped") if not taken.get(step)]


def read_file(name, most):
    """The bytes of a file: no more than a limit, and none of what nobody may ever write into."""
    kind = os.stat(name).st_mode
    if stat.S_ISDIR(kind):
        raise ValueError("this is a folder: name a file in it")
    # The pipe of <(command) has a writer, and no name of its own.
    if stat.S_ISFIFO(kind) and os.path.exists(os.path.realpath(name)):
        raise ValueError("this is a named pipe: give a file")
    with open(name, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"longer than {most >> 20} MiB, and no file of this kind is: it was not read further")
    return data


def check_file(name, keys, log_key, at):
    """The verdict on one file. Whatever is wrong with it, those after it are checked too."""
    try:
        data = read_file(name, MOST_EVIDENCE)
    except Exception as error:
        return {"file": name, "valid": False, "verdict": "not_read", "why": f"{type(error).__name__}: {error}"}
    try:
        left = verify(data, keys, log_key, at)
        verdict = "unproven" if keys is None else "valid"
        return {"file": name, "valid": verdict == "valid", "verdict": verdict, "not_checked": left}
    except Failed as failed:
        step, why = failed.step, failed.why
    except Exception as error:
        step, why = "form", f"{type(error).__name__}: {error}"
    return {"file": name, "valid": False, "verdict": "not_valid", "step": step, "why": why}


def names_on_stdin():
    """A name a line, whatever bytes it is of; one that is longer than any is some file that is not there."""
    for line in iter(lambda: sys.stdin.buffer.readline(MOST_TEXT), b""):
        yield os.fsdecode(line.rstrip(b"\n"))


def main():
    parser = argparse.ArgumentParser(description="Checks evidence files of consent.")
    parser.add_argument("--keys", help="the server's JWK set, got by another way than the file")
    parser.add_argument("--log-key", help="the log's verifier key, likewise")
    parser.add_argument("--at", type=int, help="the moment at which the choice must have stood, in Unix seconds")
    parser.add_argument("files", nargs="*", metavar="FILE", help="evidence files; their names on stdin if there are none")
    arguments = parser.parse_args()
    keys = log_key = None
    try:
        if arguments.keys is not None:
            keys = take("--keys", read_keys, read_file(arguments.keys, MOST_TEXT))
        if arguments.log_key is not None:
            log_key = take("--log-key", read_note_key, arguments.log_key)
    except (OSError, ValueError, Failed) as error:
        parser.error(str(error))
    worst = None
    for name in arguments.files or names_on_stdin():
        answer = check_file(name, keys, log_key, arguments.at)
        worst = max(worst or answer["verdict"], answer["verdict"], key=list(VERDICTS).index)
        print(json.dumps(answer), flush=True)
    if worst is None:
        parser.error("no file was named")
    words, code = VERDICTS[worst]
    print(words, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
