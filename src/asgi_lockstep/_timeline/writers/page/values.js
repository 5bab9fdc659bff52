// Values in the details: JSON with its colours, headers as a table, bodies as what they are.

//: A value longer than this is shown as text without colours: an element for each number would take seconds.
const LONGEST_COLOURED = 20000;

/** JSON on several lines, with keys, texts and numbers told apart. */
function prettyJson(value) {
  const text = JSON.stringify(value, null, 2);
  const block = make("pre", { class: "code", tabindex: "0" });
  if (text.length > LONGEST_COLOURED) {
    block.append(text);
    return block;
  }
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let end = 0;
  for (const found of text.matchAll(token)) {
    block.append(text.slice(end, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "number";
    block.append(make("span", { class: kind }, found[1] || found[0]), found[2] || "");
    end = found.index + found[0].length;
  }
  block.append(text.slice(end));
  return block;
}

const isPairs = (value) => Array.isArray(value) && value.length > 0 && value.every((pair) => Array.isArray(pair) && pair.length === 2);

/** Bytes that are no text stay in base64. */
const asText = (value) => (typeof value === "string" ? value : value && value.base64 ? `base64: ${value.base64}` : JSON.stringify(value));

function headersTable(pairs, caption) {
  const lines = pairs.map(([name, value]) => make("tr", null, make("th", { scope: "row" }, asText(name)), make("td", null, asText(value))));
  return make("table", { class: "headers" }, make("caption", null, caption), make("tbody", null, ...lines));
}

/** A body as JSON if it is some, else as text; `length` says how long it was if only its beginning was kept. */
function bodyBlock(value, length, title, unit = "byte") {
  const text = asText(value);
  const parts = [make("h3", null, title)];
  const parsed = typeof value === "string" ? parsedJson(value) : undefined;
  if (parsed !== undefined) parts.push(prettyJson(parsed));
  else parts.push(make("pre", { class: "code", tabindex: "0" }, text));
  if (length !== undefined) parts.push(make("p", { class: "note" }, `Only its beginning was kept: it had ${counted(length, unit)}.`));
  return parts;
}

/** Only objects and lists: a number or a word is better read as what it was. */
function parsedJson(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names and values in two columns; what has no value is left out. */
function factList(facts) {
  const lines = facts.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return make("dl", { class: "fact-list" }, ...lines.map(([name, value]) => make("div", null, make("dt", null, name), make("dd", null, value))));
}
