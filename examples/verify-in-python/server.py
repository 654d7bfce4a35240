"""A page that is counted by a third party, for visitors who agreed to that."""

import contextlib
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from consent import Consent

CONSENT = Consent(os.environ["CONSENT_URL"], os.environ["CONSENT_SITE"])
ANALYTICS = os.environ["ANALYTICS_URL"]


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        allowed, reason = CONSENT.allows(self.headers.get("Cookie"), "google-analytics", "analytics")
        if allowed:
            # The page is answered whether or not the call went well.
            with contextlib.suppress(OSError):
                urllib.request.urlopen(ANALYTICS, data=self.path.encode(), timeout=3).close()
        body = b"counted" if allowed else f"not counted: {reason}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Paths may tell who somebody is: they are not logged."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
