// The matrix: one picture, each cell of which can be chosen by mouse and by keyboard.
//
// One file, no imports, no network, as player.js and for its reasons. Python owns `svg` and
// `grid`; this file owns `cell`. The picture may be hostile: what is not named here is not
// copied, and every word goes through textContent.

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(["svg", "g", "path", "polygon", "text"]);
const ATTRIBUTES = new Set(
  ("class viewBox transform points d x y fill stroke stroke-width stroke-dasharray text-anchor " +
    "font-family font-size font-weight").split(" "));
const HINT = "Choose a cell: click, or arrow keys and Enter.";

// ---- pure ----------------------------------------------------------------------------

/** Say whether an attribute of the picture may be copied; nothing that is can load or run. */
export function isAllowed(name, value) {
  return ATTRIBUTES.has(name) && !(name === "transform" ? /url/i : /\(/).test(value);
}

/** Say which cell a key leads to from `id`, or "" where the key means nothing here. */
export function stepped(grid, id, key) {
  const found = grid.findIndex((line) => line.includes(id));
  const row = Math.max(0, found);
  const column = Math.max(0, grid[row]?.indexOf(id) ?? 0);
  const last = (grid[row]?.length ?? 0) - 1;
  const to = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last],
  };
  if (!Object.hasOwn(to, key)) return "";
  const [y, x] = found < 0 ? [0, 0] : to[key];
  return grid[y]?.[x] ?? id;
}

// ---- the picture ---------------------------------------------------------------------

/** Copy parsed markup through the allow-list; `owner` is the cell that it is part of. */
function adopt(source, cells, owner) {
  if (source.namespaceURI !== SVG || !ELEMENTS.has(source.localName)) return "";
  const node = document.createElementNS(SVG, source.localName);
  for (const { name, value } of source.attributes) if (isAllowed(name, value)) node.setAttribute(name, value);
  const cell = cells.get(source.id);
  if (cell) {
    cell.node = node;
    node.dataset.cell = source.id;
    node.classList.add("is-cell");
  }
  adoptInto(node, source, cells, cell ?? owner);
  return node;
}

// Graphviz wraps what has a tooltip twice; unwrapped, a cell's shape is its child again.
function adoptInto(node, source, cells, owner) {
  for (const child of source.childNodes) {
    if (child.localName === "a" || (child.localName === "g" && child.id.startsWith("a_"))) {
      if (owner) owner.told = child.getAttribute("xlink:title") ?? "";
      adoptInto(node, child, cells, owner);
    } else if (child.nodeType === 1) node.append(adopt(child, cells, owner));
    else if (child.nodeType === 3 && node.localName === "text") node.append(child.data);
  }
}

function parsed(text, cells) {
  const read = new DOMParser().parseFromString(text, "image/svg+xml");
  return read.querySelector("parsererror") ? "" : adopt(read.documentElement, cells);
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// ---- one view of one widget ----------------------------------------------------------

function render({ model, el }) {
  const told = make("p", { class: "gmemviz-told", "aria-live": "polite" });
  const whole = make("button", { type: "button", title: "Full screen, or back" }, "full screen");
  const host = make("div", {
    class: "gmemviz-matrix", tabindex: "0", role: "group", "data-lm-suppress-shortcuts": "true",
  });
  const gone = new AbortController();
  let cells = new Map(), here = "";

  const say = (id) => {
    const words = cells.get(id)?.told ?? HINT;
    if (told.textContent !== words) told.textContent = words;
  };
  const mark = (name, id) => {
    for (const node of host.querySelectorAll(`.${name}`)) node.classList.remove(name);
    const node = cells.get(id)?.node;
    node?.classList.add(name);
    node?.parentNode.append(node); // the last drawn is on top, and its frame whole
  };
  const go = (id) => {
    mark("is-here", (here = id));
    say(id);
  };
  const choose = (id) => {
    if (!cells.has(id)) return;
    go(id);
    model.set("cell", id);
    model.save_changes();
  };

  const onPicture = () => {
    cells = new Map(model.get("grid").flat().map((id) => [id, { node: null, told: "" }]));
    host.setAttribute("aria-label", `${model.get("title")}. ${HINT}`);
    host.replaceChildren(told, whole, parsed(model.get("svg"), cells));
    onCell();
  };
  const onCell = () => {
    mark("is-chosen", model.get("cell"));
    go(model.get("cell"));
  };

  const listen = (node, type, act) => node.addEventListener(type, act, { signal: gone.signal });
  const cellOf = (event) => event.target.closest?.("[data-cell]")?.dataset.cell ?? "";
  listen(host, "click", (event) => choose(cellOf(event)));
  // Not pointerover: that comes, too, when the page moves under a pointer at rest.
  listen(host, "pointermove", (event) => say(cellOf(event) || here));
  listen(host, "pointerleave", () => say(here));
  listen(host, "keydown", (event) => {
    if (event.target !== host || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isChoice = event.key === "Enter" || event.key === " ";
    const to = isChoice ? here : stepped(model.get("grid"), here, event.key);
    if (!to && !isChoice) return;
    event.preventDefault();
    event.stopPropagation();
    (isChoice ? choose : go)(to);
  });
  listen(whole, "click", () => {
    if (document.fullscreenElement) return document.exitFullscreen();
    const shown = el.closest(".gmemviz-explorer") ?? host; // with its toggles and its player
    return shown.requestFullscreen().then(() => shown.scrollTo(0, 0));
  });
  // JupyterLab asks the focused element itself whether its keys are its own; `el` is attached later.
  const seen = new ResizeObserver(() => {
    const buttons = (el.closest(".gmemviz-explorer") ?? el).querySelectorAll("button");
    for (const one of buttons) one.setAttribute("data-lm-suppress-shortcuts", "true");
  });
  seen.observe(host);
  const heard = { "change:svg": onPicture, "change:cell": onCell };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);

  onPicture();
  el.replaceChildren(host);
  return () => {
    gone.abort();
    seen.disconnect();
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
    el.replaceChildren();
  };
}

export default { render };
