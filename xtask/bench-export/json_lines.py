"""Verifies an export receipt by receipt: PyJWT reads the keys, cryptography checks each signature.

json_lines.py EXPORT.jsonl JWKS.json
"""

import base64
import json
import sys
import time

import jwt
from cryptography.exceptions import InvalidSignature


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def keys(path):
    with open(path) as file:
        return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(json.load(file)).keys}


def verify(path, known):
    began, ids, place = time.monotonic(), set(), 0
    headers = {}
    with open(path) as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            receipt, seq = row.pop("receipt"), row.pop("seq")
            signed, signature = receipt.rsplit(".", 1)
            header, claims = signed.split(".")
            if header not in headers:
                read = json.loads(decode(header))
                assert read["alg"] in ("EdDSA", "Ed25519") and read["typ"] == "consent-receipt+jwt", read
                headers[header] = known[read["kid"]]
            headers[header].verify(decode(signature), signed.encode())
            assert json.loads(decode(claims)) == row, "a line says something else than its receipt"
            assert seq > place, "receipts are out of order"
            place = seq
            ids.add(row["jti"])
            if number % 50_000 == 0:
                # Now and then the whole way, as a backend goes it; and the check must be able to fail.
                jwt.decode(receipt, headers[header], algorithms=["EdDSA"], audience=row["aud"])
                broken = bytearray(decode(signature))
                broken[0] ^= 1
                try:
                    headers[header].verify(bytes(broken), signed.encode())
                    raise AssertionError("a broken signature was taken")
                except InvalidSignature:
                    pass
    assert len(ids) == number + 1, "a record is there twice"
    print(f"Python: {number + 1} receipts verified, none twice, in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    verify(sys.argv[1], keys(sys.argv[2]))
