"""From a Cookie header to "may I?", with PyJWT.

No request leaves the process but for the server's public keys, which are kept.
"""

import jwt


class Consent:
    """Trusts the receipts that the consent server at `issuer` (its base URL) signs for `site`."""

    def __init__(self, issuer, site, cookie="eu-consent"):
        self.issuer, self.site, self.cookie = issuer, site, cookie
        # Asked for again when a receipt names a key that is not there, and once a day.
        self.keys = jwt.PyJWKClient(issuer + "/.well-known/jwks.json", lifespan=86_400, timeout=3)

    def allows(self, cookie_header, service, category):
        """Whether a service may run for the sender of this header, and if not, why."""
        claims, reason = self.read(cookie_header or "")
        if claims is None:
            return False, reason
        # By a choice of its own, or else by that of its category.
        granted = claims.get("services", {}).get(service, claims["choices"].get(category))
        return (True, "") if granted is True else (False, "refused")

    def read(self, cookie_header):
        """The claims of the visitor's receipt, or None and why there are none."""
        start = self.cookie + "="
        # The first of the name counts, as it does for the page's own script.
        values = [pair[len(start) :] for pair in cookie_header.split("; ") if pair.startswith(start)]
        if not values:
            return None, "no choice yet"
        receipt = values[0]
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
            if has_ended(key, claims["iat"]):
                return None, "signed when its key had ended"
        except jwt.PyJWTError as error:
            # Also where the keys cannot be had: nothing is granted because something failed.
            return None, type(error).__name__
        return (claims, "") if isinstance(claims.get("choices"), dict) else (None, "no choices")


def has_ended(key, signed_at):
    """Whether the server had retired the key when this was signed, or it may have been in other hands."""
    # Members of the JWK that the library itself takes no notice of.
    members = key._jwk_data
    ends = [members.get("exp"), members.get("revoked", {}).get("revoked_at")]
    return any(end is not None and end <= signed_at for end in ends)
