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
     * Whether a service may run for the sender of this cookie value; otherwise why not.
     *
     * @return array{bool, string}
     */
    public function allows(?string $value, string $service, string $category): array
    {
        if ($value === null) {
            return [false, 'no choice yet'];
        }
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
        return $granted === true ? [true, ''] : [false, 'refused'];
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
        foreach ($set['keys'] as $key) {
            if ($key['kid'] === $wanted) {
                return min($key['exp'] ?? PHP_INT_MAX, $key['revoked']['revoked_at'] ?? PHP_INT_MAX);
            }
        }
        return 0;
    }

    private function parse(string $jwks): array
    {
        return JWK::parseKeySet(json_decode($jwks, true, flags: JSON_THROW_ON_ERROR), 'EdDSA');
    }
}
