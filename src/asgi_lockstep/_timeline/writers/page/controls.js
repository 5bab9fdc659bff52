// What can be pressed and filled in, and what it shows of the view.

function fillControls() {
  const option = (value, text) => make("option", { value }, text);
  byId("exchange").append(option("", "all exchanges"), ...exchanges.map((exchange) => option(exchange.number, `#${exchange.number} ${exchange.request}`)));
  const steps = allSteps();
  byId("step").append(option("", "all steps"), ...steps.map((step) => option(step, step.replaceAll(" > ", " › "))));
  byId("step").parentElement.hidden = !steps.length;
  byId("exchange").parentElement.hidden = exchanges.length < 2;
  byId("clocks").hidden = !isVirtual;
  byId("waterfall").hidden = !exchanges.length;
  fillKinds();
  fillFacts();
}

/** Each step and those that it is in, in the order of the timeline. */
function allSteps() {
  const steps = new Set();
  for (const step of tally("step").keys()) {
    const path = step.split(" > ");
    path.forEach((_, depth) => steps.add(path.slice(0, depth + 1).join(" > ")));
  }
  return [...steps];
}

function fillKinds() {
  const counts = tally("kind");
  for (const [kind, [name, meaning]] of Object.entries(KINDS)) {
    if (!counts.has(kind)) continue;
    const button = make("button", { type: "button", class: `kind-${kind}`, "data-kind": kind, "aria-pressed": "false", title: meaning }, signSample(kind), name, make("small", null, counts.get(kind).toLocaleString("en")));
    byId("kinds").append(button);
  }
  for (const [kind, [name, meaning]] of Object.entries(KINDS)) {
    byId("signs").append(make("div", null, make("dt", null, signSample(kind), make("span", { class: "unseen" }, name)), make("dd", null, meaning)));
  }
}

/** A small picture of how a kind is drawn, in its button and in the help. */
function signSample(kind) {
  const kept = { ...size };
  Object.assign(size, { row: 16 });
  const ends = { test: [4, 24], receives: [4, 24], task_starts: [4, 24], sends: [24, 4], refused: [24, 4], fails: [24, 4] }[kind];
  const shapes = ends ? arrow(kind, ...ends, 8) : sign(kind, 14, 8);
  Object.assign(size, kept);
  return draw("svg", { class: `sample is-${kind}`, width: 27, height: 17, viewBox: "0 -0.5 28 17", "aria-hidden": "true" }, ...shapes);
}

function fillFacts() {
  const failures = events.filter(isFailure).length;
  const facts = [counted(events.length, "event"), counted(exchanges.length, "exchange"), `${timeline.clock} clock`];
  byId("facts").append(...facts.map((fact) => make("span", null, fact)));
  if (timeline.began) byId("facts").append(make("span", { class: "began" }, moment(timeline.began)));
  if (timeline.lost) {
    byId("facts").append(make("span", { class: "lost", title: "Only the last events are kept." }, `${timeline.lost.toLocaleString("en")} earlier lost`));
  }
  byId("failures").hidden = !failures;
  byId("failures").textContent = counted(failures, "failure");
  byId("failures").title = "Next failure (e)";
}

/** Makes the controls say what the view says. */
function showControls(chosen) {
  if (byId("query").value.trim() !== view.query.trim()) byId("query").value = view.query;
  byId("exchange").value = view.exchange === null ? "" : String(view.exchange);
  byId("step").value = view.step;
  for (const button of byId("kinds").children) button.setAttribute("aria-pressed", String(view.kinds.has(button.dataset.kind)));
  for (const button of byId("clocks").children) button.setAttribute("aria-pressed", String(view.clock === button.dataset.clock));
  byId("clear").hidden = !isFiltered();
  byId("more").classList.toggle("used", view.kinds.size > 0 || view.exchange !== null || view.step !== "");
  const all = counted(events.length, "event");
  byId("count").textContent = isFiltered() ? `${chosen.length.toLocaleString("en")} of ${all}` : all;
  byId("empty").hidden = chosen.length > 0;
}

/** Between dark and light; remembered where the browser lets a file remember something. */
function changeTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  remembered((storage) => storage.setItem("asgi-lockstep-theme", root.dataset.theme));
}

function restoreTheme() {
  const theme = remembered((storage) => storage.getItem("asgi-lockstep-theme"));
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}

function remembered(work) {
  try {
    return work(localStorage);
  } catch {
    return null; // a browser may forbid it
  }
}
