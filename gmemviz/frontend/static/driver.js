// The driver's panel: what each actor can do next, what it waits for, the branches tried.
//
// Python owns `view`; a click goes back as a message that says from where it was asked.
// A row stays in its place and its button stays the same element, so that who drives by
// keyboard keeps the focus: what cannot happen is aria-disabled, never taken away. Every
// word goes through textContent.

const BESIDE = 88; // em from which the panel stands beside the pictures
const FORK = "M7 15V9L3 4M9 9l4-5M8 15V9"; // a way that parts: fonts have no common sign for it

/** Number the offers of all actors from 1, in the order of the rows. */
export function numbered(actors) {
  return actors.flatMap((actor) => actor.offers).map((offer, i) => ({ ...offer, number: i + 1 }));
}

/** Name what a key asks for: the message to send, or null to leave it to the browser. */
export function asked(event, view) {
  if (isHeld(event)) return null;
  if (event.key === "Backspace") return { do: "goto", walk: view.walk, at: view.at - 1 };
  const offer = numbered(view.actors).find((one) => String(one.number) === event.key);
  return offer ? { do: "take", at: view.at, move: offer.move } : null;
}

function fork() {
  const path = draw("path", { d: FORK, fill: "none", stroke: "currentColor" });
  return draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}

function part(tag, name, ...children) {
  return make(tag, { class: `gmdrive-${name}` }, ...children);
}

function button(name, label, ...children) {
  return make("button", { type: "button", class: `gmdrive-${name}`, title: label, ...KEPT }, ...children);
}

/** Set what a button says and asks for; without a message it only stands there. */
function arm(node, message, ...children) {
  node.replaceChildren(...children);
  node.setAttribute("aria-disabled", String(!message));
  node.message = message;
}

/** Build the empty panel: {host, and each part that a view fills}. */
function skeleton() {
  const parts = {
    scenario: part("span", "note"), where: part("strong", "where"), end: part("div", "end"),
    actors: part("ul", "actors"), reached: part("ul", "reached"), walks: part("ul", "walks"),
    back: button("back", "Back one step (Backspace)", "← Back"),
    again: button("again", "Back to the beginning; branches stay", "⟲ Start over"),
    live: make("div", { class: "gmdrive-live", "aria-live": "polite", "aria-atomic": "true" }),
  };
  const p = parts;
  const bar = make("div", { class: "gmdrive-bar", role: "group", "aria-label": "Way back" },
    p.back, p.again, p.where, p.scenario);
  const host = make("div", { class: "gmemviz-panel gmemviz", tabindex: "0", role: "group",
    "aria-label": "Driver", ...KEPT });
  const choices = make("section", { "aria-label": "What can happen next, and what cannot" },
    part("div", "heading", "What can happen next, and what cannot"), p.actors, p.end);
  const tried = make("section", { "aria-label": "Branches tried" },
    part("div", "heading", "Branches tried"), p.walks);
  const goals = make("section", { "aria-label": "What runs of this scenario reach" },
    part("div", "heading", "Seen in this run"), p.reached);
  host.append(bar, choices, part("div", "below", tried, goals), p.live);
  return { host, ...parts };
}

/** Make the row of one actor; its first button is always there. */
function row(name) {
  const first = button("offer", "");
  const on = button("on", `Let ${name} go on until something changes`, "▸▸");
  on.setAttribute("aria-label", `Let ${name} go on until something changes`);
  const offers = part("div", "offers", first);
  const node = make("li", { class: "gmdrive-actor" }, part("span", "name", name), offers, on);
  return { name, node, offers, on };
}

function fillOffer(node, offer, at) {
  const facts = [offer.words, offer.hook && `hook ${offer.hook}`, offer.place].filter(Boolean).join(" · ");
  const tried = offer.tried ? part("span", "tried", "tried") : "";
  arm(node, { do: "take", at, move: offer.move }, part("kbd", "number", String(offer.number)),
    part("span", "words", part("code", "function", offer.function), ` ${offer.says} `, tried),
    part("span", "facts", facts));
  node.title = [offer.through && `through ${offer.through}`, offer.place].filter(Boolean).join("\n");
  node.dataset.context = offer.context;
}

function fillBlocked(node, actor) {
  const when = actor.soonest ? `; ${actor.soonest}` : "";
  arm(node, null, part("kbd", "number", actor.is_done ? "✓" : "–"),
    part("span", "words", ...(actor.function ? [part("code", "function", actor.function), " "] : []), actor.why),
    part("span", "facts", actor.is_done ? "at its end" : `cannot now${when}`));
  node.title = "";
  delete node.dataset.context;
}

function fillRow({ node, offers, on }, actor, view) {
  const wanted = Math.max(1, actor.offers.length);
  while (offers.children.length < wanted) offers.append(button("offer", ""));
  while (offers.children.length > wanted) {
    if (offers.lastChild === document.activeElement) offers.firstChild.focus(); // not lost with it
    offers.lastChild.remove();
  }
  const all = numbered(view.actors);
  const of = (offer) => all.find((one) => String(one.move) === String(offer.move));
  actor.offers.forEach((offer, i) => fillOffer(offers.children[i], of(offer), view.at));
  if (!actor.offers.length) fillBlocked(offers.firstChild, actor);
  arm(on, actor.offers.length === 1 ? { do: "on", at: view.at, actor: actor.name } : null, "▸▸");
  node.classList.toggle("is-blocked", !actor.offers.length);
}

function turnOf(walk, turn) {
  const open = turn.is_open ? "another choice was open here; go back into it" : "go to its end";
  const node = button("turn", `${turn.actor}, steps ${turn.text}: ${open}`,
    `${turn.actor} ${turn.text}`, turn.is_open ? fork() : "");
  if (turn.is_here) node.setAttribute("aria-current", "step");
  node.message = { do: "goto", walk: walk.walk, at: turn.last };
  return node;
}

function walkOf(walk) {
  const head = walk.depth ? [fork(), ` from step ${walk.after} `] : [];
  const end = walk.end && part("span", walk.is_bad ? "bad" : "good", `${walk.is_bad ? "✖" : "✓"} ${walk.end}`);
  const node = make("li", {}, part("span", "from", ...head), ...walk.turns.map((turn) => turnOf(walk, turn)), end || "");
  node.style.marginLeft = `${Math.min(walk.depth, 6) * 14}px`;
  node.classList.toggle("is-tip", walk.is_tip);
  return node;
}

function render({ model, el }) {
  const view = skeleton();
  let rows = [], kept = null;
  const now = () => model.get("view");
  const send = (message) => message && model.send(message);

  const onView = () => {
    const { actors, ...shown } = now();
    if (rows.map((one) => one.name).join() !== actors.map((one) => one.name).join()) {
      rows = actors.map((actor) => row(actor.name));
      view.actors.replaceChildren(...rows.map((one) => one.node));
    }
    rows.forEach((one, i) => fillRow(one, actors[i], now()));
    view.scenario.textContent = shown.scenario;
    view.where.textContent = shown.where;
    view.end.textContent = shown.refused || shown.end;
    view.end.className = `gmdrive-end${shown.end || shown.refused ? " gm-verdict" : ""}` +
      (shown.is_bad || shown.refused ? " gm-bad" : shown.end ? " gm-good" : "");
    arm(view.back, shown.at ? { do: "goto", walk: shown.walk, at: shown.at - 1 } : null, "← Back");
    arm(view.again, shown.at ? { do: "goto", walk: shown.walk, at: 0 } : null, "⟲ Start over");
    view.reached.replaceChildren(...shown.reached.map(({ name, yes }) =>
      make("li", {}, yes ? "✓ " : "· ", name, make("span", { class: "gmdrive-live" }, yes ? " (yes)" : " (not yet)"))));
    showWalks(shown.walks);
    clearTimeout(kept); // a rush of steps is not read out
    kept = setTimeout(() => (view.live.textContent = shown.refused || shown.said), 700);
  };
  const showWalks = (walks) => {
    const at = [...view.walks.querySelectorAll("button")].indexOf(document.activeElement);
    view.walks.replaceChildren(...walks.map(walkOf));
    if (at >= 0) view.walks.querySelectorAll("button")[at]?.focus();
    const mark = view.walks.querySelector("[aria-current]")?.closest("li");
    if (mark) view.walks.scrollTop = mark.offsetTop - view.walks.offsetTop - 40; // and not the page
  };

  view.host.addEventListener("click", (event) => send(event.target.closest("button")?.message));
  view.host.addEventListener("keydown", (event) => {
    const message = asked(event, now());
    if (!message) return;
    event.preventDefault();
    event.stopPropagation();
    send(message);
  });
  model.on("change:view", onView);
  const resized = new ResizeObserver(() => {
    claim(el);
    const driver = el.closest(".gmemviz-driver");
    driver?.classList.toggle("is-wide", driver.clientWidth >= BESIDE * parseFloat(getComputedStyle(view.host).fontSize));
  });
  onView();
  el.replaceChildren(view.host);
  resized.observe(el);

  return () => {
    clearTimeout(kept);
    resized.disconnect();
    model.off("change:view", onView);
    el.replaceChildren();
  };
}

export default { render };
