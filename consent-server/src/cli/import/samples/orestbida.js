// How a page of a shop starts CookieConsent 3.
import * as CookieConsent from 'vanilla-cookieconsent';

CookieConsent.run({
  revision: 2,
  cookie: { name: 'shop_choice', expiresAfterDays: 182 },
  guiOptions: { consentModal: { layout: 'box', position: 'bottom right' } },
  onConsent: ({ cookie }) => { if (cookie.categories.length > 1) { console.log(`chosen: ${cookie.categories}`); } },
  categories: {
    necessary: { enabled: true, readOnly: true },
    analytics: {
      autoClear: { cookies: [{ name: /^_ga/ }, { name: '_gid' }, { name: 'shop_visits' }] },
      services: {
        ga: { label: 'Google Analytics', onAccept() { loadAnalytics(); }, cookies: [{ name: /^(_ga|_gid)/ }] },
      },
    },
    marketing: { services: { 'Newsletter box': { label: 'Newsletter' } } },
    comfort: { services: { youtube: { label: 'YouTube' } } },
  },
  language: {
    default: 'en',
    translations: {
      en: {
        consentModal: { title: 'Cookies?', acceptAllBtn: 'Accept all' },
        preferencesModal: {
          title: 'Settings',
          sections: [
            { title: 'About', description: 'We use cookies.' },
            { title: 'Comfort', description: 'Plays <strong>films</strong> in our pages.', linkedCategory: 'comfort' },
          ],
        },
      },
      fr: '/lang/fr.json',
    },
  },
});
