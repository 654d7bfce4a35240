"""From a Cookie header to "may I?", with PyJWT.

No request leaves the process but for the server's public keys, which are kept.
"""

import base64
import json
import time

import jwt


class Consent:
    """Trusts the receipts that the consent server at `issuer` (its base URL) signs for `site`."""

    def __init__(self, issuer, site, cookie=None):
        # The name that sites have by default; one that sets a path, a domain or a name of its own has another.
        default = "__Host-eu-consent" if issuer.startswith("https:") else "eu-consent"
        self.issuer, self.site, self.cookie = issuer, site, cookie or default
        # Asked for again when a receipt names a key that is not there, and once a day.
        self.keys = jwt.PyJWKClient(issuer + "/.well-known/jwks.json", lifespan=86_400, timeout=3)

    def allows(self, cookie_header, service, category):
        """Whether a service may run for the sender of this header, and if not, why."""
        receipts, reason = self.read(cookie_header or "")
        if not receipts:
            return False, reason
        # By a choice of its own, or else by that of its category.
        granted = all(claims.get("services", {}).get(service, claims["choices"].get(category)) is True for claims in receipts)
        return (True, "") if granted else (False, "refused")

    def read(self, cookie_header):
        """The claims of the visitor's receipts, the newest first, or none and why: all of them must grant."""
        start = self.cookie + "="
        # No other white space: a name that only looks like ours behind one is not ours.
        pairs = (pair.strip(" \t") for pair in cookie_header.split(";"))
        values = [pair[len(start) :] for pair in pairs if pair.startswith(start)]
        if not values:
            return [], "no choice yet"
        receipts = []
        for value in newest(values, self.site) or values[:1]:
            claims, reason = self.verify(value)
            if claims is None:
                return [], reason
            receipts.append(claims)
        return receipts, ""

    def verify(self, receipt):
        """The claims of a receipt that stands, or None and why not."""
        if "." not in receipt:
            return None, "not signed"
        try:
            if jwt.get_unverified_header(receipt).get("typ") != "consent-receipt+jwt":
                return None, "another kind of token"
            key = self.keys.get_signing_key_from_jwt(receipt)
            claims = jwt.decode(
                receipt,
                key,
                algorithms=["EdDSA"],
                issuer=self.issuer,
                audience=self.site,
                options={"require": ["exp", "iat", "iss", "aud"]},
            )
            # A key that is named twice ends at the earlier end.
            named = [other for other in self.keys.get_signing_keys() if other.key_id == key.key_id]
            if any(has_ended(other, claims["iat"]) for other in named):
                return None, "signed when its key had ended"
        except Exception as error:
            # Whatever it is, also where the keys cannot be had: nothing is granted because something failed.
            return None, type(error).__name__
        return (claims, "") if isinstance(claims.get("choices"), dict) else (None, "no choices")


def newest(values, site):
    """The newest value of each consent id, the newest of all first, of those that can be a choice at this site.

    A cookie from before a withdrawal may lie at another path. And where they are of several consent ids, a sibling host
    has put one there: it must grant nothing that the visitor's own refuses.
    """
    found = {}
    for value in values:
        claims = claimed(value)
        if not claims or claims["aud"] != site or claims["exp"] <= time.time():
            continue
        # Ids begin with the time; of one record, what is signed comes after what is not.
        order = (claims["jti"], "." in value)
        known = found.get(claims["sub"])
        if known is None or order > known[0]:
            found[claims["sub"]] = (order, value)
    return [value for _, value in sorted(found.values(), reverse=True)]


def claimed(value):
    """What a cookie's value claims, signed or not, or None: nothing in it is to be believed."""
    parts = value.split(".")
    try:
        text = parts[1] if len(parts) == 3 else parts[0]
        claims = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        has_all = all(isinstance(claims[name], str) for name in ("aud", "sub", "jti"))
        return claims if has_all and isinstance(claims["exp"], int) else None
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def has_ended(key, signed_at):
    """Whether the server had retired the key when this was signed, or it may have been in other hands."""
    # Members of the JWK that the library itself takes no notice of.
    members = key._jwk_data
    ends = [members.get("exp"), members.get("revoked", {}).get("revoked_at")]
    return any(end is not None and end <= signed_at for end in ends)
