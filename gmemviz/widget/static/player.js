// The player: step through a teardown over several pictures at once.
//
// One file, no imports, no network: anywidget loads it from a Blob, where a relative
// import would not resolve, and the exported page inlines it. Every frame is here, so
// it goes on playing when the Python kernel is gone. Python owns `film`; this file owns
// `index` and `playing`. A step looks nothing up and builds nothing: it swaps the
// classes of the elements whose role changed. Pictures and names may be hostile: markup
// is copied through an allow-list, and every word goes through textContent.

const SVG = "http://www.w3.org/2000/svg";
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const CONTEXTS = {
  P: "process context, may sleep",
  L: "i_lock held, must not sleep",
  B: "RCU callback, softirq",
};
const TICKS = "A tall mark is a hook, a wide one is atomic, a dotted one runs in RCU, ✖ is a defect";
const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back",
  Home: "first", End: "last", " ": "play",
};
const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z", back: "M10 3h2v10h-2zM9 3v10L3 8z",
  play: "M4 2.5v11L13.5 8z", pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4 3h2v10H4zM7 3v10l6-5z", last: "M11 3h2v10h-2zM3 3v10l7-5z",
  whole: "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
};

// ---- pure: tests/js runs these under node ------------------------------------------

/** Bring any number into 0 … count - 1. */
export function clamp(index, count) {
  return Math.max(0, Math.min(Math.trunc(Number(index)) || 0, count - 1));
}

/** Say where an action leads, or the same index if it leads nowhere. */
export function moved(action, index, count) {
  const to = { next: index + 1, back: index - 1, first: 0, last: count - 1 }[action];
  return clamp(to ?? index, count);
}

/** Name what a key press means to the player; "" leaves it to the browser. */
export function keyAction(event, tag = "DIV") {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return "";
  if (tag === "SELECT" || tag === "PRE") return ""; // own keys: choose, scroll
  if (event.key === " " && (tag === "BUTTON" || tag === "SUMMARY")) return ""; // a press
  return Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : "";
}

/** List [id, role] of what differs; role "" is the base look. */
export function changes(before, after) {
  const gone = Object.keys(before).filter((id) => !Object.hasOwn(after, id));
  const set = Object.keys(after).filter((id) => before[id] !== after[id]);
  return [...gone.map((id) => [id, ""]), ...set.map((id) => [id, after[id]])];
}

export function styledClass(base, role) {
  return role ? `${base} role-${role.replace(/[^\w-]/g, "_")}`.trim() : base;
}

/** Put a frame's context in the film's words, else in our own. */
export function contextWords(film, context) {
  const words = film.contexts ?? {};
  return (Object.hasOwn(words, context) ? words[context] : CONTEXTS[context]) ?? context;
}

/** Say a step in one line, for a screen reader. */
export function spoken(film, index) {
  const frame = film.frames[index];
  const parts = [`Step ${index + 1} of ${film.frames.length}: ${frame.label}`];
  if (frame.context) parts.push(contextWords(film, frame.context));
  if (frame.defect) parts.push(`defect: ${frame.defect}`);
  return [parts.join(", "), frame.sentence].filter(Boolean).join(". ");
}

/** Say how long a step stays; who asked for less motion gets a slow one. */
export function stepMs(intervalMs, speed, isReduced) {
  return Math.max(intervalMs / speed, isReduced ? 1500 : 20);
}

const ELEMENTS = new Set(
  "svg g path polygon polyline line rect circle ellipse text tspan title desc".split(" "));
const ATTRIBUTES = new Set(
  ("id class viewBox preserveAspectRatio transform d points x y x1 y1 x2 y2 dx dy cx cy r rx ry " +
    "width height fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray " +
    "stroke-linecap stroke-linejoin opacity visibility font-family font-size font-weight font-style " +
    "text-anchor dominant-baseline text-decoration letter-spacing textLength lengthAdjust").split(" "));
const CALLS = /^((rgb|hsl)a?\([\d\s.,%/]+\)|var\(--[\w-]+(,\s*[\w#-]+)?\))$/;

/** Say whether an element of a picture may be copied into the page. */
export function isElementAllowed(name) {
  return ELEMENTS.has(name);
}

/** Say whether an attribute may; nothing allowed can load, run or float. */
export function isAttributeAllowed(name, value) {
  if (!ATTRIBUTES.has(name) || value.includes("\\")) return false; // CSS reads u\72l as url
  if (name === "id") return /^\w+$/.test(value);
  if (name === "transform") return !/url/i.test(value);
  return !value.includes("(") || CALLS.test(value.trim());
}

const CAPTION = 40; // what a figure is taller than its drawing
const LARGEST = 1.3; // pixels a point; beyond it a drawing shouts

/** Arrange drawings of [width, height] so that the smallest text is as large as can be.
 *
 * The first stands left of the others ("left") or above them ("top").
 */
export function layout([[w, h], ...others], width, height) {
  const fit = (...scales) => Math.max(0.05, Math.min(LARGEST, ...scales));
  const sum = (list) => list.reduce((total, n) => total + n, 0);
  const [widths, heights] = [0, 1].map((axis) => others.map((size) => size[axis]));
  const wide = widths.map((n) => Math.max(n, Math.max(...widths) / 2)); // room for a caption
  const left = (share) => {
    const a = fit((share * width) / w, (height - CAPTION) / h);
    const b = fit(((1 - share) * width) / Math.max(...widths), (height - CAPTION * others.length) / sum(heights));
    const rows = heights.map((n) => n * b + CAPTION);
    const spare = Math.max(0, h * a + CAPTION - sum(rows)) / rows.length;
    return { shape: "left", scales: [a, b], columns: [share, 1 - share], rows: rows.map((n) => n + spare) };
  };
  const top = (share) => {
    const a = fit(width / w, (share * height - CAPTION) / h);
    if (!others.length) return { shape: "top", scales: [a, a], columns: [1], rows: [h * a + CAPTION] };
    const b = fit(width / sum(wide), ((1 - share) * height - CAPTION) / Math.max(...heights));
    const rows = [h * a + CAPTION, Math.max(...heights) * b + CAPTION];
    return { shape: "top", scales: [a, b], columns: wide, rows };
  };
  const shares = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7];
  const options = others.length ? [...shares.map(left), ...shares.map(top)] : [top(1)];
  const worth = ({ scales: [a, b] }) => Math.min(a, b) + 0.01 * (a + b);
  return options.reduce((best, one) => (worth(one) > worth(best) ? one : best));
}

// ---- pictures ----------------------------------------------------------------------

function dress(node, attributes, ...children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function make(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, ...children);
}

function draw(tag, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), attributes, ...children);
}

function icon(name) {
  const path = draw("path", { d: ICONS[name], fill: "currentColor" });
  return draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}

let adoptions = 0; // makes ids unique on a page that shows one film twice

/** Copy parsed markup through the allow-list; fill `found` with id -> {node, base}. */
function adopt(source, found, prefix = `gv${(adoptions += 1)}_`) {
  if (source.namespaceURI !== SVG || !isElementAllowed(source.localName)) return null;
  const node = draw(source.localName);
  for (const { name, value } of source.attributes) {
    if (isAttributeAllowed(name, value)) node.setAttribute(name, name === "id" ? prefix + value : value);
  }
  if (node.id) {
    const id = node.id.slice(prefix.length);
    node.setAttribute("data-id", id);
    found.set(id, { node, base: node.getAttribute("class") ?? "" });
  }
  adoptInto(node, source, found, prefix);
  return node;
}

function adoptInto(node, source, found, prefix) {
  for (const child of source.childNodes) {
    const isTooltip = child.localName === "a" || (child.localName === "g" && child.id.startsWith("a_"));
    const isName = child.localName === "title" && source.localName === "g"; // Graphviz's own, no tip
    if (isTooltip) {
      // Graphviz wraps what has a tooltip twice; unwrapped, a node's shape is its child again.
      const tip = child.getAttribute("xlink:title");
      if (tip) node.append(draw("title", {}, tip));
      adoptInto(node, child, found, prefix);
    } else if (child.nodeType === 1 && !isName) node.append(adopt(child, found, prefix) ?? "");
    else if (child.nodeType === 3 && /^(text|tspan|title|desc)$/.test(node.localName)) node.append(child.data);
  }
}

function parsed(picture, found) {
  const document_ = new DOMParser().parseFromString(picture.svg, "image/svg+xml");
  const svg = document_.querySelector("parsererror") ? null : adopt(document_.documentElement, found);
  if (!/^([-\d.]+[\s,]*){4}$/.test(svg?.getAttribute("viewBox"))) return null;
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return dress(svg, { role: "img", "aria-label": picture.alt });
}

/** ctrl+wheel zooms, drag pans, double click resets; a plain wheel still scrolls. */
function zoomable(svg, home) {
  let box = home, from = null;
  const show = (to) => svg.setAttribute("viewBox", (box = to).map((n) => +n.toFixed(2)).join(" "));
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const zoom = (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const wide = Math.min(home[2] * 2, Math.max(home[2] / 20, box[2] * Math.exp(event.deltaY * 0.002)));
    const [p, k] = [at(event), wide / box[2]];
    show([p.x - (p.x - box[0]) * k, p.y - (p.y - box[1]) * k, box[2] * k, box[3] * k]);
  };
  const pan = (event) => {
    if (!from || !event.buttons) return void (from = null);
    svg.setPointerCapture(event.pointerId);
    const p = at(event);
    show([box[0] + from.x - p.x, box[1] + from.y - p.y, box[2], box[3]]);
  };
  svg.addEventListener("wheel", zoom, { passive: false });
  svg.addEventListener("pointerdown", (event) => (from = event.button === 0 ? at(event) : null));
  svg.addEventListener("pointermove", pan);
  svg.addEventListener("dblclick", () => show(home));
}

const BAKED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "fill-opacity",
  "opacity", "visibility", "font-family", "font-size", "font-weight", "font-style", "text-anchor"];

/** Give a picture as it looks now, as a file that needs no style sheet. */
function standalone(svg, [x, y, width, height], paper) {
  const copy = svg.cloneNode(true);
  const styled = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const look = getComputedStyle(styled[i]);
    for (const name of BAKED) node.setAttribute(name, look.getPropertyValue(name));
    node.removeAttribute("data-id");
  });
  copy.removeAttribute("style");
  copy.prepend(draw("rect", { x, y, width, height, fill: paper }));
  dress(copy, { width, height, viewBox: [x, y, width, height].join(" ") });
  return new XMLSerializer().serializeToString(copy).replace(/ id="gv\d+_/g, ' id="');
}

function paperOf(node) {
  const colour = node ? getComputedStyle(node).backgroundColor : "white";
  return /^rgba\(.*, 0\)$|^transparent$/.test(colour) ? paperOf(node.parentElement) : colour;
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function save(svg, home, name, kind) {
  const blob = new Blob([standalone(svg, home, paperOf(svg))], { type: "image/svg+xml" });
  if (kind === "svg") return download(blob, `${name}.svg`);
  const url = URL.createObjectURL(blob);
  const image = make("img", { src: url });
  await image.decode();
  const canvas = make("canvas", { width: Math.ceil(home[2] * 2), height: Math.ceil(home[3] * 2) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((png) => download(png, `${name}.png`), "image/png");
}

/** Build one figure; `nameOf` names a file saved from it at the step then shown. */
function figureOf(picture, nameOf, enlarge) {
  const found = new Map();
  const svg = parsed(picture, found);
  const tools = make("span", { class: "gmemviz-tools" });
  const figure = make("figure", { class: "gmemviz-picture", "data-picture": picture.name },
    make("figcaption", {}, make("span", { title: picture.title }, picture.title), tools));
  if (!svg) {
    figure.append(make("p", {}, picture.alt));
    return { figure, found, size: [1, 1] };
  }
  const box = svg.getAttribute("viewBox").split(/[\s,]+/).map(Number);
  const tool = (text, label, act) => {
    tools.append(make("button", { type: "button", title: label, "aria-label": `${label}: ${picture.title}` }, text));
    tools.lastChild.addEventListener("click", act);
  };
  tool("SVG", "Save as SVG", () => save(svg, box, nameOf(picture), "svg"));
  tool("PNG", "Save as PNG", () => save(svg, box, nameOf(picture), "png"));
  tool("⤢", "Enlarge, or back", () => enlarge(figure));
  svg.style.setProperty("--gmemviz-widest", `${box[2] * LARGEST}px`);
  zoomable(svg, box);
  figure.append(svg);
  return { figure, found, size: box.slice(2) };
}

// ---- the parts around them ---------------------------------------------------------

/** Hold keys off JupyterLab's shortcuts: it asks the focused element itself, before those around it. */
function keepKeys(root) {
  const all = root.querySelectorAll("button, input, select, summary, [tabindex]");
  for (const one of [root, ...all]) one.setAttribute("data-lm-suppress-shortcuts", "true");
}

function button(action, label) {
  return make("button", { type: "button", "data-action": action, title: label, "aria-label": label }, icon(action));
}

/** Build the empty player: {host, and each part that a step or a film fills}. */
function skeleton() {
  const part = (tag, name, attributes = {}) => make(tag, { class: `gmemviz-${name}`, ...attributes });
  const parts = {
    title: part("strong", "title"), badge: part("span", "badge"), note: part("p", "note"),
    range: make("input", { type: "range", min: 0, step: 1, value: 0, "aria-label": "Step" }),
    ticks: part("div", "ticks", { "aria-hidden": "true", title: TICKS }), count: part("span", "count"),
    speed: make("select", { "aria-label": "Speed", title: "Speed" }),
    label: part("code", "function"), context: part("span", "context"), actor: part("span", "actor"),
    hook: part("span", "hook"), source: part("code", "source"), sentence: part("span", "sentence"),
    // the longest sentence keeps its room unseen, so that no step moves the pictures
    longest: part("span", "longest", { "aria-hidden": "true" }), defect: part("strong", "defect"),
    pictures: part("div", "pictures"), legend: part("ul", "legend"),
    text: part("pre", "text", { tabindex: "0" }), play: button("play", "Play or pause (space)"),
    live: part("div", "live", { "aria-live": "polite", "aria-atomic": "true" }),
  };
  for (const speed of SPEEDS) parts.speed.append(make("option", { value: speed }, `${speed}×`));
  parts.speed.value = 1;
  const p = parts;
  const bar = part("div", "bar", { role: "toolbar", "aria-label": "Playback" });
  const scrub = part("div", "scrub");
  scrub.append(p.range, p.ticks);
  bar.append(button("first", "First step (Home)"), button("back", "Back (left arrow, page up)"), p.play,
    button("next", "Step (right arrow, page down)"), button("last", "Last step (End)"), scrub, p.count,
    p.speed, button("whole", "Full screen, or back"));
  const [facts, words, said, narration] = ["facts", "words", "said", "narration"].map((name) => part("div", name));
  facts.append(p.label, p.defect, p.context, p.actor, p.hook);
  said.append(p.sentence, p.longest);
  words.append(said, p.source);
  narration.append(facts, words);
  const head = part("div", "head");
  head.append(p.title, p.badge);
  const host = part("div", "player gmemviz", { tabindex: "0", role: "group", "data-lm-suppress-shortcuts": "true" });
  const details = make("details", {}, make("summary", {}, "The whole run as text"), p.text);
  host.append(head, bar, narration, p.pictures, p.legend, p.note, details, p.live);
  return { host, ...parts };
}

function swatch({ role, label, symbol }) {
  const shape = draw("polygon", { points: "1,1 25,1 25,15 1,15", fill: "none", stroke: "currentColor" });
  const group = draw("g", { class: styledClass("node", role) }, shape);
  const svg = draw("svg", { class: "gm", viewBox: "0 0 26 16", "aria-hidden": "true" }, group);
  return make("li", {}, svg, make("span", {}, symbol ? `${symbol} ${label}` : label));
}

function tick(frame, index, count) {
  const classes = [`is-${frame.context}`, frame.hook && "is-hook", frame.defect && "is-defect"];
  const node = make("i", { class: classes.filter(Boolean).join(" ") }, frame.defect ? "✖" : "");
  node.style.left = `${count > 1 ? (100 * index) / (count - 1) : 50}%`;
  return node;
}

function fill(view, film) {
  const count = film.frames.length;
  view.host.setAttribute("aria-label", `Player: ${film.title}, ${film.origin}`);
  view.host.classList.toggle("is-still", count === 1); // a picture to look at: nothing to play
  view.title.textContent = film.title;
  view.badge.textContent = film.origin;
  view.badge.dataset.origin = film.origin;
  view.note.textContent = film.note ?? "";
  view.text.textContent = film.text ?? "";
  view.range.max = count - 1;
  view.count.style.minWidth = `${2 * String(count).length + 3}ch`;
  view.longest.textContent = film.frames.map((frame) => frame.sentence).sort((a, b) => b.length - a.length)[0];
  view.legend.replaceChildren(...(film.legend ?? []).map(swatch));
  view.ticks.replaceChildren(...film.frames.map((frame, i) => tick(frame, i, count)));
}

function narrate(view, film, index) {
  const frame = film.frames[index];
  view.range.value = index;
  view.range.setAttribute("aria-valuetext", `${index + 1} of ${film.frames.length}: ${frame.label}`);
  view.count.textContent = `${index + 1} / ${film.frames.length}`;
  view.label.textContent = frame.label;
  view.context.textContent = contextWords(film, frame.context);
  view.context.dataset.context = frame.context;
  view.actor.textContent = frame.actor;
  view.hook.textContent = frame.hook ? `hook ${frame.hook}` : "";
  view.source.textContent = frame.source;
  view.sentence.textContent = frame.sentence;
  view.defect.textContent = frame.defect ? `✖ ${frame.defect}` : "";
  view.host.classList.toggle("is-defect", Boolean(frame.defect));
}

/** Lay the figures out for the room there is; "lanes" is a strip below the others. */
function arrange(view, film, figures) {
  const width = view.pictures.clientWidth;
  const sizeOf = (picture) => figures.get(picture.name).size;
  const sizes = film.pictures.filter((p) => p.name !== "lanes").map(sizeOf);
  if (!width || !sizes.length) return;
  const strips = film.pictures.filter((p) => p.name === "lanes").map(sizeOf)
    .map(([w, h]) => Math.min(0.22 * innerHeight, h * Math.min(LARGEST, width / w)) + CAPTION);
  const around = view.host.matches(":fullscreen") ? 190 : 290; // JupyterLab's bars, ours
  let height = Math.max(320, innerHeight - around - (strips[0] ?? 0)); // all in one window …
  let plan = layout(sizes, width, height);
  while (Math.min(...plan.scales) < 0.65 && (height += 40) < 0.7 * innerHeight) {
    plan = layout(sizes, width, height); // … unless that is too small to read
  }
  view.pictures.dataset.shape = width < 640 ? "column" : plan.shape;
  const set = (name, value) => view.pictures.style.setProperty(`--gmemviz-${name}`, value);
  set("columns", plan.columns.map((n) => `minmax(0, ${n.toFixed(3)}fr)`).join(" "));
  set("rows", plan.rows.map((n) => `${n.toFixed(0)}px`).join(" "));
  set("span", String(plan.rows.length));
}

// ---- one view of one widget --------------------------------------------------------

function render({ model, el }) {
  const view = skeleton();
  const gone = new AbortController();
  const isReduced = matchMedia("(prefers-reduced-motion: reduce)");
  let film, found, roles, figures = new Map(), timer = 0, saving = 0, speaking = 0;
  const index = () => clamp(model.get("index"), film.frames.length);
  const pace = () => stepMs(model.get("interval_ms"), Number(view.speed.value), isReduced.matches);

  const commit = () => {
    if (saving) model.save_changes();
    saving = clearTimeout(saving);
  };
  const put = (name, value) => {
    model.set(name, value); // draws at once, in every view; Python hears where it comes to rest
    clearTimeout(saving);
    saving = setTimeout(commit, 250);
  };
  const arm = () => {
    clearTimeout(timer); // a step by hand starts the wait anew, and two views never double the pace
    if (model.get("playing")) timer = setTimeout(advance, pace());
  };
  const advance = () => {
    if (index() < film.frames.length - 1) put("index", index() + 1);
    if (index() >= film.frames.length - 1) put("playing", false);
  };
  const speak = () => {
    clearTimeout(speaking); // a rush of steps is not read out, the one where it rests is
    if (model.get("playing") && pace() < 1500) return;
    speaking = setTimeout(() => (view.live.textContent = spoken(film, index())), 500);
  };
  const act = (action) => {
    if (action === "whole") return document.fullscreenElement ? document.exitFullscreen() : view.host.requestFullscreen();
    if (action !== "play") return put("index", moved(action, index(), film.frames.length));
    if (!model.get("playing") && index() === film.frames.length - 1) put("index", 0);
    put("playing", !model.get("playing"));
  };

  const onIndex = () => {
    const frame = film.frames[index()];
    for (const [id, role] of changes(roles, frame.roles)) {
      const element = found.get(id);
      if (element) element.node.setAttribute("class", styledClass(element.base, role));
    }
    roles = frame.roles;
    narrate(view, film, index());
    speak();
    arm();
  };
  const onPlaying = () => {
    view.play.replaceChildren(icon(model.get("playing") ? "pause" : "play"));
    view.play.setAttribute("aria-pressed", String(Boolean(model.get("playing"))));
    speak();
    arm();
  };
  const enlarge = (figure) => {
    const isLarge = figure.classList.toggle("is-large");
    for (const other of view.pictures.children) if (other !== figure) other.classList.remove("is-large");
    view.pictures.classList.toggle("has-large", isLarge);
  };
  const nameOf = (picture) =>
    `${film.title}-${picture.name}-${index() + 1}`.replace(/[^\w.]+/g, "-").toLowerCase();
  const onFilm = () => {
    const old = figures;
    for (const { found } of old.values()) for (const e of found.values()) e.node.setAttribute("class", e.base);
    film = model.get("film");
    figures = new Map(film.pictures.map((p) => {
      const kept = old.get(p.name); // the same drawing keeps its zoom and does not flash
      return [p.name, kept?.svg === p.svg ? kept : { ...figureOf(p, nameOf, enlarge), svg: p.svg }];
    }));
    found = new Map([...figures.values()].flatMap((figure) => [...figure.found]));
    roles = {};
    fill(view, film);
    view.pictures.replaceChildren(...film.pictures.map((p) => figures.get(p.name).figure));
    arrange(view, film, figures);
    onIndex();
  };

  const listen = (node, type, act) => node.addEventListener(type, act, { signal: gone.signal });
  listen(view.host, "keydown", (event) => {
    const action = keyAction(event, event.target.tagName);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (!(action === "play" && event.repeat)) act(action);
  });
  listen(view.host, "click", (event) => {
    const pressed = event.target.closest("button[data-action]");
    if (pressed) act(pressed.dataset.action);
  });
  listen(view.range, "input", () => put("index", clamp(view.range.value, film.frames.length)));
  listen(view.speed, "change", arm);
  listen(view.host, "focusout", commit); // on the way to a cell that may ask
  const heard = { "change:film": onFilm, "change:index": onIndex, "change:playing": onPlaying, "change:interval_ms": arm };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);

  // The Explorer's own buttons must not leak keys either; `el` is attached after render.
  const resized = new ResizeObserver(() => {
    keepKeys(el.closest(".gmemviz-explorer") ?? el);
    arrange(view, film, figures);
  });
  listen(window, "resize", () => arrange(view, film, figures));
  onFilm();
  onPlaying();
  resized.observe(view.pictures);
  el.replaceChildren(view.host);

  return () => {
    gone.abort();
    resized.disconnect();
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
    for (const pending of [timer, speaking]) clearTimeout(pending);
    commit();
    el.replaceChildren();
  };
}

/** A widget restored from a saved state must not start on its own. */
function initialize({ model }) {
  if (model.get("playing")) model.set("playing", false);
}

export default { initialize, render };
