// The player's pure parts: steps, keys, words, layout. tests/js runs them under node.

const CONTEXTS = {
  P: "process context, may sleep",
  L: "i_lock held, must not sleep",
  B: "RCU callback, softirq",
};
const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back",
  Home: "first", End: "last", " ": "play",
};

/** Bring any number into 0 … count - 1. */
export function clamp(index, count) {
  return Math.max(0, Math.min(Math.trunc(Number(index)) || 0, count - 1));
}

/** Say where an action leads, or the same index if it leads nowhere. */
export function moved(action, index, count) {
  const to = { next: index + 1, back: index - 1, first: 0, last: count - 1 }[action];
  return clamp(to ?? index, count);
}

/** Name what a key press means to the player; "" leaves it to the browser. */
export function keyAction(event, tag = "DIV") {
  if (isHeld(event)) return "";
  if (tag === "PRE" || (tag === "SELECT" && !event.key.startsWith("Page"))) return ""; // own keys: scroll, choose
  if (event.key === " " && (tag === "BUTTON" || tag === "SUMMARY")) return ""; // a press
  return Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : "";
}

/** List [id, role] of what differs; role "" is the base look. */
export function changes(before, after) {
  const gone = Object.keys(before).filter((id) => !Object.hasOwn(after, id));
  const set = Object.keys(after).filter((id) => before[id] !== after[id]);
  return [...gone.map((id) => [id, ""]), ...set.map((id) => [id, after[id]])];
}

export function styledClass(base, role) {
  return role ? `${base} role-${role.replace(/[^\w-]/g, "_")}`.trim() : base;
}

/** Put a frame's context in the film's words, else in our own. */
export function contextWords(film, context) {
  const words = film.contexts ?? {};
  return (Object.hasOwn(words, context) ? words[context] : CONTEXTS[context]) ?? context;
}

/** Say a step in one line, for a screen reader. */
export function spoken(film, index) {
  const frame = film.frames[index];
  const parts = [`Step ${index + 1} of ${film.frames.length}: ${frame.label}`];
  if (frame.context) parts.push(contextWords(film, frame.context));
  if (frame.defect) parts.push(`defect: ${frame.defect}`);
  return [parts.join(", "), frame.sentence].filter(Boolean).join(". ");
}

/** Say how long a step stays; who asked for less motion gets a slow one. */
export function stepMs(intervalMs, speed, isReduced) {
  return Math.max(intervalMs / speed, isReduced ? 1500 : 20);
}

const CAPTION = 40; // what a figure is taller than its drawing
const LARGEST = 1.3; // pixels a point; beyond it a drawing shouts

/** Arrange drawings of [width, height] so that the smallest text is as large as can be.
 *
 * The first stands left of the others ("left") or above them ("top").
 */
export function layout([[w, h], ...others], width, height, caption = CAPTION) {
  const fit = (...scales) => Math.max(0.05, Math.min(LARGEST, ...scales));
  const sum = (list) => list.reduce((total, n) => total + n, 0);
  const [widths, heights] = [0, 1].map((axis) => others.map((size) => size[axis]));
  const wide = widths.map((n) => Math.max(n, Math.max(...widths) / 2)); // room for a caption
  const left = (share) => {
    const a = fit((share * width) / w, (height - caption) / h);
    const b = fit(((1 - share) * width) / Math.max(...widths), (height - caption * others.length) / sum(heights));
    const rows = heights.map((n) => n * b + caption);
    const spare = Math.max(0, h * a + caption - sum(rows)) / rows.length;
    return { shape: "left", scales: [a, b], columns: [share, 1 - share], rows: rows.map((n) => n + spare) };
  };
  const top = (share) => {
    const a = fit(width / w, (share * height - caption) / h);
    if (!others.length) return { shape: "top", scales: [a, a], columns: [1], rows: [h * a + caption] };
    const b = fit(width / sum(wide), ((1 - share) * height - caption) / Math.max(...heights));
    const rows = [h * a + caption, Math.max(...heights) * b + caption];
    return { shape: "top", scales: [a, b], columns: wide, rows };
  };
  const shares = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7];
  const options = others.length ? [...shares.map(left), ...shares.map(top)] : [top(1)];
  const worth = ({ scales: [a, b] }) => Math.min(a, b) + 0.01 * (a + b);
  return options.reduce((best, one) => (worth(one) > worth(best) ? one : best));
}
