// The exported Stage: it follows stage.js in one script, and shows the value that stands in the page.
//
// Nobody answers here, so there are no choices. The address may name the step to open at, as #12; it
// comes from strangers, and is only compared with the steps that there are.

/** Stand for the notebook's model: it has a value, and nothing of it changes. */
function stillModel(value) {
  const pictures = value.pictures ?? [], tabs = pictures.length ? ["memory", "calls", "states"] : ["memory"];
  const held = { value, words: {}, tints: {}, choices: {}, tab: "memory", tabs, pictures };
  return { get: (name) => held[name], set() {}, save_changes() {}, on() {}, off() {} };
}

/** Read a step from the address: from 1, as it is counted on the page; null where it names none. */
export function askedStep(hash, count) {
  const found = /^#([1-9]\d{0,5})$/.exec(hash);
  return found && Number(found[1]) <= count ? Number(found[1]) - 1 : null;
}

function showPage() {
  const data = document.getElementById("gm-stage-value");
  if (!data) return;
  const value = JSON.parse(data.textContent), count = (value.beats ?? value.steps).length;
  const at = askedStep(location.hash, count);
  render({ model: stillModel(at === null ? value : { ...value, opens: at }), el: document.getElementById("gm-stage") });
}

if (typeof document !== "undefined") showPage();
