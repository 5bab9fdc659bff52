// The exchanges over time.

const plots = byId("exchanges");
let activeExchange = 0; // the position of the one that the keys have reached

const waterfall = new RollingList(plots, () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--exchange")), exchangeRow);

//: The waits of the app's own task, by exchange: the part of a bar in which the app did nothing.
const waitsOf = new Map();
for (const bar of timeline.bars) {
  const { exchange, task } = events[bar.first];
  if (bar.kind === "waits" && !task) waitsOf.set(exchange, [...(waitsOf.get(exchange) || []), bar]);
}

function exchangeRow(position) {
  const exchange = exchanges[position];
  const from = timeOf(events[exchange.first]);
  const to = timeOf(events[exchange.last]);
  const isChosen = view.exchange === exchange.number;
  const classes = ["exchange", `of-${exchange.kind}`];
  if (exchange.failed) classes.push("failure");
  if (isChosen) classes.push("chosen");
  if (view.exchange !== null && !isChosen) classes.push("other");
  if (position === activeExchange) classes.push("active");
  return make(
    "div",
    {
      class: classes.join(" "),
      id: `exchange-${exchange.number}`,
      role: "option",
      "aria-selected": String(isChosen),
      "aria-posinset": position + 1,
      "aria-setsize": exchanges.length,
      "aria-label": [exchange.request, exchange.outcome, exchange.failed ? "with a failure" : "", `took ${duration(to - from)}`, `began at ${duration(from)}`].filter(Boolean).join(", "),
    },
    make("span", { class: "name", title: exchange.request }, make("small", null, `#${exchange.number}`), " ", exchange.request),
    make("span", { class: "plot" }, barOf(exchange, from, to)),
    make("span", { class: "outcome" }, ...(exchange.failed ? [make("b", { class: "badge" }, "!"), " "] : []), exchange.outcome),
    make("span", { class: "took" }, duration(to - from)),
  );
}

function barOf(exchange, from, to) {
  const bar = make("span", { class: "bar" });
  const left = Math.max(fractionOf(from), -0.01);
  const right = Math.min(fractionOf(to), 1.01);
  bar.hidden = right < 0 || left > 1;
  bar.style.left = `${left * 100}%`;
  bar.style.width = `${Math.max(right - left, 0) * 100}%`;
  for (const wait of waitsOf.get(exchange.number) || []) {
    const begin = Math.max(fractionOf(timeOf(events[wait.first])), left);
    const end = Math.min(fractionOf(timeOf(events[wait.last])), right);
    if (!(end > begin)) continue;
    const part = make("span", { class: "wait" });
    part.style.left = `${((begin - left) / (right - left)) * 100}%`;
    part.style.width = `${((end - begin) / (right - left)) * 100}%`;
    bar.append(part);
  }
  return bar;
}

/** The axis above, and what goes through all rows: ticks, jumps of virtual time, the selected event. */
function drawAxis() {
  const width = byId("axis").clientWidth;
  const isFine = scale.to - scale.from < 10; // then ticks differ by less than what is written of a long time
  const labels = [];
  const lines = [];
  const place = (element, fraction) => {
    element.style.left = `${fraction * 100}%`;
    return element;
  };
  for (const time of ticks(Math.max(3, Math.round(width / 110)))) {
    const text = isFine && time > 60 ? pointInTime(time) : duration(time);
    if (fractionOf(time) * width < width - 44) labels.push(place(make("span", { class: "tick" }, text), fractionOf(time)));
    lines.push(place(make("span", { class: "tick-line" }), fractionOf(time)));
  }
  for (const event of events) {
    if (!(event.jump > 0)) continue;
    const to = fractionOf(timeOf(event));
    if (to < 0 || to > 1) continue;
    const isAtTheEdge = to * width > width - 48;
    const label = make("span", { class: isAtTheEdge ? "before" : "" }, `+${duration(event.jump)}`);
    lines.push(place(make("span", { class: "jump-line" }, label), to));
  }
  if (events.length) {
    const at = fractionOf(timeOf(events[view.selected]));
    if (at >= 0 && at <= 1) lines.push(place(make("span", { class: "now-line" }), at));
  }
  byId("axis").replaceChildren(...labels);
  byId("grid").replaceChildren(...lines);
}

const redrawWaterfall = onceAFrame(() => {
  waterfall.redraw();
  drawAxis();
  const factor = zoomFactor();
  byId("zoomed").textContent = factor > 1.005 ? `${digits(factor)}×` : "";
  byId("zoom-out").disabled = factor <= 1.005;
  byId("zoom-fit").disabled = factor <= 1.005;
});

function zoom(factor, at = 0.5) {
  zoomScale(factor, at);
  redrawWaterfall();
}

function pan(fraction) {
  panScale(fraction);
  redrawWaterfall();
}

function zoomToFit() {
  showAllTime();
  redrawWaterfall();
}

/** Scrolls to the exchange of the selected event. */
function bringExchange() {
  const number = events.length ? events[view.selected].exchange : null;
  if (exchangeOf.has(number)) waterfall.bring(exchanges.indexOf(exchangeOf.get(number)), true);
}

/** Moves the keys' place among the exchanges. */
function activateExchange(position) {
  if (!exchanges.length) return;
  activeExchange = Math.min(Math.max(position, 0), exchanges.length - 1);
  waterfall.reveal(activeExchange);
  waterfall.redraw();
  plots.setAttribute("aria-activedescendant", `exchange-${exchanges[activeExchange].number}`);
}
