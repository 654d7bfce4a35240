# syntax=docker/dockerfile:1
# Built in one image, run in another that holds the program, Debian's C library, and whom Debian trusts for https.
#
#   docker build --tag consent .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp \
#     --volume consent-data:/var/lib/consent --volume /etc/consent:/etc/consent:ro \
#     --env CONSENT_URL=https://www.example.org/consent --env CONSENT_BEHIND_PROXY=true --publish 127.0.0.1:8080:8080 \
#     --env CONSENT_STAFF_URL=https://consent-staff.example.org --publish 127.0.0.1:8082:8082 \
#     --ulimit nofile=16384 consent
#
# CONSENT_BEHIND_PROXY: the proxy on the host names visitors in X-Forwarded-For. Without it they all come from the container's
# gateway, are one client, and most are told to come back later. Never without a proxy: anybody could name any address.
# The second port is for staff: on a host of its own, never below the sites' pages.

FROM rust:1.95-slim-bookworm AS build
# AWS-LC and SQLite are C; the certificates are for the image that runs. Nothing is downloaded but the locked crates.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates cmake g++ make perl \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --profile dist --locked --package consent-server \
 && install -D --strip target/dist/consent /image/usr/local/bin/consent \
 && install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && install -d -m 0700 /image/var/lib/consent \
 && install -d -m 0755 /image/etc/consent/sites

FROM debian:bookworm-slim
# A number, so that orchestrators can see that it is not root.
COPY --from=build --chown=10001:10001 /image/var/lib/consent /var/lib/consent
COPY --from=build /image/usr /usr
COPY --from=build /image/etc /etc
USER 10001:10001
ENV CONSENT_SITES=/etc/consent/sites \
    CONSENT_DATA=/var/lib/consent \
    CONSENT_LISTEN=0.0.0.0:8080 \
    CONSENT_STAFF=0.0.0.0:8082 \
    CONSENT_METRICS=0.0.0.0:9464 \
    NO_COLOR=1
VOLUME /var/lib/consent
EXPOSE 8080 8082 9464
# SIGTERM finishes what was accepted, within ten seconds.
STOPSIGNAL SIGTERM
# The program asks itself, where CONSENT_LISTEN says: the image has no other that could.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/consent", "healthy"]
ENTRYPOINT ["/usr/local/bin/consent"]
CMD ["serve"]
