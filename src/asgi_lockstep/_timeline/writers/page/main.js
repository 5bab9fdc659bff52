// Everything together: what is done at the beginning, and after each change.

/** Draws all that depends on the filters and on the clock. */
function update() {
  const chosen = chosenEvents();
  rows = rowsOf(chosen);
  if (positionOf(view.selected) < 0) {
    view.selected = chosen.length ? chosen[0] : 0;
    view.open = false;
  }
  showControls(chosen);
  showDetails();
  waterfall.show(exchanges.length);
  redrawWaterfall();
  list.kept = positionOf(view.selected);
  list.show(rows.length); // after all that takes room from it
  if (list.kept >= 0) {
    list.reveal(list.kept, true);
    select(list.kept);
    bringExchange();
  } else byId("events").removeAttribute("aria-activedescendant");
  keepInAddress();
}

/** Draws anew for a window of another size. It scrolls nothing: on a phone, scrolling itself may change the window. */
function relayout() {
  measure();
  list.show(rows.length);
  waterfall.show(exchanges.length);
  redrawWaterfall();
}

function clearFilters() {
  Object.assign(view, { query: "", exchange: null, step: "" });
  view.kinds.clear();
  update();
}

/** Shows only the events of an exchange; all of them if it is the one that is shown. */
function focusExchange(number) {
  view.exchange = view.exchange === number ? null : number;
  activeExchange = exchanges.findIndex((exchange) => exchange.number === number);
  update();
}

function changeClock(clock) {
  view.clock = clock;
  fitScale();
  update();
}

function listenToFilters() {
  const search = onceAFrame(update);
  byId("query").addEventListener("input", () => {
    view.query = byId("query").value;
    search();
  });
  byId("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "ArrowDown") byId("events").focus({ preventScroll: true });
  });
  byId("exchange").addEventListener("change", (event) => {
    view.exchange = event.target.value === "" ? null : Number(event.target.value);
    update();
  });
  byId("step").addEventListener("change", (event) => {
    view.step = event.target.value;
    update();
  });
  byId("kinds").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (!view.kinds.delete(button.dataset.kind)) view.kinds.add(button.dataset.kind);
    update();
  });
  byId("clear").addEventListener("click", clearFilters);
  byId("more").addEventListener("click", () => {
    const isOpen = byId("filters").classList.toggle("unfolded");
    byId("more").setAttribute("aria-expanded", String(isOpen));
  });
}

function listenToRows() {
  byId("events").addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (!row) return;
    view.open = true;
    goTo(Number(row.dataset.index));
    list.reveal(Number(row.dataset.index)); // the list may have become smaller
  });
  byId("events").addEventListener("keydown", onListKey);
  byId("failures").addEventListener("click", () => {
    if (!events.some((event, index) => isFailure(event) && positionOf(index) >= 0)) clearFilters();
    nextFailure();
    byId("events").focus({ preventScroll: true });
  });
}

/** A drag moves the time, and is no click; on a phone only sideways, so that the page can be scrolled. */
function listenToWaterfall() {
  let drag = null;
  const widthOfPlots = () => byId("axis").clientWidth || 1;
  plots.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < 5)) return;
    pan((drag.x - event.clientX) / widthOfPlots());
    drag = { x: event.clientX, moved: true };
  });
  addEventListener("pointerup", () => setTimeout(() => (drag = null))); // after the click that follows
  addEventListener("pointercancel", () => (drag = null));
  plots.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row && !(drag && drag.moved)) focusExchange(exchanges[Number(row.dataset.index)].number);
  });
  plots.addEventListener("keydown", onExchangesKey);
  byId("waterfall").addEventListener("wheel", onWheel, { passive: false });
  byId("zoom-in").addEventListener("click", () => zoom(1.6));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  byId("zoom-fit").addEventListener("click", zoomToFit);
  byId("clocks").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) changeClock(button.dataset.clock);
  });
}

function onWheel(event) {
  const axis = byId("axis").getBoundingClientRect();
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.ctrlKey) zoom(Math.exp(-event.deltaY * 0.004), Math.min(Math.max((event.clientX - axis.left) / axis.width, 0), 1));
  else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(sideways / axis.width);
  else return;
  event.preventDefault();
}

function listenToPage() {
  document.addEventListener("keydown", onKey);
  byId("theme").addEventListener("click", changeTheme);
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  byId("help-close").addEventListener("click", () => byId("help").close());
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the part after "#" is where the filters are kept
    byId("events").focus();
  });
  addEventListener("hashchange", () => {
    readHash(location.hash);
    fitScale();
    update();
  });
  addEventListener("resize", onceAFrame(relayout));
}

restoreTheme();
measure();
fillControls();
readHash(location.hash);
fitScale();
listenToFilters();
listenToRows();
listenToWaterfall();
listenToPage();
update();
