// The Explorer's state: shown, copied as a link, and asked for by the address of the page.
//
// It follows shared.js in one text. Python owns `run` and `told`; the step is the player's, which
// knows it without a kernel. The address comes from strangers: Python reads what it asks for as a
// name of things, and what comes of it is said with textContent.

const TAKEN = Symbol.for("gmemviz.state"); // of the page: one Explorer takes it, once

/** Say which state the address asks for, "" where it asks for none. */
export function askedBy(address) {
  return new URL(address).searchParams.get("state") ?? "";
}

/** Say whether both addresses are of the same notebook. */
export function isSame(one, other) {
  // Another window of JupyterLab has a workspace of its own before the file's name.
  const [a, b] = [one, other].map((address) => new URL(address).pathname.split("/").pop());
  return a === b;
}

/** Make a link to a state, or give it as it is where the page has no address of its own.
 *
 * Nothing else of the query goes along: it may hold a token.
 */
export function linkTo(address, state) {
  const { protocol, origin, pathname } = new URL(address);
  const path = pathname.replace(/\/lab\/workspaces\/[^/]+\//, "/lab/"); // which is this window's alone
  return /^https?:$/.test(protocol) ? `${origin}${path}?state=${state.replaceAll("+", "%2B")}` : state;
}

function opening() {
  // JupyterLab takes the query away before a widget is there; the browser remembers it.
  const opened = performance.getEntriesByType("navigation")[0]?.name ?? location.href;
  const state = isSame(opened, location.href) && !globalThis[TAKEN] ? askedBy(opened) : "";
  if (state) globalThis[TAKEN] = true;
  return state;
}

// Who follows a link wants to see where it leads; `el` is attached after render.
function shown(el) {
  const sized = new ResizeObserver(() => {
    if (!el.clientWidth) return;
    sized.disconnect();
    (el.closest(".gmemviz-explorer") ?? el).scrollIntoView();
  });
  sized.observe(el);
}

async function render({ model, el }) {
  const field = make("input", { type: "text", readonly: "", "aria-label": "state", ...KEPT });
  const told = make("span", { role: "status" });
  const player = await model.widget_manager.get_model(model.get("player").replace("IPY_MODEL_", ""));

  // A recording is no run of the model: the state names the Design, and no step of it.
  const state = () => model.get("run") + (model.get("has_step") ? `/${player.get("index") + 1}` : "");
  const onStep = () => (field.value = state());
  const onTold = () => (told.textContent = model.get("told"));
  const button = copier("copy link", field, told, () => {
    onStep();
    const text = linkTo(location.href, field.value);
    return { text, what: text === field.value ? "The state" : `A link to this ${model.get("has_step") ? "step" : "Design"}` };
  });
  const heard = [[model, "change:run change:has_step", onStep], [player, "change:index", onStep], [model, "change:told", onTold]];
  for (const [one, name, act] of heard) one.on(name, act);
  onStep();
  onTold();
  el.classList.add("gmemviz-link");
  el.replaceChildren(make("div", { class: "widget-text" }, field), button, told);

  const asked = opening();
  if (asked) {
    model.send({ state: asked });
    shown(el);
  }
  return () => heard.forEach(([one, name, act]) => one.off(name, act));
}

export default { render };
