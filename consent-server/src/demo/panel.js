(() => {
  const panel = document.querySelector('.panel');
  const third = panel.dataset.third;
  const list = panel.querySelector('.log');
  let shown = '';
  const show = (log) => {
    const text = JSON.stringify(log);
    if (text === shown) return;
    shown = text;
    for (const output of panel.querySelectorAll('[data-path]')) {
      output.value = log.filter((entry) => entry.path === output.dataset.path).length;
    }
    const lines = log.slice(-12).reverse().map((entry) => {
      const line = document.createElement('li');
      line.textContent = `${entry.at.slice(11, 19)}  ${entry.method} ${entry.path}`;
      return line;
    });
    if (!lines.length) {
      const line = document.createElement('li');
      line.textContent = list.dataset.empty;
      lines.push(line);
    }
    list.replaceChildren(...lines);
  };
  const refresh = () => {
    if (!document.hidden) fetch(third + '/log').then((answer) => answer.json()).then(show, () => {});
  };
  panel.querySelector('[data-clear]').addEventListener('click', () => {
    fetch(third + '/log', { method: 'DELETE' }).then(refresh, () => {});
  });
  refresh();
  setInterval(refresh, 1000);
})();
