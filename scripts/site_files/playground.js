// The playground: what the address asks for is answered by gmemviz itself, in a worker.
//
// The address behind # is the answer's name: a state's words, fs=KERNEL/NAME, toml=PACKED or A|B,
// the last three with &step=N; matrix=KERNEL/MOUNT, designs=KERNEL/MOUNT/METADATA, recording=NAME. It comes from strangers: Python reads it, and what comes of it is said with
// textContent.

import Stage from "./stage.js";

const LONGEST = 8192; // characters of a packed Design in an address
const page = (selector) => document.querySelector(selector);
const form = page(".gm-asked"), own = page(".gm-own"), refused = page(".gm-refused"), told = form.querySelector("output");

// ---- a Design in an address ------------------------------------------------------------

async function through(stream, bytes) {
  const whole = new Response(new Blob([bytes]).stream().pipeThrough(stream));
  return new Uint8Array(await whole.arrayBuffer());
}

/** Pack a text for an address: deflated, in the letters of base64url. */
export async function pack(text) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Return what `pack` packed; an Error where it is none, or too long to be looked at. */
export async function unpack(packed) {
  if (packed.length > LONGEST) throw new Error(`the Design in this link has ${packed.length} characters, and may have ${LONGEST}: send it as a file`);
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(await through(new DecompressionStream("deflate-raw"), bytes));
  } catch {
    throw new Error("this link ends in the middle, or was changed: its Design can't be read");
  }
}

// What browsers write with % in an address; a % that stands for nothing is left as it is.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Return the number of a step, or 0 for none; an Error where it is no number of a step. */
export function stepOf(text) {
  if (text === undefined) return 0;
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new Error(`"${text.slice(0, 20)}" is no step (a number from 1 on)`);
  return Number(text);
}

/** Return the question that an address asks; its key says what kind it is. */
async function asked(hash) {
  const whole = hash.replace(/^#/, ""), isOwn = /^(toml|fs)=|(\||%7C)/.test(whole);
  const [text, step] = isOwn ? whole.split("&step=", 2) : [whole]; // a state has its step in its words
  wanted = stepOf(step);
  if (!text) return { choices: first.choices };
  if (text.startsWith("toml=")) return { toml: await unpack(text.slice(5)) };
  if (text.startsWith("fs=")) return { filesystem: decoded(text.slice(3)) };
  if (/^(matrix|designs)=/.test(text)) return { [text.split("=", 1)[0]]: decoded(text.slice(text.indexOf("=") + 1)) };
  return /\||%7C/.test(text) ? { both: decoded(text) } : { state: text };
}

// A recording has a page of its own, with its player.
function opensRecording(hash) {
  const name = /^#?recording=(.*)$/.exec(hash)?.[1];
  const isThere = name !== undefined && [...form.origin.options].some(({ value }) => value === `recording=${name}`);
  if (isThere) location.assign(`./recordings/${name}.html`);
  else if (name !== undefined) throw new Error(`there is no recording "${name.slice(0, 40)}": the list "start from" has those that are here`);
  return isThere;
}

// ---- what the stage is given, and gives back -------------------------------------------

class Model extends EventTarget {
  constructor(values) {
    super();
    this.values = values;
  }
  get(name) { return this.values[name]; }
  set(name, value) {
    this.values[name] = value;
    this.dispatchEvent(new Event(`change:${name}`));
  }
  on(name, hear) { this.addEventListener(name, hear); }
  off(name, hear) { this.removeEventListener(name, hear); }
  save_changes() { ask({ choices: this.values.choices }); }
}

const first = JSON.parse(page("#first").textContent);
const model = new Model({ ...first });
Stage.render({ model, el: page("#stage") });

// A step of `&step=` is known to be there only when the run is.
function beyond(answer) {
  const count = (answer.value?.beats ?? answer.value?.steps)?.length ?? 0, step = wanted;
  wanted = 0;
  if (!step || answer.refused) return answer;
  if (step > count) return { refused: `step ${step} is beyond the run, which has ${count} steps` };
  answer.value.opens = step - 1;
  return answer;
}

function show(given) {
  const answer = beyond(given), { refused: why } = answer;
  refused.hidden = !why;
  refused.textContent = why ? `${why}\n(Below is still what was shown before.)` : "";
  document.body.classList.toggle("gm-former", Boolean(why));
  origin = answer.origin ?? origin;
  startFrom(origin); // first: the stage takes the room that the editor leaves
  if (why) return;
  listed(answer.list);
  if (answer.list) return address(`#${answer.link}`);
  form.beside.value = answer.value.sides ? (answer.link.split("|")[1] ?? "") : "";
  left = answer.value.sides ? answer.link.split("|")[0] : stateOf(answer);
  form.beside.disabled = !left;
  if (answer.toml) own.toml.value = answer.toml;
  for (const name of ["words", "choices", "tints"]) model.values[name] = answer[name];
  walk = ""; // the stage goes to its first step now, and that is no reader's doing
  model.set("value", answer.value);
  model.set("tints", answer.tints);
  document.title = `${answer.value.headline.sentence} - gmemviz`;
  if (answer.link) address(`#${answer.link}${"opens" in answer.value ? `&step=${answer.value.opens + 1}` : ""}`);
  else told.value = "This Design is too long for a link: send its TOML as a file.";
  ({ walk } = answer);
  at = page("#stage").dataset.step;
}

/** Return the words of what is shown, without a run and a step; "" where it has none. */
function stateOf({ link, origin: from, choices }) {
  return choices || /^[0-9]/.test(link) ? link.split("/", 5).join("/") : /=/.test(link) || !link ? "" : from;
}

// ---- many answers at once ----------------------------------------------------------------

function make(tag, text, ...within) {
  const node = document.createElement(tag);
  node.textContent = text;
  node.append(...within);
  return node;
}

function linked({ says, link, verdict }) {
  const node = make(link ? "a" : "span", says);
  if (link) node.href = `#${link}`;
  if (verdict) node.dataset.verdict = verdict;
  return make("td", "", node);
}

/** Show a list in place of the stage, or, without one, the stage. */
function listed(list) {
  const pane = page(".gm-list");
  page("#stage").hidden = Boolean(list);
  pane.hidden = !list;
  if (!list) return void pane.replaceChildren();
  form.beside.value = "";
  form.beside.disabled = true;
  left = walk = "";
  document.title = `${list.title} - gmemviz`;
  const head = make("tr", "", ...list.columns.map((name) => make("th", name)));
  const rows = list.rows.map(({ head: own, cells }) => make("tr", "", ...own.map((word) => make("th", word)), ...cells.map(linked)));
  pane.replaceChildren(make("h1", list.title), make("pre", list.says), make("table", "", make("thead", "", head), make("tbody", "", ...rows)));
}

// Where a reader goes stands in the address, so that a link shows the step that is meant.
new MutationObserver(() => {
  const { step } = page("#stage").dataset;
  if (walk && step !== at) history.replaceState(null, "", `#${walk}${Number(step) + 1}`);
  if (walk) at = step;
}).observe(page("#stage"), { attributeFilter: ["data-step"] });

// The list says what is shown, also where another was asked for in vain.
function startFrom(word) {
  form.origin.value = word;
  own.hidden = word !== "own";
}

// What a reader asked is a step that Back takes back; what a link asked has its step already.
function address(hash) {
  if (hash === location.hash) return;
  if (isLinked) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
}

// ---- the worker: one question at a time, and a button that ends it -----------------------

let worker, number = 0, isLinked = false, origin = "choices", wanted = 0, walk = "", at = "", left = "";

function start() {
  worker = new Worker("./worker.js", { type: "module" });
  worker.onmessage = ({ data }) => {
    if (data.says !== undefined) return heard(data.says);
    if (data.number !== number) return; // of a question that nobody waits for any more
    if (data.tints) return model.set("tints", data.tints);
    form.stop.hidden = true;
    told.value = "";
    show(data.answer);
  };
  worker.onerror = () => (told.value = "This browser can't run gmemviz (WebAssembly is missing or forbidden): the pages of the gallery need none.");
}

// All that there is, is fetched and kept once Python is there: it shall not wait for that.
function heard(says) {
  told.value = says;
  if (!says && "serviceWorker" in navigator) navigator.serviceWorker.register("./service.js");
}

function ask(question, { linked = false } = {}) {
  isLinked = linked;
  number += 1;
  form.stop.hidden = false;
  worker.postMessage({ number, question });
}

async function askFor(hash) {
  try {
    if (opensRecording(hash)) return;
    ask(await asked(hash), { linked: true });
  } catch (error) {
    number += 1; // nobody waits any more for what was asked before
    form.stop.hidden = true;
    show({ refused: error.message });
  }
}

// ---- what a reader does -------------------------------------------------------------------

form.origin.addEventListener("change", () => {
  const word = form.origin.value;
  own.hidden = word !== "own";
  if (word === "choices") ask({ choices: first.choices });
  else if (/^(recording|matrix|designs)=/.test(word)) location.hash = word;
  else if (word === "own") own.toml.value.trim() ? submit() : ask({ sample: true });
  else ask(word.startsWith("fs=") ? { filesystem: word.slice(3) } : { state: word });
});

form.beside.addEventListener("change", () => {
  if (left) location.hash = form.beside.value ? `${left}|${form.beside.value}` : left;
});

form.stop.addEventListener("click", () => {
  worker.terminate();
  form.stop.hidden = true;
  startFrom(origin);
  told.value = "stopped";
  start();
});

form.copy.addEventListener("click", async () => {
  const link = location.href;
  if (!refused.hidden) return void (told.value = "What was refused has no link.");
  try {
    await navigator.clipboard.writeText(link);
    told.value = "The link is copied.";
  } catch {
    told.value = "The link is the page's address.";
  }
});

function submit() {
  ask({ toml: own.toml.value });
}

own.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
own.toml.addEventListener("keydown", (event) => event.key === "Enter" && event.ctrlKey && submit());
addEventListener("hashchange", () => askFor(location.hash));

({ walk } = first);
left = Object.values(first.choices).join("/");
at = page("#stage").dataset.step;
document.body.classList.toggle("gm-embed", new URLSearchParams(location.search).has("embed"));
start();
if (location.hash.length > 1) askFor(location.hash); // else the page has its answer already
