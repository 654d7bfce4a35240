// Medians over the rounds, beside each other.

/** The lines: which figure, and whether the page without a banner is taken off it, or stands beside it. */
const LINES = [
  { title: "First visit: navigation to visible banner, ms", of: "visible" },
  { title: "First visit: script time added, ms", of: "script", added: true },
  { title: "First visit: main thread time added, ms", of: "task", added: true },
  { title: "First visit: navigation to first paint of the page, ms", of: "paint" },
  { title: "First visit: bytes added, on the wire", of: "bytes", added: true },
  { title: "First visit: requests added", of: "requests", added: true },
  { title: "Click at rest to released script running, ms", of: "click" },
  { title: "Click at rest to the frame that answers it (INP), ms", of: "answered" },
  { title: "Click at first sight to released script running, ms", of: "hasty" },
  { title: "Next page: navigation to granted script running, ms", of: "page_run" },
  { title: "Next page: script time added, ms", of: "page_script", added: true },
  { title: "Next page: requests added", of: "page_requests", added: true },
  { title: "Next day: navigation to granted script running, ms", of: "day_run" },
  { title: "Next day: script time added, ms", of: "day_script", added: true },
  { title: "Next day: requests added", of: "day_requests", added: true },
  { title: "Cache emptied: navigation to granted script running, ms", of: "empty_run" },
  { title: "Cache emptied: script time added, ms", of: "empty_script", added: true },
  { title: "Cache emptied: requests added", of: "empty_requests", added: true },
];

/** @param {Map<string, object[]>} rounds figures of each contender, one entry a round */
export const table = (rounds) => {
  const [none, ours, ...peers] = rounds.keys();
  const rows = LINES.map(({ title, of, added }) => {
    const value = (name) => {
      const figures = rounds.get(name).map((each, round) => each[of] - (added ? rounds.get(none)[round][of] : 0));
      return median(figures);
    };
    const best = Math.min(...peers.map(value));
    const cells = [none, ours, ...peers].map((name) => (added && name == none ? "" : shown(value(name))));
    return [title, ...cells, best > 0 ? (value(ours) / best).toFixed(2) : ""];
  });
  return aligned([["", none, ours, ...peers, "ours / best peer"], ...rows]);
};

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const shown = (value) => (Number.isNaN(value) ? "" : value.toFixed(Math.abs(value) < 100 ? 1 : 0));

const aligned = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return rows.map((row) => row.map(pad).join("  ")).join("\n");
};
