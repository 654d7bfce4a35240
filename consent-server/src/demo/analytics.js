(() => {
  const { home, id, names } = __SETTINGS__;
  // A real one sets its cookies for the whole host; the five demo sites share theirs, so this one keeps to the page's folder.
  const path = location.pathname.replace(/[^/]*$/, '');
  const seconds = Math.floor(Date.now() / 1000);
  for (const name of names) {
    const has = document.cookie.split('; ').some((cookie) => cookie.startsWith(name + '='));
    if (!has) document.cookie = `${name}=GA1.1.${Math.floor(Math.random() * 1e9)}.${seconds}; Path=${path}; Max-Age=34128000; SameSite=Lax`;
  }
  fetch(`${home}/collect?id=${encodeURIComponent(id)}&page=${encodeURIComponent(location.pathname)}`, { mode: 'no-cors', keepalive: true }).catch(() => {});
})();
