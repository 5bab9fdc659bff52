// The timeline as it was embedded, and what is asked of it again and again.

const timeline = JSON.parse(byId("timeline").textContent);
const events = timeline.events;
const exchanges = timeline.exchanges;
const exchangeOf = new Map(exchanges.map((exchange) => [exchange.number, exchange]));

//: Kinds of events in the order of their buttons: what they are called there, and what their sign means.
const KINDS = {
  test: ["test", "the test does something"],
  receives: ["receives", "the app gets a message"],
  sends: ["sends", "the app sends a message"],
  waits: ["waits", "the app waits in receive() or send()"],
  refused: ["refused", "a send() that broke a rule"],
  raises: ["raises", "an exception of the app"],
  fails: ["fails", "an error comes out in the test"],
  logs: ["logs", "the app logs something"],
  task_starts: ["task starts", "the app starts a task"],
  task_ends: ["task ends", "a task of the app is over"],
  ends: ["ends", "an exchange is over"],
};

const FAILURES = new Set(["fails", "refused", "raises"]);

const isFailure = (event) => FAILURES.has(event.kind);
const isVirtual = timeline.clock === "virtual";

/** What is true of the page now; everything that is drawn follows from it. */
const view = {
  query: "",
  kinds: new Set(), // none: all of them
  exchange: null, // the number of one
  step: "",
  clock: "real",
  selected: 0, // the index of an event
  open: false, // whether its details are shown
};

/** The time of an event on the clock that is shown. */
const timeOf = (event) => (view.clock === "virtual" ? event.loop_time : event.time);

/** How often each value of a key occurs, in the order of the first time; empty values do not count. */
function tally(key) {
  const counts = new Map();
  for (const event of events) if (event[key]) counts.set(event[key], (counts.get(event[key]) || 0) + 1);
  return counts;
}

/** What a search looks through, made when the first one asks. */
const haystacks = [];
function haystack(index) {
  if (haystacks[index] === undefined) {
    const { text, request, task, step, details, place, message, kind } = events[index];
    const where = place ? `${place.file}:${place.line} ${place.function} ${place.source}` : "";
    const said = message ? JSON.stringify(message) : "";
    haystacks[index] = [kind, request, text, task, step, where, said, said.replaceAll('\\"', '"'), details].join("\n").toLowerCase();
  }
  return haystacks[index];
}
