// From times to places: the part of the time that the waterfall shows.

//: No zoom shows less than this, in seconds.
const SHORTEST = 2e-6;

const scale = { begin: 0, end: 1, from: 0, to: 1 };

/** All of the time on the clock that is shown, with some room at its end. */
function fitScale() {
  let begin = Infinity;
  let end = -Infinity;
  for (const event of events) {
    begin = Math.min(begin, timeOf(event));
    end = Math.max(end, timeOf(event));
  }
  if (!(end > begin)) [begin, end] = [events.length ? begin : 0, (events.length ? begin : 0) + 1e-3];
  scale.begin = begin;
  scale.end = end + (end - begin) * 0.02;
  showAllTime();
}

function showAllTime() {
  scale.from = scale.begin;
  scale.to = scale.end;
}

/** Where a time is, from 0 at the left edge to 1 at the right one. */
const fractionOf = (time) => (time - scale.from) / (scale.to - scale.from);
const zoomFactor = () => (scale.end - scale.begin) / (scale.to - scale.from);

/** Shows less of the time by `factor`; what is at the fraction `at` stays there. */
function zoomScale(factor, at) {
  const middle = scale.from + at * (scale.to - scale.from);
  const shown = Math.min(scale.end - scale.begin, Math.max(SHORTEST, (scale.to - scale.from) / factor));
  moveScale(middle - at * shown, shown);
}

/** Moves by a fraction of what is shown. */
function panScale(fraction) {
  const shown = scale.to - scale.from;
  moveScale(scale.from + fraction * shown, shown);
}

/** Never leaves the time that there is. */
function moveScale(from, shown) {
  scale.from = Math.min(Math.max(from, scale.begin), scale.end - shown);
  scale.to = scale.from + shown;
}

/** Round times in the part that is shown, about `count` of them. */
function ticks(count) {
  const shown = scale.to - scale.from;
  const rough = shown / count;
  const steps = rough > 1 ? [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400] : [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = steps.find((size) => size >= rough) || [1, 2, 5, 10].map((size) => size * power).find((size) => size >= rough * 0.999);
  const found = [];
  for (let number = Math.ceil(scale.from / step); number * step <= scale.to; number++) found.push(number * step);
  return found;
}
