<?php

declare(strict_types=1);

use Firebase\JWT\JWK;
use Firebase\JWT\JWT;

/**
 * From the visitor's cookie to "may I?", with firebase/php-jwt.
 *
 * No request leaves the process but for the server's public keys, which are kept in a file for a day.
 */
final class Consent
{
    private const DAY = 86400;

    /** Trusts the receipts that the consent server at `$issuer` (its base URL) signs for `$site`. */
    public function __construct(
        private readonly string $issuer,
        private readonly string $site,
        private readonly string $keyFile,
    ) {
    }

    /**
     * Whether a service may run for the sender of this `Cookie` header; otherwise why not. Not of `$_COOKIE`: that holds one
     * cookie of a name, and a browser may send several.
     *
     * @return array{bool, string}
     */
    public function allows(string $header, string $service, string $category): array
    {
        $values = [];
        foreach (explode(';', $header) as $pair) {
            [$name, $value] = explode('=', trim($pair, " \t"), 2) + [1 => ''];
            if ($name === $this->cookie()) {
                $values[] = $value;
            }
        }
        if ($values === []) {
            return [false, 'no choice yet'];
        }
        // Each must grant.
        foreach ($this->newest($values) ?: [$values[0]] as $value) {
            if (!str_contains($value, '.')) {
                return [false, 'not signed'];
            }
            try {
                $claims = $this->read($value);
            } catch (Throwable $problem) {
                // Also where the keys cannot be had: nothing is granted because something failed.
                return [false, $problem->getMessage()];
            }
            // By a choice of its own, or else by that of its category.
            $granted = $claims->services->{$service} ?? $claims->choices->{$category} ?? false;
            if ($granted !== true) {
                return [false, 'refused'];
            }
        }
        return [true, ''];
    }

    /** The name that sites have by default; one that sets a path, a domain or a name of its own has another. */
    private function cookie(): string
    {
        return str_starts_with($this->issuer, 'https:') ? '__Host-eu-consent' : 'eu-consent';
    }

    /**
     * The newest value of each consent id, the newest of all first, of those that can be a choice at this site. A cookie
     * from before a withdrawal may lie at another path. And where they are of several consent ids, a sibling host has put
     * one there: it must grant nothing that the visitor's own refuses.
     *
     * @param list<string> $values
     * @return list<string>
     */
    private function newest(array $values): array
    {
        $found = [];
        foreach ($values as $value) {
            $parts = explode('.', $value);
            $claims = json_decode(JWT::urlsafeB64Decode($parts[count($parts) === 3 ? 1 : 0]));
            if (!$claims instanceof stdClass || !is_string($claims->sub ?? null) || !is_string($claims->jti ?? null)) {
                continue;
            }
            if (($claims->aud ?? null) !== $this->site || ($claims->exp ?? 0) <= time()) {
                continue;
            }
            // Ids begin with the time; of one record, what is signed comes after what is not.
            $order = $claims->jti . (str_contains($value, '.') ? '1' : '0');
            if (strcmp($order, $found[$claims->sub][0] ?? '') > 0) {
                $found[$claims->sub] = [$order, $value];
            }
        }
        usort($found, static fn (array $a, array $b): int => strcmp($b[0], $a[0]));
        return array_column($found, 1);
    }

    /** The claims of a receipt that stands. */
    private function read(string $receipt): stdClass
    {
        $said = json_decode(JWT::urlsafeB64Decode(explode('.', $receipt)[0]), true);
        if (($said['typ'] ?? null) !== 'consent-receipt+jwt') {
            throw new UnexpectedValueException('another kind of token');
        }
        // Its algorithm is the key's own, whatever the token says: each key of the set names one.
        $claims = JWT::decode($receipt, $this->keys($said['kid'] ?? ''));
        if (!isset($claims->iat) || $claims->iat >= $this->end($said['kid'])) {
            throw new UnexpectedValueException('signed when its key had ended');
        }
        if (($claims->iss ?? null) !== $this->issuer || ($claims->aud ?? null) !== $this->site) {
            throw new UnexpectedValueException('a receipt of another site');
        }
        if (!isset($claims->exp) || !($claims->choices ?? null) instanceof stdClass) {
            throw new UnexpectedValueException('not a receipt');
        }
        return $claims;
    }

    /** The server's keys: asked for again after a day, and at most once a minute for a key that is not there. */
    private function keys(string $wanted): array
    {
        $age = is_file($this->keyFile) ? time() - filemtime($this->keyFile) : PHP_INT_MAX;
        $keys = $age < self::DAY ? $this->parse(file_get_contents($this->keyFile)) : [];
        if (!isset($keys[$wanted]) && $age > 60) {
            $context = stream_context_create(['http' => ['timeout' => 3]]);
            // A warning would stand in the page; what it means is said below.
            $fetched = @file_get_contents($this->issuer . '/.well-known/jwks.json', false, $context);
            if ($fetched === false) {
                throw new RuntimeException('the keys cannot be had');
            }
            $keys = $this->parse($fetched);
            // In one step: another request may be reading it.
            $new = tempnam(dirname($this->keyFile), 'jwks');
            file_put_contents($new, $fetched);
            rename($new, $this->keyFile);
        }
        return $keys;
    }

    /** When the server retired a key, or since when it may have been in other hands. The library takes no notice of it. */
    private function end(string $wanted): int
    {
        $set = json_decode(file_get_contents($this->keyFile), true, flags: JSON_THROW_ON_ERROR);
        $ends = [];
        foreach ($set['keys'] as $key) {
            if ($key['kid'] === $wanted) {
                // A key that is named twice ends at the earlier end.
                $ends[] = min($key['exp'] ?? PHP_INT_MAX, $key['revoked']['revoked_at'] ?? PHP_INT_MAX);
            }
        }
        return $ends === [] ? 0 : min($ends);
    }

    private function parse(string $jwks): array
    {
        return JWK::parseKeySet(json_decode($jwks, true, flags: JSON_THROW_ON_ERROR), 'EdDSA');
    }
}
