// The matrix: one picture, each cell of which can be chosen by mouse and by keyboard.
//
// It follows shared.js in one text. Python owns `svg`, `grid` and `text`; this file owns `cell`.
// The picture may be hostile: what is not named here is not copied, and every word goes through
// textContent. Who hears it hears a grid of named cells, and has the picture's words as text.

const ELEMENTS = new Set(["svg", "g", "path", "polygon", "polyline", "text"]);
const ATTRIBUTES = new Set(
  ("class viewBox transform points d x y fill stroke stroke-width stroke-dasharray text-anchor " +
    "font-family font-size font-weight").split(" "));
let pictures = 0; // makes ids unique where one matrix is shown twice
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
  const node = draw(source.localName);
  for (const { name, value } of source.attributes) if (isAllowed(name, value)) node.setAttribute(name, value);
  if (node.localName === "text") node.setAttribute("aria-hidden", "true"); // said by names, and by the text
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

/** Give the cells of a picture to a reader who hears it: rows of cells, each with its words. */
function named(svg, lines, cells, label) {
  const prefix = `gm${(pictures += 1)}_`;
  const rows = lines.map((line) => draw("g", { role: "row" }, ...line.map((id) => cells.get(id).node).filter(Boolean)));
  for (const [id, { node, told }] of cells) {
    if (node) dress(node, { id: prefix + id, role: "gridcell", "aria-label": told, "aria-selected": "false" });
  }
  const around = svg.querySelector("g") ?? svg;
  around.append(...rows);
  dress(svg, { role: "grid", "aria-label": label, "aria-readonly": "true", tabindex: "0", ...KEPT });
  if (around !== svg) around.setAttribute("role", "rowgroup");
}

// ---- one view of one widget ----------------------------------------------------------

function render({ model, el }) {
  const told = make("p", { class: "gmemviz-told", "aria-hidden": "true" }); // as the cell is named
  const whole = make("button", { type: "button", title: "Full screen, or back" }, "full screen");
  const text = make("pre", { tabindex: "0" });
  const details = make("details", {}, make("summary", {}, "The matrix as text"), text);
  const host = make("div", { class: "gmemviz-matrix" });
  const gone = new AbortController();
  let cells = new Map(), here = "", svg = "", isAsked = false;

  const say = (id) => {
    const words = cells.get(id)?.told ?? HINT;
    if (told.textContent !== words) told.textContent = words;
  };
  const mark = (name, id) => {
    for (const node of host.querySelectorAll(`.${name}`)) node.classList.remove(name);
    cells.get(id)?.node?.classList.add(name);
  };
  const go = (id) => {
    mark("is-here", (here = id));
    if (cells.get(id)?.node) svg.setAttribute("aria-activedescendant", cells.get(id).node.id);
    say(id);
  };
  const choose = (id) => {
    if (!cells.has(id)) return;
    go(id);
    isAsked = id !== model.get("cell");
    model.set("cell", id);
    model.save_changes();
  };

  const onPicture = () => {
    cells = new Map(model.get("grid").flat().map((id) => [id, { node: null, told: "" }]));
    svg = parsed(model.get("svg"), cells);
    if (svg) named(svg, model.get("grid"), cells, `${model.get("title")}. ${HINT}`);
    text.textContent = model.get("text");
    host.replaceChildren(told, whole, svg, details);
    onCell();
  };
  const onCell = () => {
    mark("is-chosen", model.get("cell"));
    for (const [id, { node }] of cells) node?.setAttribute("aria-selected", String(id === model.get("cell")));
    go(model.get("cell"));
  };

  const listen = (node, type, act) => node.addEventListener(type, act, { signal: gone.signal });
  const cellOf = (event) => event.target.closest?.("[data-cell]")?.dataset.cell ?? "";
  listen(host, "click", (event) => choose(cellOf(event)));
  // Not pointerover: that comes, too, when the page moves under a pointer at rest.
  listen(host, "pointermove", (event) => say(cellOf(event) || here));
  listen(host, "pointerleave", () => say(here));
  listen(host, "keydown", (event) => {
    if (event.target !== svg || isHeld(event)) return;
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
  // The verdict comes below the picture: what a reader asked for is brought into sight.
  const answered = new MutationObserver(([{ target }]) => {
    if (!isAsked || !target.textContent) return;
    isAsked = false;
    target.closest(".gmemviz-verdict").scrollIntoView({ block: "nearest" });
  });
  const seen = new ResizeObserver(() => {
    claim(el);
    const verdict = el.closest(".gmemviz-explorer")?.querySelector(".gmemviz-verdict");
    if (verdict) answered.observe(verdict, { childList: true, subtree: true });
  });
  seen.observe(host);
  const heard = { "change:svg": onPicture, "change:cell": onCell };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);

  onPicture();
  el.replaceChildren(host);
  return () => {
    gone.abort();
    seen.disconnect();
    answered.disconnect();
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
    el.replaceChildren();
  };
}

export default { render };
