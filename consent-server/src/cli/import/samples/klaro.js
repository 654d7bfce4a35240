/* The configuration of a library's pages. */
var klaroConfig = {
    version: 1,
    elementID: 'klaro',
    storageMethod: 'cookie',
    cookieExpiresAfterDays: 365,
    lang: 'de',
    mustConsent: false,
    acceptAll: true,
    translations: {
        zz: { privacyPolicyUrl: 'https://library.example/privacy' },
        de: {
            purposes: { analytics: 'Messung', reading: { title: 'Lesen', description: '…' } },
            matomo: { title: 'Matomo', description: 'Zählt Besuche.' },
            bookViewer: { description: 'Zeigt Bücher.' },
        },
        en: {
            consentModal: { title: 'What we would like to use' },
            purposes: { analytics: 'Measurement', reading: 'Reading' },
            bookViewer: { title: 'Book viewer', description: 'Shows books.' },
        },
    },
    services: [
        {
            name: 'matomo',
            purposes: ['analytics'],
            cookies: [/^_pk_.*$/, ['piwik_ignore', '/', '.library.example'], [/^mtm_[a-z]+/, '/', 'library.example']],
            callback: function (consent, service) { window.counting = consent; },
            required: false, default: true,
        },
        { name: 'bookViewer', purposes: ['reading', 'social'], cookies: ['viewer'], onlyOnce: true },
        { name: 'session', title: 'Session', purposes: ['functional'], required: true, cookies: ['sid'] },
    ],
};
