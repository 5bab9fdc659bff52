// The panel beside the rows (a sheet from below on a phone): all that is known of one event.

/** Shows the selected event if the panel is open; hides the panel otherwise. */
function showDetails() {
  const panel = byId("details");
  const isOpen = view.open && rows.length > 0;
  document.body.classList.toggle("with-details", isOpen);
  panel.hidden = !isOpen;
  if (isOpen) {
    panel.replaceChildren(...detailsOf(events[view.selected]));
    panel.scrollTop = 0;
  }
}

function detailsOf(event) {
  const close = make("button", { type: "button", class: "icon close", "aria-label": "Close the details" }, "×");
  close.addEventListener("click", closeDetails);
  const kind = make("span", { class: `kind kind-${event.kind}` }, KINDS[event.kind] ? KINDS[event.kind][0] : event.kind);
  return [
    make("div", { class: "details-top" }, kind, make("span", { class: "note" }, `event ${event.event}`), close),
    make("h2", null, event.text),
    factList([
      ["time", pointInTime(event.time)],
      ["virtual time", isVirtual ? pointInTime(event.loop_time) : ""],
      ["passed before it", event.jump > 0 ? `${duration(event.jump)} of virtual time` : ""],
      ["exchange", event.exchange === null ? "" : `#${event.exchange} ${event.request}`],
      ["task", event.task],
      ["step", event.step],
    ]),
    ...placeBlock(event.place, "At"),
    ...(event.details ? [make("h3", null, isFailure(event) ? "What happened" : "More"), make("pre", { class: "code", tabindex: "0" }, event.details)] : []),
    ...messageBlocks(event.message),
    ...exchangeBlock(exchangeOf.get(event.exchange)),
  ];
}

function placeBlock(place, title) {
  if (!place) return [];
  const where = make("p", { class: "where" }, `${title} `, make("code", null, `${place.file}:${place.line}`));
  if (place.function) where.append(" in ", make("code", null, place.function));
  if (!place.source) return [where];
  const number = make("span", { class: "line-number", "aria-hidden": "true" }, String(place.line));
  return [where, make("pre", { class: "code source", tabindex: "0" }, number, place.source.trim())];
}

/** The type, the short values as JSON, then headers and bodies each in a form of its own. */
function messageBlocks(message) {
  if (!message) return [];
  const { headers, body, text, bytes, body_length: bodyLength, text_length: textLength, bytes_length: bytesLength, ...rest } = message;
  const parts = [make("h3", null, "Message"), prettyJson(rest)];
  if (isPairs(headers)) parts.push(headersTable(headers, "Headers"));
  else if (headers !== undefined) parts.push(make("h3", null, "Headers"), prettyJson(headers));
  if (body) parts.push(...bodyBlock(body, bodyLength, "Body"));
  else if (body === "") parts.push(make("p", { class: "note" }, "The body is empty."));
  if (text !== undefined && text !== null) parts.push(...bodyBlock(text, textLength, "Text", "character"));
  if (bytes !== undefined && bytes !== null) parts.push(...bodyBlock(bytes, bytesLength, "Bytes"));
  return parts;
}

/** Folded: the same for all events of an exchange. */
function exchangeBlock(exchange) {
  if (!exchange) return [];
  const { headers, ...rest } = exchange.scope;
  const only = make("button", { type: "button", class: "only" }, view.exchange === exchange.number ? "Show all exchanges" : "Show only this exchange");
  only.addEventListener("click", () => focusExchange(exchange.number));
  return [
    make(
      "details",
      { class: "about-exchange" },
      make("summary", null, `Exchange #${exchange.number}: ${exchange.request}`),
      ...placeBlock(exchange.sent_at, "Sent at"),
      ...placeBlock(exchange.endpoint, "Answered by"),
      make("h3", null, "Scope"),
      prettyJson(rest),
      ...(isPairs(headers) ? [headersTable(headers, "Headers of the scope")] : []),
    ),
    only,
  ];
}

function openDetails() {
  view.open = true;
  showDetails();
  keepInAddress();
  list.reveal(positionOf(view.selected)); // the list may have become smaller
}

function closeDetails() {
  view.open = false;
  showDetails();
  keepInAddress();
  byId("events").focus({ preventScroll: true });
}
