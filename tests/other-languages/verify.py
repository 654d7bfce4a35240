"""Verifies receipts with PyJWT, as a Python backend would.

python verify.py JWKS_URL ISSUER SITE, one receipt a line on standard input; prints `valid EXP` or `invalid REASON` for each.
"""

import sys

import jwt

jwks_url, issuer, audience = sys.argv[1:]
keys = jwt.PyJWKClient(jwks_url)
for line in sys.stdin:
    receipt = line.rstrip("\n")
    try:
        key = keys.get_signing_key_from_jwt(receipt)
        claims = jwt.decode(receipt, key, algorithms=["EdDSA"], issuer=issuer, audience=audience)
        print("valid", claims["exp"])
    except jwt.PyJWTError as error:
        print("invalid", type(error).__name__)
