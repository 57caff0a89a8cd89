// The Design as C: closed until it is asked for, copied with one click, with what a toggle did to it.
//
// It follows shared.js in one text. Python owns `text`, `why` and `changes`, which has [at, new, gone]
// for each place: from line `at` (0 is the first) on, `new` lines came where `gone` lines were.
// Every word goes through textContent.

const IN_SIGHT = 3; // lines above the place that changed most

/** Return what stands in the margin, a line a line: "+" where one is new, "−" where some went before it. */
export function marginOf(count, changes) {
  const marks = Array(count).fill("");
  for (const [at, fresh] of changes) {
    if (fresh) marks.fill("+", at, at + fresh);
    else marks[Math.min(at, count - 1)] ||= "−";
  }
  return marks;
}

/** Say how long the text is, and what the last toggle did to it. */
export function titleOf(count, changes) {
  const sum = (part) => changes.reduce((all, one) => all + one[part], 0);
  return `The Design as C, ${count} lines` + (changes.length ? `; the last toggle: ${sum(1)} new, ${sum(2)} gone` : "");
}

/** Return the place where most lines came or went: the title changes at every toggle. */
export function mostOf(changes) {
  return changes.reduce((most, one) => (one[1] + one[2] > most[1] + most[2] ? one : most));
}

/** Part a text into runs of lines, alternately as they were and new. */
export function partsOf(lines, changes) {
  const edges = changes.filter(([, fresh]) => fresh).flatMap(([at, fresh]) => [at, at + fresh]);
  return [0, ...edges].map((from, i) => lines.slice(from, edges[i] ?? lines.length).join(""));
}

function render({ model, el }) {
  const open = make("button", { type: "button", class: "gmcode-open", "aria-expanded": "false", ...KEPT });
  const told = make("span", { role: "status" });
  const field = make("textarea", { class: "gmcode-field gmemviz-live", readonly: "", tabindex: "-1", "aria-hidden": "true" });
  const copy = copier("copy C", field, told, () => ({ text: model.get("text"), what: "The C" }));
  const why = make("span");
  const margin = make("span", { class: "gmcode-margin", "aria-hidden": "true" }), code = make("code");
  const pre = make("pre", { tabindex: "0", role: "group", "aria-label": "The Design as C", ...KEPT }, margin, code);

  const onShow = () => {
    const text = model.get("text"), isOpen = open.getAttribute("aria-expanded") === "true";
    for (const one of [open, copy]) one.hidden = !text;
    pre.hidden = !text || !isOpen;
    why.hidden = Boolean(text);
  };
  const onText = () => {
    const lines = model.get("text").match(/[^\n]*\n/g) ?? [], changes = model.get("changes");
    told.textContent = "";
    why.textContent = model.get("why");
    open.textContent = titleOf(lines.length, changes);
    margin.textContent = marginOf(lines.length, changes).join("\n");
    code.replaceChildren(...partsOf(lines, changes).map((part, i) => (i % 2 ? make("mark", {}, part) : part)));
    onShow();
    if (!changes.length || pre.hidden) return;
    const top = (code.offsetHeight / lines.length) * (mostOf(changes)[0] - IN_SIGHT); // its own area: the page stays
    if (top < pre.scrollTop || top > pre.scrollTop + pre.clientHeight / 2) pre.scrollTop = top;
  };
  open.addEventListener("click", () => {
    open.setAttribute("aria-expanded", String(open.getAttribute("aria-expanded") !== "true"));
    onShow();
  });
  model.on("change", onText); // once for all that comes in one message
  onText();
  el.classList.add("gmemviz-code");
  el.replaceChildren(open, copy, told, why, pre, field);
  return () => model.off("change", onText);
}

export default { render };
