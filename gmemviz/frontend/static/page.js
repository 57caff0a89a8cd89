
// The exported page: it follows player.js in one script, and shows that file's player.
//
// A page holds one run, several of which one is shown, or two that step together. The
// pictures stand in the page already, for paper and for readers without scripts: they are
// taken from there. What the address says comes from strangers, so it is only compared
// with what the page has, and said with textContent.

/** Give frames that name only the roles which change their whole roles again. */
export function unfolded(frames) {
  let roles = {};
  return frames.map((frame) => {
    roles = { ...roles, ...frame.roles };
    for (const [id, role] of Object.entries(roles)) if (!role) delete roles[id];
    return { ...frame, roles };
  });
}

/** Lengthen the frames of a run that is over, so that two can step together. */
export function lengthened(frames, count) {
  const last = frames[frames.length - 1];
  const roles = Object.fromEntries(Object.entries(last.roles).map(([id, role]) => [id, role === "now" ? "done" : role]));
  const sentence = `It was over after ${frames.length} steps.`;
  const over = { ...last, label: "this run is over", actor: "", context: "", hook: "", source: "", sentence, roles };
  return [...frames, ...Array(Math.max(0, count - frames.length)).fill(over)];
}

/** Read the address's fragment: {state, step}, step 0 where it names none. */
export function pointed(hash) {
  let text = hash.replace(/^#/, "");
  try {
    text = decodeURIComponent(text);
  } catch {
    // not encoded, then: taken as it is
  }
  const words = text.split("/").filter(Boolean);
  const step = /^[1-9]\d{0,5}$/.test(words[words.length - 1] ?? "") ? Number(words.pop()) : 0;
  return { state: words.join("/"), step };
}

/** Say what a fragment leads to: {run, index}, and in `told` why not, "" where it does. */
export function led(hash, runs, shown) {
  const { state, step } = pointed(hash);
  const run = state ? runs.findIndex((one) => one.state === state) : shown;
  if (run < 0) {
    const has = runs.map((one) => one.state).filter(Boolean).join(" and ") || "one run, without a name";
    return { run: shown, told: `This page does not have ${state}; it has ${has}.` };
  }
  const count = runs[run].film.frames.length;
  if (step > count) return { run, told: `Step ${step} is beyond this run, which has ${count} steps.` };
  return { run, index: step ? step - 1 : undefined, told: "" };
}

/** Stand in for anywidget's model: nobody hears of it but the views. */
export function modelOf(values) {
  const heard = new Map();
  return {
    get: (name) => values[name],
    set: (name, value) => {
      if (values[name] === value) return;
      values[name] = value;
      for (const act of heard.get(`change:${name}`) ?? []) act();
    },
    on: (name, act) => heard.set(name, [...(heard.get(name) ?? []), act]),
    off: (name, act) => heard.set(name, (heard.get(name) ?? []).filter((other) => other !== act)),
    save_changes: () => {},
  };
}

/** Take a picture from the page as the player wants it: bare, with ids, a tip around its shape. */
function pictureOf(picture, drawn) {
  const svg = drawn.cloneNode(true);
  for (const node of [svg, ...svg.querySelectorAll("[data-id]")]) {
    node.id = node.dataset.id ?? "";
    node.setAttribute("class", (node.getAttribute("class") ?? "").replace(/ ?role-[\w-]+/g, ""));
  }
  for (const title of svg.querySelectorAll("g > title")) {
    const [wrapper, group] = [draw("a"), title.parentNode];
    wrapper.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:title", title.textContent);
    title.remove();
    wrapper.append(...group.childNodes);
    group.append(wrapper);
  }
  return { ...picture, svg: new XMLSerializer().serializeToString(svg) };
}

const RESTS_MS = 300; // the address and the one who reads aloud hear where a rush of steps ends

function startPage() {
  const runs = JSON.parse(document.getElementById("gm-runs").textContent);
  const sections = [...document.querySelectorAll(".gm-run")];
  const told = document.querySelector(".gm-told");
  const isPair = Boolean(document.querySelector(".gm-runs.is-pair"));
  const counts = runs.map((run) => run.film.frames.length);
  const players = [], films = [];
  const live = make("div", { class: "gmemviz-live", "aria-live": "polite" });
  let shown = 0, resting = 0;

  const together = modelOf({ index: 0, playing: false, interval_ms: 700 });
  const modelFor = (n) => {
    const film = { ...runs[n].film, frames: unfolded(runs[n].film.frames) };
    if (isPair) film.frames = lengthened(film.frames, Math.max(...counts));
    const drawn = sections[n].querySelectorAll(".gm-still figure > svg");
    films[n] = film;
    film.pictures = film.pictures.map((picture, i) => pictureOf(picture, drawn[i]));
    if (!isPair) return modelOf({ film, index: runs[n].start, playing: false, interval_ms: 700 });
    return { ...together, get: (name) => (name === "film" ? film : together.get(name)) };
  };
  const mounted = (n) => {
    if (players[n]) return players[n];
    const model = modelFor(n);
    const el = sections[n].querySelector(".gm-player");
    render({ model, el });
    // Of two that step together one voice tells, and which is which.
    if (isPair) el.querySelector(".gmemviz-live").setAttribute("aria-live", "off");
    model.on("change:index", () => onStep(n));
    return (players[n] = model);
  };
  const points = (n) => [runs[n].state && !isPair ? runs[n].state : "", mounted(n).get("index") + 1].filter(Boolean).join("/");
  const rested = () => {
    const index = mounted(shown).get("index");
    if (isPair && !together.get("playing")) {
      live.textContent = films.map((film, n) => `${"AB"[n]}: ${spoken(film, index)}`).join(" ");
    }
    try {
      history.replaceState(null, "", `#${points(shown)}`);
    } catch {
      // a page inside another one may not
    }
  };
  const mark = (n) => {
    const index = mounted(n).get("index");
    sections[n].querySelector("[aria-current]")?.removeAttribute("aria-current");
    sections[n].querySelectorAll(".gm-steps a")[Math.min(index, counts[n] - 1)].setAttribute("aria-current", "step");
  };
  const onStep = (n) => {
    mark(n);
    told.textContent = "";
    clearTimeout(resting);
    resting = setTimeout(rested, RESTS_MS);
  };
  const show = (n) => {
    shown = n;
    if (!isPair) sections.forEach((section, i) => (section.hidden = i !== n));
    for (const i of isPair ? sections.keys() : [n]) {
      mounted(i);
      mark(i);
    }
    if (watch) watch.value = n;
  };
  const follow = () => {
    const { run, index, told: why } = led(location.hash, runs, shown);
    show(run);
    if (index !== undefined) mounted(run).set("index", index);
    told.textContent = why;
  };

  const watch = isPair || runs.length < 2 ? null : make("select", { id: "gm-watch" });
  watch?.append(...runs.map((run, n) => make("option", { value: n }, run.name)));
  watch?.addEventListener("change", () => {
    show(Number(watch.value));
    rested();
  });
  if (watch) told.before(make("p", {}, make("label", { for: "gm-watch" }, "Watch the "), watch));

  document.documentElement.classList.add("has-player");
  told.before(live);
  if (isPair) together.set("index", runs[0].start);
  follow();
  addEventListener("hashchange", follow);
  // Where nothing has the focus, the keys are the player's; a reader who tabs on has them back.
  document.addEventListener("keydown", (event) => {
    if (event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const host = sections[shown].querySelector(".gmemviz-player");
    const passed = new KeyboardEvent("keydown", { key: event.key, repeat: event.repeat, cancelable: true });
    if (!host.dispatchEvent(passed)) event.preventDefault();
  });
}

if (globalThis.document?.getElementById("gm-runs")) startPage(); // a deck has its own start
