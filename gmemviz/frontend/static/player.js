// The player: step through a teardown over several pictures at once.
//
// It follows shared.js, steps.js and pictures.js in one text, and asks no network: the exported
// page inlines them. Every frame is here, so it goes on playing when the Python kernel is gone.
// Python owns `film`; this file owns `index` and `playing`. A step looks nothing up and builds
// nothing: it swaps the classes of the elements whose role changed. Names may be hostile: every
// word goes through textContent.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const TICKS = "A tall mark is a hook, a wide one is atomic, a dotted one runs in RCU, ✖ is a defect";
const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z", back: "M10 3h2v10h-2zM9 3v10L3 8z",
  play: "M4 2.5v11L13.5 8z", pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4 3h2v10H4zM7 3v10l6-5z", last: "M11 3h2v10h-2zM3 3v10l7-5z",
  whole: "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
};

function icon(name) {
  const path = draw("path", { d: ICONS[name], fill: "currentColor" });
  return draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}

// ---- the parts around them ---------------------------------------------------------

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
    defect: part("strong", "defect"), facts: part("div", "facts"),
    // the longest words keep their room unseen, so that no step moves the pictures
    longest: part("span", "longest", { "aria-hidden": "true" }),
    room: part("div", "facts gmemviz-longest", { "aria-hidden": "true" }),
    pictures: part("div", "pictures"), legend: part("ul", "legend"),
    text: part("pre", "text", { tabindex: "0" }), play: button("play", "Play or pause (space)"),
    live: part("div", "live", { "aria-live": "polite", "aria-atomic": "true" }),
  };
  for (const speed of SPEEDS) parts.speed.append(make("option", { value: speed }, `${speed}×`));
  parts.speed.value = 1;
  const p = parts;
  const bar = part("div", "bar", { role: "group", "aria-label": "Playback" });
  const scrub = part("div", "scrub");
  scrub.append(p.range, p.ticks);
  bar.append(button("first", "First step (Home)"), button("back", "Back (left arrow, page up)"), p.play,
    button("next", "Step (right arrow, page down)"), button("last", "Last step (End)"), scrub, p.count,
    p.speed, button("whole", "Full screen, or back"));
  const [where, words, said, narration] = ["said", "words", "said", "narration"].map((name) => part("div", name));
  p.facts.append(p.label, p.defect, p.context, p.actor, p.hook);
  where.append(p.facts, p.room);
  said.append(p.sentence, p.longest);
  words.append(said, p.source);
  narration.append(where, words);
  const head = part("div", "head");
  head.append(p.title, p.badge);
  const host = part("div", "player gmemviz", { tabindex: "0", role: "group", ...KEPT });
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

function fillFacts(view, film, frame) {
  view.label.textContent = frame.label;
  view.context.textContent = contextWords(film, frame.context);
  view.context.dataset.context = frame.context;
  view.actor.textContent = frame.actor;
  view.hook.textContent = frame.hook ? `hook ${frame.hook}` : "";
  view.defect.textContent = frame.defect ? `✖ ${frame.defect}` : "";
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
  const longest = (words) => film.frames.reduce((most, one) => (words(one).length > words(most).length ? one : most));
  view.longest.textContent = longest((frame) => frame.sentence).sentence;
  fillFacts(view, film, longest((one) => one.label + one.defect + contextWords(film, one.context) + one.actor + one.hook));
  view.room.replaceChildren(...[...view.facts.children].map((node) => make(node.localName, {}, node.textContent)));
  view.legend.replaceChildren(...(film.legend ?? []).map(swatch));
  view.ticks.replaceChildren(...film.frames.map((frame, i) => tick(frame, i, count)));
}

function narrate(view, film, index) {
  const frame = film.frames[index];
  view.range.value = index;
  view.range.setAttribute("aria-valuetext", `${index + 1} of ${film.frames.length}: ${frame.label}`);
  view.count.textContent = `${index + 1} / ${film.frames.length}`;
  fillFacts(view, film, frame);
  view.source.textContent = frame.source;
  view.sentence.textContent = frame.sentence;
  view.host.classList.toggle("is-defect", Boolean(frame.defect));
}

/** Lay the figures out for the room there is; "lanes" is a strip below the others. */
function arrange(view, film, figures) {
  const width = view.pictures.clientWidth;
  const caption = CAPTION * Math.max(1, parseFloat(getComputedStyle(view.pictures).fontSize) / 13);
  const sizeOf = (picture) => figures.get(picture.name).size;
  const sizes = film.pictures.filter((p) => p.name !== "lanes").map(sizeOf);
  if (!width || !sizes.length) return;
  const strips = film.pictures.filter((p) => p.name === "lanes").map(sizeOf)
    .map(([w, h]) => Math.min(0.22 * innerHeight, h * Math.min(LARGEST, width / w)) + caption);
  const around = view.host.matches(":fullscreen") ? 190 : 290; // JupyterLab's bars, ours
  let height = Math.max(320, innerHeight - around - (strips[0] ?? 0)); // all in one window …
  let plan = layout(sizes, width, height, caption);
  while (Math.min(...plan.scales) < 0.65 && (height += 40) < 0.7 * innerHeight) {
    plan = layout(sizes, width, height, caption); // … unless that is too small to read
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
  const shrink = () => {
    const large = view.pictures.querySelector(".is-large");
    if (large) enlarge(large);
    return Boolean(large);
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
    if (event.key === "Escape" && !isHeld(event) && shrink()) return event.preventDefault();
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

  const resized = new ResizeObserver(() => {
    claim(el);
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
