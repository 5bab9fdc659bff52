// The rows of the sequence: events, headings of steps, marks of jumps.

let rows = [];

const list = new RollingList(byId("events"), () => size.row, (position) => makeRow(rows[position]), drawHeads);

function makeRow(row) {
  if (row.kind === "step") return stepRow(row);
  if (row.kind === "jump") return jumpRow(row);
  return eventRow(row);
}

/** Hidden from those who are read to: each event says its step itself. */
function stepRow(row) {
  const path = row.step.split(" > ");
  const heading = make("span", { class: "heading" }, ...path.flatMap((name, depth) => (depth ? [make("i", null, "›"), name] : [name])));
  return make("div", { class: "row step", "aria-hidden": "true" }, make("span", { class: "time" }), drawing(row), heading);
}

function jumpRow(row) {
  const after = events[row.index].loop_time;
  const words = make("span", { class: "heading" }, make("b", null, `${duration(row.jump)} passes`));
  if (Math.abs(after - row.jump) > 1) words.append(` the app's clock shows ${duration(after)}`);
  return make("div", { class: "row jump", "aria-hidden": "true" }, make("span", { class: "time" }), drawing(row), words);
}

function eventRow(row) {
  const event = events[row.index];
  const classes = ["row", "event", `kind-${event.kind}`];
  if (isFailure(event)) classes.push("failure");
  if (event.step) classes.push("in-step");
  if (row.index === view.selected) classes.push("selected");
  return make(
    "div",
    {
      class: classes.join(" "),
      id: `event-${event.event}`,
      role: "option",
      "aria-selected": String(row.index === view.selected),
      "aria-label": spoken(event),
      "aria-posinset": row.number,
      "aria-setsize": row.of,
    },
    make("span", { class: "time" }, pointInTime(timeOf(event))),
    drawing(row),
    make("span", { class: "text" }, ...(isFailure(event) ? [make("b", { class: "badge" }, "!"), " "] : []), ...textOf(event)),
    make("span", { class: "request" }, ...requestOf(event)),
    make("span", { class: "place" }, event.place ? shortPlace(event.place) : ""),
  );
}

/** A row in one sentence, for those who do not see the drawing. */
function spoken(event) {
  const parts = [event.text];
  if (isFailure(event)) parts.unshift("failure");
  if (event.request) parts.push(event.request);
  if (event.task) parts.push(`in ${event.task}`);
  if (event.step) parts.push(`step ${event.step}`);
  if (event.jump > 0) parts.push(`after ${duration(event.jump)} of virtual time`);
  parts.push(`at ${duration(timeOf(event))}`);
  return parts.join(", ");
}

function requestOf(event) {
  if (event.exchange === null) return [];
  return [make("small", null, `#${event.exchange}`), " ", ...marked(event.request)];
}

/** The text with the type of its message or the level of its log set off; in a search, with what was looked for. */
function textOf(event) {
  const type = event.kind === "logs" ? event.text.split(" ")[0] : event.message && event.message.type;
  if (wordsOf(view.query).length || !type || !event.text.includes(type)) return marked(event.text);
  const start = event.text.indexOf(type);
  return [event.text.slice(0, start), make("b", { class: "type" }, type), event.text.slice(start + type.length)];
}

/** Text in pieces, those marked that are looked for. */
function marked(text) {
  const words = wordsOf(view.query).sort((one, other) => other.length - one.length);
  if (!words.length) return [text];
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return text.split(pattern).map((part, odd) => (odd % 2 ? make("mark", null, part) : part)).filter((part) => part !== "");
}

/** The names above the lanes; a lane that several tasks use has the name of the first that can be seen. */
function drawHeads() {
  const top = rows[Math.floor(byId("events").scrollTop / size.row)];
  const seen = lifelines.slice(0, 3);
  for (const tasks of tasksPerLane.values()) {
    seen.push(tasks.find((task) => top && task.last > top.index) || tasks[tasks.length - 1]);
  }
  byId("heads").replaceChildren(
    ...seen.map(({ name, lane }) => {
      const short = size.task < 60 && lane > 2 ? name.match(/\d*$/)[0] || name : name;
      const head = make("span", { class: lane < 3 ? "head" : "head task", title: name }, short);
      head.style.left = `calc(var(--before-diagram) + ${laneX(lane)}px)`;
      return head;
    }),
  );
}

/** Selects the event at a position of the list, and shows it. */
function select(position) {
  const row = rows[position];
  const before = rows.findIndex((other) => other.kind === "event" && other.index === view.selected);
  view.selected = row.index;
  list.reveal(position);
  for (const one of [before, position]) markSelected(one);
  byId("events").setAttribute("aria-activedescendant", `event-${events[row.index].event}`);
}

function markSelected(position) {
  const element = list.made.get(position);
  if (!element) return;
  const isSelected = rows[position].index === view.selected;
  element.classList.toggle("selected", isSelected);
  element.setAttribute("aria-selected", String(isSelected));
}

/** The position of the next event in a direction for which `isWanted` holds; -1 if there is none. */
function nextEvent(from, direction, isWanted = () => true) {
  for (let position = from + direction; position >= 0 && position < rows.length; position += direction) {
    if (rows[position].kind === "event" && isWanted(events[rows[position].index])) return position;
  }
  return -1;
}

const positionOf = (index) => rows.findIndex((row) => row.kind === "event" && row.index === index);
