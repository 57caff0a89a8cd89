// Words in a picture: how wide they are, what of them fits, and the marks that stand beside them.

const SANS = '"DejaVu Sans Condensed", "Roboto Condensed", "Noto Sans", system-ui, sans-serif';
const MONO = '"DejaVu Sans Mono", ui-monospace, monospace';
const MARK_PATHS = { correct: "M-4 0 L-1 3.5 L4.5 -4", wrong: "M-3.5 -3.5 L3.5 3.5 M3.5 -3.5 L-3.5 3.5", none: "M-4 0 L4 0", unknown: "M-4 0 L-2 0 M0 0 L1 0 M3 0 L4 0" };
let ruler;

/** Say how wide a text is in pixels: `font` as CSS has it. */
export function widthOf(text, size = 11.5, family = SANS, weight = 400) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = `${weight} ${size}px ${family}`;
  return ruler.measureText(text).width;
}

/** Cut a text to the room there is; its begin and its end tell names apart. */
export function fit(text, room, size = 11.5, family = SANS, weight = 400) {
  if (widthOf(text, size, family, weight) <= room) return text;
  for (let kept = text.length - 1; kept > 2; kept -= 1) {
    const tail = kept < 9 ? 0 : Math.floor(kept / 3); // the end of a short name tells nothing
    const cut = `${text.slice(0, kept - tail)}…${tail ? text.slice(-tail) : ""}`;
    if (widthOf(cut, size, family, weight) <= room) return cut;
  }
  return "";
}

/** Shorten a chain of callers, such as close(2) › … › evict: the first and the last stay. */
export function chain(path, room, size = 11) {
  for (let gone = 0; gone <= path.length - 2; gone += 1) {
    const middle = gone ? ["…"] : [];
    const head = path.slice(0, Math.max(1, path.length - 1 - gone));
    const text = [...head, ...middle, ...path.slice(-1)].join(" › ");
    if (path.length > 1 && widthOf(text, size) <= room) return text;
  }
  return fit(path[path.length - 1] ?? "", room, size);
}

function words(x, y, text, name, more = {}) {
  const node = draw("text", { x, y, class: name, ...more });
  node.textContent = text;
  return node;
}

/** Give a node the words that a mouse resting on it shows. */
function tip(node, text) {
  const title = draw("title");
  title.textContent = text;
  node.append(title);
  return node;
}

/** Make the two hatches: of what waits for RCU, and of what is freed. */
function hatches() {
  const hatch = (id, angle) => draw("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` },
    draw("path", { d: "M0 0V6", class: id }));
  return draw("defs", {}, hatch("gms-hatch-rcu", 45), hatch("gms-hatch-freed", -45));
}

/** Draw ✓, ✗ or – as a stroke: fonts draw these signs each in their own way. */
function mark(kind, size = 12) {
  const path = draw("path", { d: MARK_PATHS[kind] ?? "", class: `gms-mark is-${kind}` });
  return draw("svg", { viewBox: "-6 -6 12 12", width: size, height: size, "aria-hidden": "true" }, path);
}

/** Draw the disc with a cross that stands where the defect is. */
function cross(x, y, radius = 9) {
  const disc = draw("circle", { r: radius, class: "gms-disc" });
  const arm = radius * 0.42;
  const path = draw("path", { d: `M${-arm} ${-arm} L${arm} ${arm} M${arm} ${-arm} L${-arm} ${arm}`, class: "gms-cross" });
  return draw("g", { transform: `translate(${x} ${y})`, class: "gms-defect" }, disc, path);
}
