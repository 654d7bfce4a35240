<?php

// A page that is counted by a third party, for visitors who agreed to that.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';
require __DIR__ . '/Consent.php';

$consent = new Consent(getenv('CONSENT_URL'), getenv('CONSENT_SITE'), getenv('CONSENT_KEYS'));
[$allowed, $reason] = $consent->allows($_SERVER['HTTP_COOKIE'] ?? '', 'google-analytics', 'analytics');
if ($allowed) {
    $call = ['http' => ['method' => 'POST', 'content' => $_SERVER['REQUEST_URI'], 'timeout' => 3]];
    // The page is answered whether or not the call went well.
    @file_get_contents(getenv('ANALYTICS_URL'), false, stream_context_create($call));
}
echo $allowed ? 'counted' : "not counted: $reason";
