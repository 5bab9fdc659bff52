// Numbers and names as people read them.

/** "412 µs", "12.3 ms", "1.2 s", "1 h 2 min 5 s". */
function duration(seconds) {
  if (seconds === 0) return "0";
  if (seconds < 0.9995e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${digits(seconds * 1e3)} ms`;
  if (seconds < 59.995) return `${digits(seconds)} s`;
  return longDuration(seconds);
}

/** The same for a column of times of which each is told from the next: "499.80 ms", "1.2046 s", "1:02:05.000". */
function pointInTime(seconds) {
  if (seconds < 0.0099995) return `${(seconds * 1e3).toFixed(3)} ms`;
  if (seconds < 0.999995) return `${(seconds * 1e3).toFixed(2)} ms`;
  if (seconds < 59.99995) return `${seconds.toFixed(4)} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (number) => String(number).padStart(2, "0");
  const rest = (seconds - minutes * 60).toFixed(3).padStart(6, "0");
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** Three digits, without the zeros that say nothing. */
const digits = (value) => String(Number(value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)));

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
