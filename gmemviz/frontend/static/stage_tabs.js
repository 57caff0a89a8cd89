// Calls and states: the second and third picture in memory's place, laid out by Graphviz.
//
// A picture comes as SVG, and each step says which of its elements change (gmemviz.render.tabs_of_run).
// No word is smaller than it may be: a picture that needs more room than there is scrolls to what runs.

const TAB_WORDS = { memory: "memory", calls: "calls", states: "states", source: "source" };
const TABS_HIGH = 26, LEAST_WORD = 11, MOST_SCALE = 2;
const LINES = [["is-ops", "what the slot holds", "M15 4l3.5 -3l3.5 3l-3.5 3z"], ["is-default", "where the slot is NULL", "M16 1l6 3l-6 3z"], ["is-through", "by others, not drawn", "M20 1h2v6h-2z"], ["is-deferred", "later, by a callback", "M17 1l5 3l-5 3"]];

/** Return every element's role after each step: the value has only what changes. */
export function rolesOf(steps) {
  let before = {};
  return steps.map((step) => {
    before = Object.fromEntries(Object.entries({ ...before, ...step }).filter(([, role]) => role));
    return before;
  });
}

/** Name the step that a click on an element leads to: the next at which it runs, or else the first. */
export function nextRun(roles, id, at) {
  const runs = (step, i) => /^(now|defect)$/.test(step[id] ?? "") && !/^(now|defect)$/.test(roles[i - 1]?.[id] ?? "");
  const starts = roles.flatMap((step, i) => (runs(step, i) ? [i] : []));
  return starts.find((start) => start > at) ?? starts[0] ?? null;
}

/** Return how large a picture is drawn: as the room allows, but never with words that nobody reads. */
export function scaleOf([wide, high], { width, height }, smallest) {
  return Math.max(LEAST_WORD / smallest, Math.min(MOST_SCALE, width / wide, height / high));
}

/** Fill the row of tabs; a single one is none. `state` says which are there and which is chosen. */
function fillTabs(host, state) {
  const { offered, chosen, isWhole } = state, had = host.contains(document.activeElement) ? document.activeElement.dataset : null;
  const tabs = offered.map((name) => {
    const node = make("button", { type: "button", role: "tab", class: "gms-tabname", "data-tab": name, "aria-selected": String(name === chosen), tabindex: name === chosen ? "0" : "-1", ...KEPT });
    node.textContent = TAB_WORDS[name];
    return node;
  });
  const list = make("div", { class: "gms-tablist", role: "tablist", "aria-label": "Picture" }, ...tabs);
  const all = make("button", { type: "button", class: "gms-whole", "aria-pressed": String(isWhole), "data-whole": "", ...KEPT });
  all.textContent = "all functions";
  all.title = "Show every function, not only hooks and who calls them";
  host.hidden = offered.length < 2;
  host.replaceChildren(list, ...(chosen === "calls" ? [lineWords(), all] : []));
  const same = had?.tab ? `[data-tab="${had.tab}"]` : had && "whole" in had ? "[data-whole]" : "";
  if (same) host.querySelector(same)?.focus({ preventScroll: true });
}

/** Say what the lines between functions mean. */
function lineWords() {
  const parts = LINES.map(([name, text, tip]) => {
    const label = make("span");
    label.textContent = text;
    return make("span", { class: "gms-linekey" }, draw("svg", { viewBox: "0 0 22 8", width: 22, height: 8, "aria-hidden": "true" }, draw("path", { d: "M1 4H16", class: `gms-linesample ${name}` }), draw("path", { d: tip, class: `gms-linetip ${name}` })), label);
  });
  return make("span", { class: "gms-linekeys" }, ...parts);
}

/** Move within the row of tabs by arrow keys: it is one Tab stop. */
function tabKey(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const list = event.target.closest?.(".gms-tablist");
  if (!by || !list) return false;
  const tabs = [...list.querySelectorAll("button")];
  tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length].focus({ preventScroll: true });
  return true;
}

/** Make a picture of calls or states: {svg, show(step number)}; a side of two has its own step at a beat. */
function graphView(picture, side, size, jump) {
  const { stepAt } = side;
  const pane = make("div", { class: "gms-graph", tabindex: "0", role: "group", "aria-label": picture?.title ?? "Picture", ...KEPT });
  Object.assign(pane.style, { width: `${size.width}px`, height: `${size.height}px` });
  const found = new Map(), svg = picture?.svg ? parsed(picture, found) : null;
  if (!svg) {
    pane.append(box("nopicture", {}, picture?.why ?? "being drawn …"));
    return { svg: pane, show() {} };
  }
  const [, , wide, high] = svg.getAttribute("viewBox").split(/[\s,]+/).map(Number);
  const scale = scaleOf([wide, high], { width: size.width - 4, height: size.height - 4 }, smallestIn(svg));
  dress(svg, { width: wide * scale, height: high * scale });
  const absent = box("absent"), whole = box("graphpane", {}, pane, absent);
  pane.append(svg);
  const roles = rolesOf(picture.steps), own = (at) => stepAt?.[at] ?? at;
  let shown = {}, here = 0;
  for (const [id, { node }] of found) {
    if (nextRun(roles, id, -1) === null) continue;
    node.classList.add("can-jump");
    node.addEventListener("click", () => jump(beatOf(nextRun(roles, id, own(here)), stepAt)));
  }
  const show = (at) => {
    here = at;
    const now = roles[own(at)] ?? {};
    for (const [id, role] of changes(shown, now)) found.get(id)?.node.setAttribute("class", `${styledClass(found.get(id).base, role)} can-jump`);
    shown = now;
    const runs = [...found].find(([id, { node }]) => /^(now|defect)$/.test(now[id] ?? "") && node.classList.contains("node"));
    const waits = [...found].find(([id, { node }]) => now[id] === "awaiting" && node.classList.contains("node"));
    if (runs ?? waits) reveal(pane, (runs ?? waits)[1].node);
    absent.hidden = Boolean(runs);
    absent.textContent = runs ? "" : `${side.steps[at].function}: not in this picture`;
  };
  return { svg: whole, show };
}

const smallestIn = (svg) => Math.min(LEAST_WORD, ...[...svg.querySelectorAll("text")].map((text) => Number(text.getAttribute("font-size")) || LEAST_WORD));
const beatOf = (step, stepAt) => (stepAt ? stepAt.indexOf(step) : step);

/** Scroll what runs into the middle of its pane, and nothing else of the page. */
function reveal(pane, node) {
  const outer = pane.getBoundingClientRect(), inner = node.getBoundingClientRect();
  const isIn = inner.top >= outer.top && inner.bottom <= outer.bottom && inner.left >= outer.left && inner.right <= outer.right;
  if (isIn) return;
  pane.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
  pane.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
}

/** Name the tabs of a view: the source is one where it has no column of its own. */
export function offeredTabs(names, value, hasColumn, pictures) {
  const isDrawn = (name) => name === "memory" || pictures.length === 0 || pictures.every((each) => each.why || each[name]);
  const has = (value.steps ?? value.beats ?? []).length > 0;
  const source = !hasColumn && (value.source ?? []).length > 1 ? ["source"] : [];
  return has ? [...names.filter(isDrawn), ...source] : [];
}
