// The keyboard: everything that the mouse can do.

const FIELDS = "input, select, textarea";

/** Keys of the whole page; a field keeps what is typed into it. */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.key === "Escape") return escape(event);
  if (event.target.closest(FIELDS)) return;
  const action = {
    j: () => move(1),
    k: () => move(-1),
    e: nextFailure,
    "/": () => byId("query").select(),
    "?": () => byId("help").showModal(),
    "+": () => zoom(1.6),
    "=": () => zoom(1.6),
    "-": () => zoom(1 / 1.6),
    0: zoomToFit,
  }[event.key];
  if (action) {
    event.preventDefault();
    action();
  } else if (event.target === document.body) onListKey(event); // nothing has the focus, and the events are what matters
}

/** Step by step: out of a field, then the details, then the filters. */
function escape(event) {
  const isInField = event.target.closest(FIELDS) !== null;
  if (isInField) byId("events").focus({ preventScroll: true });
  else if (view.open) closeDetails();
  else if (isFiltered()) clearFilters();
}

function onListKey(event) {
  const page = Math.max(1, Math.floor(byId("events").clientHeight / size.row) - 1);
  const action = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(page),
    PageUp: () => move(-page),
    Home: () => move(-Infinity),
    End: () => move(Infinity),
    Enter: openAndGo,
    " ": openAndGo,
  }[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

function onExchangesKey(event) {
  const action = {
    ArrowDown: () => activateExchange(activeExchange + 1),
    ArrowUp: () => activateExchange(activeExchange - 1),
    Home: () => activateExchange(0),
    End: () => activateExchange(exchanges.length - 1),
    ArrowRight: () => pan(0.1),
    ArrowLeft: () => pan(-0.1),
    Enter: () => focusExchange(exchanges[activeExchange].number),
    " ": () => focusExchange(exchanges[activeExchange].number),
  }[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

/** By as many events as that, or as far as there are some. */
function move(count) {
  const direction = Math.sign(count);
  let position = positionOf(view.selected);
  let left = Math.min(Math.abs(count), rows.length);
  for (let next = nextEvent(position, direction); next >= 0 && left > 0; next = nextEvent(position, direction)) {
    position = next;
    left -= 1;
  }
  if (position >= 0) goTo(position);
}

function nextFailure() {
  const at = positionOf(view.selected);
  const next = nextEvent(at, 1, isFailure);
  const found = next >= 0 ? next : nextEvent(-1, 1, isFailure);
  if (found < 0) return;
  list.reveal(found, true);
  goTo(found);
}

/** Selects an event; details that are open follow. */
function goTo(position) {
  select(position);
  if (!byId("details").contains(document.activeElement)) byId("events").focus({ preventScroll: true });
  showDetails();
  drawAxis();
  bringExchange();
  if (view.open) keepInAddress();
}

function openAndGo() {
  if (!rows.length) return;
  openDetails();
  byId("details").focus({ preventScroll: true });
}
