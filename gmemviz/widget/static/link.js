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

/** Copy a text, by a selected field where the page may not use the clipboard; say whether it is. */
async function isCopied(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.value = text;
    field.select();
    return document.execCommand("copy");
  }
}

async function render({ model, el }) {
  const field = make("input", { type: "text", readonly: "", "aria-label": "state", ...KEPT });
  const button = make("button", { type: "button", class: "jupyter-widgets jupyter-button widget-button", ...KEPT },
    "copy link");
  const told = make("span", { role: "status" });
  const player = await model.widget_manager.get_model(model.get("player").replace("IPY_MODEL_", ""));

  const onStep = () => (field.value = `${model.get("run")}/${player.get("index") + 1}`);
  const onTold = () => (told.textContent = model.get("told"));
  const onClick = async () => {
    onStep();
    const link = linkTo(location.href, field.value);
    const what = link === field.value ? "The state" : "A link to this step";
    told.textContent = "";
    const done = await isCopied(link, field);
    told.textContent = done ? `${what} is copied.` : `${what} is selected: copy it with Ctrl+C.`;
    if (done) button.focus();
  };
  button.addEventListener("click", onClick);
  const heard = [[model, "change:run", onStep], [player, "change:index", onStep], [model, "change:told", onTold]];
  for (const [one, name, act] of heard) one.on(name, act);
  onStep();
  onTold();
  el.classList.add("gmemviz-link");
  el.replaceChildren(make("div", { class: "widget-text" }, field), button, told);

  const state = opening();
  if (state) {
    model.send({ state });
    shown(el);
  }
  return () => heard.forEach(([one, name, act]) => one.off(name, act));
}

export default { render };
