// The stage: choices, verdict, memory, the step in words, and time, in one pane's height.
//
// It draws one value (gmemviz.stage) and gives choices back; closed, it leaves nothing behind. What is
// drawn is laid out for the room there is, and laid out anew only where that or the run changes.

const KEY_WORDS = [["→ ←", "next step, step before"], ["↓ ↑", "next function, function before (in the timeline)"], ["Home End", "first, last step"], ["1 2 3", "memory, calls, states"], ["Space", "play: how did it get here?"], ["D", "the defect"], ["Esc", "out of the stage"], ["?", "these keys"]];
const BUTTONS = [["first", "First step (Home)", "M3 2v10M12 2L5 7l7 5z"], ["back", "Step before (←)", "M10 2L4 7l6 5z"], ["play", "Play (Space)", "M4 1l9 6-9 6z"], ["next", "Next step (→)", "M4 2l6 5-6 5z"], ["last", "Last step (End)", "M11 2v10M2 2l7 5-7 5z"]];
const PAUSE = "M3 2h3v10h-3zM8 2h3v10h-3z";
const FULL = 1200, LINE = 1000, PHONE = 700; // widths from which the source, the rail, and lanes have room
const SIDES = 700; // the width from which two memories stand beside each other
const NARROWEST = 240; // while a page is being laid out it has no width yet
const SHORTEST = 520, TALLEST = 1000, SMALL = 206; // the last: two memories with a row for each member that differs

function box(name, more = {}, ...children) {
  return make("div", { class: `gms-${name}`, ...more }, ...children);
}

/** Build the empty stage: {host, and each part that a value fills}. */
function stageParts() {
  const parts = {
    mark: box("verdict-mark"), sentence: make("h3", { class: "gms-sentence" }), was: box("was"), chip: box("chip"),
    tabs: box("tabs", { hidden: "" }), rail: box("rail", { "aria-label": "Choices", role: "group" }), memory: box("picture", { role: "tabpanel", "aria-label": "Picture" }), source: box("source", { tabindex: "0", role: "region", "aria-label": "Source of the step", ...KEPT }),
    time: box("timepane"), bar: box("bar", { role: "group", "aria-label": "Steps" }), count: make("span", { class: "gms-count" }), actor: make("b", {}),
    context: make("span", { class: "gms-context" }), at: make("code", {}), says: make("span", { class: "gms-says" }), place: make("span", { class: "gms-place" }),
    keys: box("keys", { hidden: "" }), live: box("live", { "aria-live": "polite" }),
  };
  const buttons = BUTTONS.map(([action, title, d]) => button(action, title, d));
  parts.play = buttons[2];
  parts.bar.append(...buttons, parts.count, parts.actor, parts.context, parts.at, parts.says, parts.place, button("keys", "Keys (?)", "M5 5q0-3 2-3t2 2-2 3v2M7 11v1"));
  parts.keys.append(...KEY_WORDS.map(([key, words]) => pair(key, words)));
  const headline = box("headline", {}, parts.mark, box("words", {}, parts.sentence, parts.was), parts.chip);
  const host = box("host", { class: "gmemviz-stage", tabindex: "0", role: "group", "aria-label": "Stage", ...KEPT },
    headline, parts.rail, parts.tabs, parts.memory, parts.source, parts.bar, parts.time, parts.keys, parts.live);
  host.className = "gmemviz-stage";
  return { host, ...parts };
}

function button(action, title, d) {
  const icon = draw("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, draw("path", { d }));
  return make("button", { type: "button", title, "aria-label": title, "data-action": action, class: `gms-button is-${action}`, ...KEPT }, icon);
}

function pair(key, said) {
  const name = make("kbd"), text = make("span");
  name.textContent = key;
  text.textContent = said;
  return box("key", {}, name, text);
}

// ---- what stands still during a run ----------------------------------------------------

function fillHeadline(view, value) {
  const said = value.headline;
  view.mark.replaceChildren(said.mark === "wrong" ? draw("svg", { viewBox: "-11 -11 22 22", width: 22, height: 22, "aria-hidden": "true" }, cross(0, 0, 10)) : mark(said.mark, 24));
  view.sentence.textContent = said.sentence;
  view.sentence.title = value.reason;
  view.bar.hidden = !countOf(value);
  view.host.dataset.verdict = said.mark;
  view.chip.hidden = !said.others.length && said.mark !== "correct";
  view.chip.textContent = said.others.length ? `also ${said.others.join(", ")}` : "simulated: every interleaving";
  view.was.replaceChildren(...wasWords(value));
}

/** Say what a toggle changed: was ✓ correct with evict, now ✗ late with free; else where this is. */
function wasWords(value) {
  const was = value.was, text = make("span");
  if (value.sides) return value.sides.flatMap(sideWords);
  if (!was) {
    text.textContent = [value.title, value.scenario].filter(Boolean).join(": ");
    return [text];
  }
  const part = (kind, short) => {
    const node = make("b", { class: `gms-was-${kind}` });
    node.textContent = ` ${SIGN[kind]} ${short} `;
    return node;
  };
  const now = value.headline;
  return ["was", part(was.mark, was.short), `with ${was.before}, now`, part(now.mark, now.short), `with ${was.after}`];
}

/** Fill in the generated C; each step's line is looked up in it. */
function fillSource(view, value) {
  const lines = (value.source ?? []).map((text, i) => {
    const row = box("line", { "data-line": String(i + 1) });
    row.textContent = text.replaceAll("\t", "  ") || " ";
    return row;
  });
  view.source.replaceChildren(...(lines.length > 1 ? lines : []));
  return lines;
}

// ---- what changes with a step ----------------------------------------------------------

function fillStep(view, shown, at) {
  const { value, lines, sides } = shown;
  if (sides.length > 1) return fillBeat(view, sides, at);
  const step = value.steps[at], bad = step.wrong.length > 0;
  view.count.textContent = `step ${at + 1} of ${value.steps.length}`;
  view.actor.textContent = step.actor;
  view.context.textContent = step.context;
  view.at.textContent = step.function;
  view.says.textContent = step.says;
  view.says.title = step.says;
  view.place.textContent = step.place.split(" ")[0];
  view.place.title = step.place;
  view.bar.classList.toggle("is-wrong", bad);
  view.host.querySelector(".gms-line.is-here")?.classList.remove("is-here", "is-wrong");
  const line = lines[step.line - 1];
  line?.classList.add("is-here", ...(bad ? ["is-wrong"] : []));
  const seen = line ?? (at === value.moment ? lines.find((each) => /^static .*your_(evict|destroy|free|drop)_inode\(/.test(each.textContent)) : null);
  if (seen) view.source.scrollTop = seen.offsetTop - view.source.offsetTop - view.source.clientHeight / 3;
}

/** Return how many steps a value has; of two Designs, beats. */
function countOf(value) {
  return (value.beats ?? value.steps).length;
}

/** Return the heights that memory and time would like; of two Designs time has both below each other. */
function wishes(sides, height) {
  const both = sides.length > 1, row = both && height < 860 ? 16 : 20;
  const memory = Math.max(...sides.map((side) => wishedMemory(side.memory, whole(side.memory.frames), keptOf(side)))) + (both ? 24 : 0);
  const time = sides.reduce((sum, side) => sum + wishedHeight(side.timeline, row), 0);
  return { memory, time: Math.min(both ? height / 2 : 330, time) };
}

/** Return the room for memory and time; it changes with the window and the run, never with a step. */
function measured(view, shown) {
  const { value, sides } = shown, width = view.host.clientWidth, isPhone = width < PHONE;
  const pane = view.host.closest(".jp-WindowedPanel-outer, .jp-Notebook, .gm-pane")?.clientHeight;
  const height = Math.max(SHORTEST, Math.min(TALLEST, (pane ?? innerHeight) - (pane ? 20 : 8)));
  view.host.classList.toggle("is-line", width < LINE);
  view.host.classList.toggle("is-phone", isPhone);
  view.host.classList.toggle("has-source", width >= FULL && (value.source ?? []).length > 1);
  view.host.style.height = isPhone ? "auto" : `${height}px`;
  view.offered = offeredTabs(view.named, value, view.host.classList.contains("has-source") || isPhone, view.pictures);
  view.shownTab = view.offered.includes(view.tab) ? view.tab : "memory";
  view.host.classList.toggle("has-tabs", view.offered.length > 1);
  view.host.classList.toggle("shows-source", view.shownTab === "source");
  const top = view.memory.offsetTop, wide = Math.max(NARROWEST, view.memory.clientWidth - 28);
  const isBeside = sides.length > 1 && wide >= SIDES; // two memories have a heading each, and the tabs stand in their row
  view.host.classList.toggle("tabs-beside", isBeside);
  const tabs = view.offered.length > 1 && !isBeside ? TABS_HIGH : 0, wish = wishes(sides, height);
  const room = height - top - 44, left = room - wish.memory - tabs;
  // Both as they like, or rows close together; two memories are small, and two runs are not.
  const least = sides.length > 1 ? Math.min(wish.time, room - SMALL - tabs) : Math.min(wish.time * 0.8, (height - top) * 0.5);
  const time = Math.max(Math.min(wish.time, left), least);
  const memory = isPhone ? Math.max(260, wish.memory + (sides.length > 1 ? 150 : 90)) + tabs : Math.max(200, height - top - time - 44);
  view.host.style.setProperty("--gms-memory", `${memory}px`);
  return { memory: { width: wide, height: memory - 8 - tabs }, time: { width: Math.max(NARROWEST, view.time.clientWidth - 16), height: isPhone ? wish.time + 60 : time }, isPhone };
}

// ---- one view of one widget ------------------------------------------------------------

/** Walk through the steps of what is shown: {go, act, jump, stop}. */
function walker(view, shown, el) {
  const isReduced = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  const count = () => countOf(shown.value);
  const go = (to) => {
    if (!count()) return;
    shown.at = clamp(to, count());
    for (const picture of shown.pictures) picture.show(shown.at);
    fillStep(view, shown, shown.at);
    el.dataset.step = String(shown.at);
  };
  const play = (on) => {
    clearInterval(timer);
    timer = on ? setInterval(() => (shown.at < count() - 1 ? go(shown.at + 1) : play(false)), stepMs(600, 1, isReduced.matches)) : 0;
    view.play.querySelector("path").setAttribute("d", on ? PAUSE : BUTTONS[2][2]);
    view.play.setAttribute("aria-pressed", String(Boolean(on)));
  };
  const closes = () => Math.max(0, shown.sides[0].steps.findIndex((step) => step.function.startsWith("close")));
  const act = (action) => {
    if (action === "keys") return view.keys.toggleAttribute("hidden");
    if (action === "play" && !timer && shown.at >= shown.value.moment) go(closes()); // how did it get here?
    if (action === "play") return play(!timer);
    play(false);
    const { at, starts } = shown;
    const to = { defect: shown.value.moment, down: starts.find((start) => start > at) ?? at, up: starts.filter((start) => start < at).pop() ?? 0 };
    go(to[action] ?? moved(action, at, count()));
  };
  const jump = (to) => (play(false), go(to), view.host.focus({ preventScroll: true }));
  return { go, act, jump, stop: () => play(false) };
}

/** Lay out what is shown for the room there is, where that or the run has changed. */
function arrange(view, shown, walk) {
  const { value, sides } = shown;
  if (!view.host.clientWidth) return;
  if (!countOf(value)) return clear(view, shown);
  const size = measured(view, shown), now = JSON.stringify([size, view.chosen, view.shownTab, view.isWhole, view.drawn]);
  fillTabs(view.tabs, { offered: view.offered, chosen: view.shownTab, isWhole: view.isWhole });
  if (now === shown.laid) return;
  const made = sides.length > 1 ? arrangeBoth(view, sides, size, walk.jump) : arrangeOne(view, value, size, walk.jump);
  Object.assign(shown, { laid: now, ...made });
  walk.go(shown.at);
}

function arrangeOne(view, value, size, jump) {
  const time = (size.isPhone ? phoneView : timeView)(value, size.time, jump);
  const memory = pictureOf(view, value, 0, size.memory, jump);
  view.memory.replaceChildren(memory.svg);
  view.time.replaceChildren(time.svg);
  return { pictures: [memory, time], starts: time.starts };
}

/** Make the picture of a side that its tab asks for: memory, or what Graphviz drew of it. */
function pictureOf(view, side, which, size, jump) {
  if (view.shownTab === "memory" || view.shownTab === "source") return memoryView(side, whole(side.memory.frames), size, jump);
  const drawn = view.pictures[which] ?? {}, name = view.shownTab === "calls" && view.isWhole ? "whole" : view.shownTab;
  return graphView(drawn.why ? drawn : drawn[name], side, size, jump);
}

/** Empty what choices that make no Design have no run for. */
function clear(view, shown) {
  shown.pictures = [];
  view.tabs.hidden = true;
  for (const part of [view.memory, view.time, view.source]) part.replaceChildren();
  const { reason, headline: told } = shown.value;
  if (reason !== told.sentence) view.memory.append(box("nopicture", {}, reason));
  for (const part of [view.count, view.actor, view.context, view.at, view.says, view.place]) part.textContent = "";
}

/** Fill the rail with the choices, each row as high as lets all of them be in sight. */
function fillChoices(view, model, opened) {
  const from = { starts: model.get("starts") ?? [], start: model.get("start"), told: model.get("told"), says: model.get("says") ?? [] };
  const state = { words: model.get("words"), choices: model.get("choices") ?? {}, tints: model.get("tints"), writing: view.writing, drafts: view.drafts, isAsked: view.isAsked, ...from };
  view.host.classList.toggle("has-rail", Object.keys(state.words ?? {}).length > 0 || from.starts.length > 0);
  fillRail(view.rail, state, view.host.clientWidth < LINE, opened);
  const rows = view.rail.querySelectorAll(".gms-choice, .gms-family").length, heads = view.rail.querySelectorAll(".gms-axis").length;
  const start = view.rail.querySelector(".gms-start")?.offsetHeight ?? 0; // its word stands beside it
  const high = (view.rail.clientHeight - (heads - (start ? 1 : 0)) * 16 - start - 6) / Math.max(1, rows);
  view.host.style.setProperty("--gms-row", `${Math.max(13.5, Math.min(17, Math.floor(high * 2) / 2))}px`);
}

/** Show a stage in `el`. `model` gives value, tints, words and choices, and takes choices back. */
function render({ model, el }) {
  const view = Object.assign(stageParts(), { tab: model.get("tab") ?? "memory", named: model.get("tabs") ?? ["memory"], pictures: model.get("pictures") ?? [], offered: [], writing: "", drafts: {}, isAsked: false, drawn: 0, isWhole: false }), gone = new AbortController(), opened = new Set();
  const shown = { value: model.get("value"), sides: [], lines: [], pictures: [], starts: [], at: 0, laid: "" };
  const walk = walker(view, shown, el);
  const refill = () => fillChoices(view, model, opened);
  const onSize = () => (claim(el), refill(), arrange(view, shown, walk), refill());
  const onValue = () => {
    walk.stop();
    const value = model.get("value");
    fillHeadline(view, value);
    Object.assign(shown, { value, sides: sidesOf(value), lines: fillSource(view, value), at: value.opens ?? value.moment ?? 0, laid: "" });
    view.chosen = value.sides?.find((side) => side.headline.mark === "wrong")?.letter ?? "A";
    view.live.textContent = value.headline.sentence;
    arrange(view, shown, walk);
  };
  const choose = (axis, word) => {
    model.set("choices", { ...model.get("choices"), [axis]: word });
    model.save_changes();
  };

  // What wants a text of the reader's is sent when he says so; anything else at once.
  const start = (word, text) => {
    view.writing = WRITTEN[word] ? word : "";
    view.isAsked = text !== undefined || !WRITTEN[word];
    refill();
    if (view.isAsked) model.send({ start: word, text: text ?? "" });
  };
  const onStart = () => ((view.writing = WRITTEN[model.get("start")] ? model.get("start") : ""), refill());
  const onAnswer = () => ((view.isAsked = false), refill());
  // A page has no kernel that would answer: the view goes first, and tells it.
  const chooseTab = (name) => {
    view.tab = name;
    arrange(view, shown, walk);
    if (name === "source") return;
    model.set("tab", name);
    model.save_changes();
  };
  const onTab = () => ((view.tab = model.get("tab")), arrange(view, shown, walk));
  const onPictures = () => (Object.assign(view, { pictures: model.get("pictures"), drawn: view.drawn + 1 }), arrange(view, shown, walk));
  const chooseWhole = () => ((view.isWhole = !view.isWhole), arrange(view, shown, walk));
  const chooseSide = (letter) => ((view.chosen = letter), arrange(view, shown, walk));
  listenTo(view, gone.signal, { act: walk.act, choose, chooseSide, chooseTab, chooseWhole, start, opened, refill });
  const heard = { "change:value": onValue, "change:tints": refill, "change:choices": refill, "change:words": refill, "change:says": refill, "change:start": onStart, "change:told": refill, "change:answered": onAnswer, "change:tab": onTab, "change:pictures": onPictures };
  for (const [name, hear] of Object.entries(heard)) model.on(name, hear);
  const resized = new ResizeObserver(onSize);
  el.replaceChildren(view.host);
  refill();
  onValue();
  resized.observe(view.host);
  return () => {
    gone.abort();
    walk.stop();
    resized.disconnect();
    for (const [name, hear] of Object.entries(heard)) model.off(name, hear);
    el.replaceChildren();
  };
}

/** Name what a key means to the stage; "" leaves it to the browser. */
export function stageKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || /^(SELECT|TEXTAREA|INPUT)$/.test(event.target.tagName)) return "";
  if (event.key === "?") return "keys";
  if (isHeld(event)) return "";
  if (event.key === "Escape") return "";
  const own = { d: "defect", D: "defect", ArrowDown: "down", ArrowUp: "up", 1: "1", 2: "2", 3: "3", 4: "4" }[event.key];
  return own ?? keyAction(event, event.target.tagName);
}

/** Hear clicks and keys until the view is closed. */
function listenTo(view, signal, { act, choose, chooseSide, chooseTab, chooseWhole, start, opened, refill }) {
  const listen = (node, type, hear) => node.addEventListener(type, hear, { signal });
  listen(view.host, "keydown", (event) => {
    const action = railKey(event) || tabKey(event) ? "moved" : stageKey(event);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    const tab = view.offered[Number(action) - 1];
    if (tab) chooseTab(tab);
    else if (action !== "moved") act(action);
  });
  listen(view.host, "click", (event) => {
    const pressed = event.target.closest?.("button");
    if (pressed?.dataset.action) act(pressed.dataset.action);
    if (pressed?.dataset.check) start(pressed.dataset.check, view.drafts[pressed.dataset.check] ?? "");
    if (pressed?.dataset.tab) chooseTab(pressed.dataset.tab);
    if (pressed?.dataset.whole === "") chooseWhole();
    if (pressed?.dataset.side) chooseSide(pressed.dataset.side);
    if (pressed?.dataset.word) choose(pressed.dataset.axis, pressed.dataset.word);
    if (pressed?.dataset.family) {
      const family = pressed.dataset.family;
      opened.has(family) ? opened.delete(family) : opened.add(family);
      refill();
    }
  });
  listen(view.rail, "change", ({ target }) => {
    if (target.dataset.axis) choose(target.dataset.axis, target.value);
    if ("start" in target.dataset && target.value) start(target.value);
  });
  listen(view.rail, "input", ({ target }) => target.dataset.draft && (view.drafts[target.dataset.draft] = target.value));
}

export default { render };
