#!/usr/bin/env python3
"""Checks evidence files of consent, with nothing but the standard library and `cryptography`.

    verify.py [--keys JWKS] [--log-key VKEY] [--at SECONDS] FILE...

Written from docs/receipt.md and docs/evidence.md alone, so that nobody needs to trust the program that made the files.
One line of JSON for each FILE: {"file": ..., "valid": true} or {"file": ..., "valid": false, "step": ..., "why": ...}.
Exit code 0: all are valid; 1: at least one is not. RFC 3161 timestamps are not looked at: README.txt has the command.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import unicodedata
import zlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

REQUIRED = {
    "README.txt", "SHA256SUMS", "SHA256SUMS.sig", "keys/jwks.json", "keys/receipt.pem", "keys/seal.pem", "notice.html",
    "notice.json", "receipt.jwt", "record.json", "scope.json", "summary.en.html", "summary.fr.html",
}
LOG = {"keys/log.txt", "log/checkpoint.txt", "log/receipt.tlog-proof"}
OPTIONAL = {"formats/dpv.json", "formats/kantara.json", "log/timestamp.tsr"} | LOG
PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
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


def parse_json(text):
    """JSON without a name given twice."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name is there twice")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=members)


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


# ── The archive ──

def read_archive(data):
    """The files of a zip of the one form: it is written again, and must be the same bytes."""
    files, place = {}, 0
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
    local, central = b"", b""
    for name, content in sorted(files.items()):
        about = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(name), 0)
        central += b"PK\x01\x02" + struct.pack("<H", 10) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(local))
        central += name.encode()
        local += b"PK\x03\x04" + about + name.encode() + content
    count = len(files)
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)


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

def read_keys(text):
    """The Ed25519 keys of a JWK set, by their RFC 7638 thumbprints."""
    keys = {}
    for jwk in parse_json(text)["keys"]:
        if not all(isinstance(jwk.get(name, ""), str) for name in ("crv", "kid", "kty", "x")) or "kty" not in jwk:
            raise ValueError("a key without its type (RFC 7517, 4.1)")
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
            x = jwk["x"]
            thumbprint = digest(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode())
            if len(base64url(x)) != 32 or jwk.get("kid", thumbprint) != thumbprint:
                raise ValueError("a key is not named by its thumbprint")
            keys[thumbprint] = base64url(x)
    if not keys:
        raise ValueError("no Ed25519 key")
    return keys


def pem(key):
    der = bytes.fromhex("302a300506032b6570032100") + key
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n".encode()


# ── The receipt ──

def read_receipt(text, keys):
    """The claims of a receipt that one of the keys has signed, their JSON, and that key."""
    parts = text.split(".")
    demand("receipt", len(parts) == 3, "not three parts")
    try:
        header, payload, signature = (base64url(part) for part in parts)
        header, claims = parse_json(header), parse_json(payload)
    except (ValueError, RecursionError) as error:
        raise Failed("receipt", str(error)) from None
    demand("receipt", isinstance(header, dict) and header.keys() == {"alg", "kid", "typ"}, "the header")
    demand("receipt", header["alg"] in ("EdDSA", "Ed25519"), "the algorithm")
    demand("receipt", str(header["typ"]).lower() == "consent-receipt+jwt", "the type")
    demand("receipt", header["kid"] in keys, "the key is not in the set")
    key = keys[header["kid"]]
    demand("receipt", has_signed(key, signature, text.rsplit(".", 1)[0].encode()), "the signature")
    required = {"iss", "aud", "sub", "jti", "iat", "exp", "dat", "act", "src", "choices", "scope", "notice", "lang"}
    demand("receipt", required <= claims.keys() <= required | {"services", "prev", "gpc"}, "the claims")
    return claims, payload, key


def check_notice(claims, notice, page):
    demand("notice", digest(notice) == claims["notice"], "the digest of notice.json is not the one in the receipt")
    shown = parse_json(notice)
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
    demand("scope", asked["site"] == claims["aud"], "scope.json is of another site")
    categories = asked["categories"]
    demand("scope", categories.keys() == claims["choices"].keys(), "the choices are not those that were asked for")
    of = {service: category for category, services in categories.items() for service in services}
    for service, granted in claims.get("services", {}).items():
        demand("scope", service in of, f"{service} was not asked about")
        demand("scope", claims["choices"][of[service]] != granted, f"{service} has the choice of its category")


# ── The log ──

def read_note_key(text):
    """A verifier key of C2SP signed-note: its name, its id, its type, its 32 bytes."""
    name, identity, rest = text.split("+", 2)
    rest = base64std(rest)
    expected = hashlib.sha256(name.encode() + b"\n" + rest).digest()[:4]
    if identity != expected.hex() or rest[0] not in (1, 4) or len(rest) != 33:
        raise ValueError("not a verifier key")
    return name, expected, rest[0], rest[1:]


def check_note(note, keys):
    """The text of a signed note, and which of the keys have signed it. A wrong signature of a known key fails."""
    demand("logged", not re.search("[\x00-\x09\x0b-\x1f]", note), "a control character")
    text, lines = note[:note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2:]
    signers = set()
    demand("logged", lines.endswith("\n"), "the note is cut short")
    for line in lines[:-1].split("\n"):
        dash, name, signature = line.split(" ")
        bad = [c for c in name if c.isspace() or c == "+" or unicodedata.category(c) == "Cc"]
        demand("logged", name and not bad, "a line of the note is not a signature")
        demand("logged", dash == "\u2014", "a line of the note is not a signature")
        signature = base64std(signature)
        demand("logged", len(signature) > 4, "a signature is cut short")
        for key in keys:
            if (name, signature[:4]) == key[:2]:
                message, rest = text.encode(), signature[4:]
                if key[2] == 4:
                    time = int.from_bytes(rest[:8], "big")
                    message, rest = f"cosignature/v1\ntime {time}\n".encode() + message, rest[8:]
                demand("logged" if key is keys[0] else "witnessed", has_signed(key[3], rest, message), f"the signature of {name}")
                signers.add(name)
    return text, signers


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


def check_log(files, receipt, log_key):
    """Whether the receipt is in the log that the checkpoint is of, if the file says so at all."""
    present = LOG & files.keys()
    if not present:
        return
    demand("logged", present == LOG, "a file of the log is missing")
    try:
        names = files["keys/log.txt"].decode()
        demand("logged", names.endswith("\n"), "keys/log.txt is cut short")
        keys = [read_note_key(line) for line in names.split("\n")[:-1]]
        if log_key:
            keys[0] = read_note_key(log_key)
        lines, checkpoint = files["log/receipt.tlog-proof"].decode().split("\n\n", 1)
        lines = lines.split("\n")
        demand("logged", lines.pop(0) == "c2sp.org/tlog-proof@v1", "not a proof")
        salt = base64std(lines.pop(0).removeprefix("extra "))
        index = lines.pop(0)
        demand("logged", len(salt) == 32 and index.startswith("index "), "not a proof with a salt and an index")
        index, hashes = decimal(index.removeprefix("index ")), [base64std(line) for line in lines]
        demand("logged", all(len(hash) == 32 for hash in hashes), "a hash of the proof")
        text, signers = check_note(checkpoint, keys)
        origin, size, root = text.split("\n")[:3]
        size, root = decimal(size), base64std(root)
    except (ValueError, IndexError) as error:
        raise Failed("logged", str(error)) from None
    demand("logged", text.encode() == files["log/checkpoint.txt"], "log/checkpoint.txt is another one")
    demand("logged", origin == keys[0][0] and origin in signers, "the log has not signed the checkpoint")
    entry = hashlib.sha256(b"consent-leaf/v1" + salt + receipt.encode()).digest()
    leaf = hashlib.sha256(b"\x00" + entry).digest()
    demand("logged", root_of_proof(leaf, index, size, hashes) == root, "the proof leads to another root")


# ── All of it ──

def verify(data, keys=None, log_key=None, at=None):
    """Takes the steps in their order; raises Failed at the first that fails."""
    files = read_archive(data)
    for name in sorted(REQUIRED - files.keys()):
        raise Failed("form", f"{name} is missing")
    for name in sorted(files.keys() - REQUIRED - OPTIONAL):
        raise Failed("form", f"{name} does not belong in an evidence file")
    record_id = check_digests(files)
    try:
        own = read_keys(files["keys/jwks.json"].decode())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failed("keys", str(error)) from None
    pems = {pem(key): key for key in own.values()}
    for name in ("keys/receipt.pem", "keys/seal.pem"):
        demand("keys", files[name] in pems, f"{name} is not one of keys/jwks.json")
    trusted = keys or own
    seal = pems[files["keys/seal.pem"]]
    demand("seal", seal in trusted.values(), "the key is not one of those to be trusted")
    demand("seal", has_signed(seal, files["SHA256SUMS.sig"], files["SHA256SUMS"]), "the signature of SHA256SUMS")
    try:
        receipt = files["receipt.jwt"].decode("ascii")
    except UnicodeDecodeError:
        raise Failed("receipt", "not text") from None
    claims, payload, key = read_receipt(receipt, trusted)
    demand("receipt", pem(key) == files["keys/receipt.pem"], "keys/receipt.pem is not the key that signed")
    demand("record", claims["jti"] == record_id, "SHA256SUMS is of another record")
    demand("record", payload == files["record.json"], "record.json is not what the receipt says")
    moment = claims["iat"] if at is None else at
    demand("time", claims["iat"] <= moment < claims["exp"], "the choice did not stand at that time")
    try:
        check_notice(claims, files["notice.json"], files["notice.html"])
        check_scope(claims, files["scope.json"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failed("notice", str(error)) from None
    check_log(files, receipt, log_key)


def main():
    parser = argparse.ArgumentParser(description="Checks evidence files of consent.")
    parser.add_argument("--keys", help="the server's JWK set, got by another way than the file")
    parser.add_argument("--log-key", help="the log's verifier key, likewise")
    parser.add_argument("--at", type=int, help="the moment at which the choice must have stood, in Unix seconds")
    parser.add_argument("files", nargs="*", metavar="FILE", help="evidence files; their names on stdin if there are none")
    arguments = parser.parse_args()
    keys = None
    if arguments.keys:
        with open(arguments.keys, encoding="utf-8") as file:
            keys = read_keys(file.read())
    all_valid = True
    for name in arguments.files or (line.rstrip("\n") for line in sys.stdin):
        with open(name, "rb") as file:
            data = file.read()
        answer = {"file": name, "valid": True}
        try:
            verify(data, keys, arguments.log_key, arguments.at)
        except Failed as failed:
            answer, all_valid = {"file": name, "valid": False, "step": failed.step, "why": failed.why}, False
        print(json.dumps(answer), flush=True)
    return 0 if all_valid else 1


if __name__ == "__main__":
    sys.exit(main())
