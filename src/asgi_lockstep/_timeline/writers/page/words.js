// Numbers and names as people read them.

/** "412 µs", "12.3 ms", "1.20 s", "1 h 2 min 5 s". */
function duration(seconds) {
  const size = Math.abs(seconds);
  if (size === 0) return "0";
  if (size < 0.9995e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (size < 0.9995) return `${digits(seconds * 1e3)} ms`;
  if (size < 59.995) return `${digits(seconds)} s`;
  return longDuration(seconds);
}

/** Three digits, and no zeros after the point that say nothing. */
function digits(value) {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)));
}

function longDuration(seconds) {
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count.toLocaleString("en")} ${unit}`);
  }
  return parts.slice(0, 3).join(" ");
}

/** "1 event", "5,000 events". */
function counted(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** "app.py:8" of a long path: the file and the folder that it is in tell enough in a row. */
function shortPlace(place) {
  const parts = place.file.split(/[\\/]/);
  return `${parts[parts.length - 1]}:${place.line}`;
}

/** "2026-11-26 21:00:00 UTC". */
function moment(text) {
  return text.replace("T", " ").replace(/(\.\d+)?(\+00:00|Z)$/, " UTC");
}
