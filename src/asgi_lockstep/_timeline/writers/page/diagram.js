// The drawing in each row: lifelines, bars and one arrow or sign.

const lifelines = timeline.lifelines;
const laneCount = 1 + Math.max(...lifelines.map((lifeline) => lifeline.lane));
const tasksPerLane = Map.groupBy
  ? Map.groupBy(lifelines.slice(3), (lifeline) => lifeline.lane)
  : lifelines.slice(3).reduce((lanes, line) => lanes.set(line.lane, [...(lanes.get(line.lane) || []), line]), new Map());

//: Sizes in pixels, read from the style once for each width of the window.
const size = { row: 28, actor: 84, task: 60, width: 0 };

function measure() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => parseFloat(style.getPropertyValue(name));
  const tasks = Math.max(laneCount - 3, 0);
  size.row = read("--row");
  size.actor = tasks > 4 ? Math.min(read("--actor-lane"), 60) : read("--actor-lane");
  size.task = tasks > 4 ? read("--narrow-task-lane") : read("--task-lane");
  size.width = 3 * size.actor + tasks * size.task;
  document.documentElement.style.setProperty("--diagram", `${size.width}px`);
}

/** The middle of a lane. */
const laneX = (lane) => (lane < 3 ? (lane + 0.5) * size.actor : 3 * size.actor + (lane - 2.5) * size.task);

/** The part of a row that something covers that goes on from the event `first` to the event `last`. */
function covered(row, first, last) {
  if (row.kind !== "event") return row.index > first && row.index <= last ? [0, size.row] : null;
  if (row.index < first || row.index > last) return null;
  return [row.index === first ? size.row / 2 : 0, row.index === last ? size.row / 2 : size.row];
}

/** The drawing of a row. */
function drawing(row) {
  const kind = row.kind === "event" ? events[row.index].kind : row.kind;
  const shapes = [...lifelinesIn(row), ...barsIn(row)];
  if (row.kind === "event") shapes.push(...signOf(kind, events[row.index].arrow));
  return draw("svg", { class: `diagram is-${kind}`, width: size.width, height: size.row, "aria-hidden": "true" }, ...shapes);
}

function lifelinesIn(row) {
  const shapes = [];
  for (const line of lifelines) {
    const part = line.lane < 3 ? [0, size.row] : covered(row, line.first, line.last);
    if (!part || part[0] === part[1]) continue;
    const x = laneX(line.lane);
    shapes.push(draw("line", { class: "lifeline", x1: x, x2: x, y1: part[0], y2: part[1] }));
  }
  return shapes;
}

/** Bars beside each other, so that each of several that overlap can be seen. */
function barsIn(row) {
  const shapes = [];
  for (const bar of timeline.bars) {
    if (bar.first > row.index) break; // they are sorted by it
    const part = covered(row, bar.first, bar.last);
    if (!part || part[0] === part[1]) continue;
    const x = laneX(bar.lane) - 3 + Math.min(bar.slot, 5) * 4;
    const attributes = { class: `bar of-${bar.kind}`, x, width: 6, y: part[0], height: part[1] - part[0] };
    shapes.push(draw("rect", attributes));
    if (bar.kind === "waits") shapes.push(draw("path", { class: "hatch", d: hatch(x, part[0], part[1]) }));
  }
  return shapes;
}

/** The edges of a bar, and slanted lines in it: they tell a wait of the app without its colour. */
function hatch(x, top, bottom) {
  let path = `M${x} ${top}V${bottom}m6 0V${top}`;
  for (let y = top + 5; y <= bottom; y += 5) path += `M${x} ${y}l6 -4`;
  return path;
}

/** An arrow from lane to lane, or the sign of an event that is no message. */
function signOf(kind, [from, to]) {
  const y = size.row / 2;
  if (from !== to) return arrow(kind, laneX(from), laneX(to), y);
  return sign(kind, laneX(from), y);
}

function arrow(kind, from, to, y) {
  const way = Math.sign(to - from);
  const tip = to - way * 2;
  const shapes = [
    draw("line", { class: "arrow", x1: from + way * 4, x2: tip - way * 5, y1: y, y2: y }),
    draw("path", { class: "tip", d: `M${tip} ${y}l${-way * 8} -4.5v9z` }),
  ];
  const middle = (from + to) / 2;
  if (kind === "test") shapes.push(draw("circle", { class: "origin", cx: from, cy: y, r: 4 }));
  if (kind === "refused") shapes.push(draw("path", { class: "cross", d: `M${middle - 5} ${y - 5}l10 10m0 -10l-10 10` }));
  return shapes;
}

function sign(kind, x, y) {
  if (kind === "waits") return [draw("path", { class: "sign", d: `M${x - 7} ${y}h14` })];
  if (kind === "logs") return [draw("rect", { class: "note", x: x - 6, y: y - 6, width: 12, height: 12, rx: 2 }), draw("path", { class: "sign thin", d: `M${x - 3} ${y - 2}h6m-6 4h4` })];
  if (kind === "raises") return [draw("path", { class: "alarm", d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z` }), draw("path", { class: "alarm-mark", d: `M${x} ${y - 4}v4.5m0 2v1.5` })];
  if (kind === "task_ends") return [draw("path", { class: "sign", d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` })];
  if (kind === "ends") return [draw("path", { class: "sign", d: `M${x - 8} ${y - 2}h16m-16 4h16` })];
  return [draw("circle", { class: "origin", cx: x, cy: y, r: 4 })];
}
