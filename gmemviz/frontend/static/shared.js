// What our front ends share. Python joins the files of each into one text (`script` in player.py):
// anywidget loads it from a Blob, where an import would not resolve.

const SVG = "http://www.w3.org/2000/svg";
// JupyterLab asks the focused element itself whether its keys are its own, before those around it.
const KEPT = { "data-lm-suppress-shortcuts": "true" };

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

/** Say whether a key comes with one that makes it the browser's, or JupyterLab's. */
function isHeld(event) {
  return event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
}

// Out of a widget to what is around it: in a notebook the cell, whose keys are JupyterLab's.
function leave(event) {
  if (event.key !== "Escape" || isHeld(event) || event.defaultPrevented || document.fullscreenElement) return;
  const around = event.currentTarget.parentElement?.closest("[tabindex]");
  event.stopPropagation();
  if (around) around.focus({ preventScroll: true });
  else document.activeElement?.blur();
}

// ipywidgets says by a class alone which toggle is pressed, and names neither a row of them nor a
// menu that has its word beside it.
function tellToggles(root) {
  const tell = (one) => one.setAttribute("aria-pressed", String(one.classList.contains("mod-active")));
  const heard = new MutationObserver((all) => all.forEach(({ target }) => tell(target)));
  const beside = (node) => (node.previousElementSibling?.matches(".widget-label") ? node.previousElementSibling.textContent : "");
  for (const one of root.querySelectorAll(".widget-toggle-button:not([aria-pressed])")) {
    tell(one);
    heard.observe(one, { attributeFilter: ["class"] });
    const name = beside(one.parentElement);
    if (name) dress(one.parentElement, { role: "group", "aria-label": name });
  }
  for (const one of root.querySelectorAll(".widget-dropdown > select")) {
    const name = beside(one.parentElement);
    if (name) one.setAttribute("aria-label", name);
  }
}

function keepKeys(root) {
  for (const one of root.querySelectorAll("button, input, select, summary, [tabindex]")) dress(one, KEPT);
}

/** Make what ipywidgets drew around a view ours: its keys, its states, the verdict read aloud.
 *
 * `el` is attached after render, so a view calls this when it has been given its size.
 */
function claim(el) {
  const root = el.closest(".gmemviz-explorer") ?? el;
  dress(root, KEPT);
  keepKeys(root);
  tellToggles(root);
  // What is announced is what changes in a region that was there before.
  const verdicts = ":is(.gmemviz-verdict .widget-html-content, .widget-html-content:has(> .gm-verdict)):not([aria-live])";
  for (const one of root.querySelectorAll(verdicts)) {
    one.setAttribute("aria-live", "polite");
    new MutationObserver(() => keepKeys(one)).observe(one, { childList: true });
  }
  if (root.dataset.gmemviz) return;
  root.dataset.gmemviz = "claimed";
  root.addEventListener("keydown", leave);
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

/** Make a button that copies what `give` returns as {text, what}, and says so in `told`. */
function copier(words, field, told, give) {
  const button = make("button", { type: "button", class: "jupyter-widgets jupyter-button widget-button", ...KEPT }, words);
  button.addEventListener("click", async () => {
    const { text, what } = give();
    told.textContent = "";
    const done = await isCopied(text, field);
    told.textContent = done ? `${what} is copied.` : `${what} is selected: copy it with Ctrl+C.`;
    if (done) button.focus();
  });
  return button;
}
