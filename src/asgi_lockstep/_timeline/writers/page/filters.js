// Which events are shown, and the part of the address that keeps it.

const wordsOf = (query) => query.toLowerCase().split(/\s+/).filter(Boolean);

/** The indices of the events that the filters leave. */
function chosenEvents() {
  const words = wordsOf(view.query);
  const chosen = [];
  events.forEach((event, index) => {
    if (view.kinds.size && !view.kinds.has(event.kind)) return;
    if (view.exchange !== null && event.exchange !== view.exchange) return;
    if (view.step && event.step !== view.step && !event.step.startsWith(`${view.step} > `)) return;
    if (words.length && !words.every((word) => haystack(index).includes(word))) return;
    chosen.push(index);
  });
  return chosen;
}

const isFiltered = () => Boolean(view.query.trim() || view.kinds.size || view.exchange !== null || view.step);

/**
 * The rows of the diagram: each event that is shown, a heading where another step begins, and a mark where virtual time
 * jumped (also before an event that is not shown).
 */
function rowsOf(chosen) {
  const rows = [];
  let step = "";
  let before = 0;
  chosen.forEach((index, number) => {
    let jump = 0;
    for (; before <= index; before++) jump += events[before].jump;
    if (jump > 0) rows.push({ kind: "jump", index, jump });
    if (events[index].step !== step) {
      step = events[index].step;
      if (step) rows.push({ kind: "step", index, step });
    }
    rows.push({ kind: "event", index, number: number + 1, of: chosen.length });
  });
  return rows;
}

/** What the address keeps, after its "#"; nothing where nothing is chosen. */
function hashOfView() {
  const kept = new URLSearchParams();
  if (view.query.trim()) kept.set("q", view.query.trim());
  if (view.kinds.size) kept.set("kind", [...view.kinds].join(","));
  if (view.exchange !== null) kept.set("exchange", view.exchange);
  if (view.step) kept.set("step", view.step);
  if (view.clock !== "real") kept.set("clock", view.clock);
  if (view.open && events.length) kept.set("event", events[view.selected].event);
  return String(kept);
}

/** The opposite: an address that somebody has sent; what it names and this timeline has not is left out. */
function readHash(hash) {
  const kept = new URLSearchParams(hash.replace(/^#/, ""));
  const number = kept.get("exchange");
  const index = kept.has("event") ? events.findIndex((event) => String(event.event) === kept.get("event")) : -1;
  view.query = kept.get("q") || "";
  view.kinds = new Set((kept.get("kind") || "").split(",").filter((kind) => kind in KINDS));
  view.exchange = number !== null && exchangeOf.has(Number(number)) ? Number(number) : null;
  view.step = kept.get("step") || "";
  view.clock = isVirtual && kept.get("clock") === "virtual" ? "virtual" : "real";
  view.open = index >= 0;
  if (view.open) view.selected = index;
}

//: When the address was changed lately. Browsers refuse more than some ten changes a second, as a key held down makes them.
const changes = [];
let laterChange = 0;

/** No entry in the history of the browser: going back leaves the page. */
function keepInAddress() {
  clearTimeout(laterChange);
  while (changes.length && changes[0] < performance.now() - 10000) changes.shift();
  if (changes.length >= 30) {
    laterChange = setTimeout(keepInAddress, 500);
    return;
  }
  const hash = hashOfView();
  if (hash === location.hash.replace(/^#/, "")) return;
  changes.push(performance.now());
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}
