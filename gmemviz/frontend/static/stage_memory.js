// Memory: structs as pahole prints them, pointers between them, and an arrow from who runs.
//
// Where an object stands is settled once a run, from all members that it ever has: nothing jumps.

const ROW = 18, LOW = 14.5, TITLE = 19, GAP = 13, PILL = 40, LINE_PILL = 22;
const LEFT = /^(folio|file|dentry)\b/;
const GOES_FIRST = [/^dentry/, /^file/, /^folio/]; // what is left out first where room is short

/** Return the memory after each step, whole: the value has only what changes. */
export function whole(frames) {
  let before = {};
  return frames.map((frame) => (before = { ...before, ...frame }));
}

/** Return every object of a run with the names of all members that it ever has. */
export function outline(frames) {
  const found = new Map();
  for (const frame of frames) {
    for (const [id, object] of Object.entries(frame)) {
      const rows = found.get(id)?.rows ?? [];
      for (const [name] of object.members) if (!rows.includes(name)) rows.push(name);
      found.set(id, { id, rows, title: object.title });
    }
  }
  return [...found.values()];
}

function sideOf(object, inodes) {
  if (inodes.includes(object.id)) return "left";
  return LEFT.test(object.id) ? "left" : "right";
}

const heightOf = (object, row = ROW) => TITLE + object.rows.length * row + (object.rows.length ? 0 : 3);

/** Return the height that memory needs: rows close together, nothing left out but what may be. */
export function wishedMemory(memory, frames, kept) {
  const tall = (side) => thinned(outline(frames).filter((object) => sideOf(object, memory.inodes) === side), 0, kept)
    .reduce((sum, object) => sum + heightOf(object, LOW + 1) + 8, 0);
  return Math.max(tall("left"), tall("right")) + 12;
}

/** Leave out what matters least until the rest fits below each other; `kept` is never left out. */
export function thinned(objects, room, kept) {
  const shown = [...objects];
  const tall = () => shown.reduce((sum, object) => sum + heightOf(object, LOW) + 6, 0);
  for (const pattern of GOES_FIRST) {
    for (const object of objects) {
      if (tall() > room && pattern.test(object.id) && !kept.has(object.id)) shown.splice(shown.indexOf(object), 1);
    }
  }
  return shown;
}

/** Put a column of objects below each other, closer together where they are many. */
function stacked(objects, x, width, room) {
  const plain = objects.reduce((sum, object) => sum + heightOf(object), 0);
  const gap = Math.max(5, Math.min(22, (room - plain) / Math.max(1, objects.length - 1)));
  const lines = objects.reduce((sum, object) => sum + object.rows.length, 0) || 1;
  const row = Math.min(ROW, Math.max(LOW, (room - objects.length * (TITLE + 6)) / lines));
  let y = 1;
  return objects.map((object) => {
    const box = { ...object, x, y, width, row, height: heightOf(object, row) };
    y += box.height + Math.min(gap, GAP + 9);
    return box;
  });
}

/** Return a box for each object, by its id, and one for who runs. */
export function placed(memory, frames, size, kept) {
  const { width, height } = size;
  const objects = outline(frames);
  const first = (object) => (memory.inodes.includes(object.id) ? 0 : 1);
  const of = (side) => objects.filter((object) => sideOf(object, memory.inodes) === side).sort((a, b) => first(a) - first(b));
  const narrow = width < 520;
  const left = Math.min(270, width * (narrow ? 0.44 : 0.38)), right = Math.min(300, width * (narrow ? 0.47 : 0.44));
  const at = Math.min(width - right - 1, left + Math.max(30, (width - left - right) * 0.8));
  const pillHigh = height < 190 ? LINE_PILL : PILL, below = pillHigh === PILL ? 24 : 12;
  const lefts = thinned(of("left"), height, kept), free = height - lefts.reduce((sum, object) => sum + heightOf(object, 16) + GAP, 0);
  const beside = free < pillHigh + below && at - left > 190; // no room below: who runs stands in the gutter
  const room = beside ? height - 2 : height - pillHigh - below;
  const boxes = [...stacked(thinned(lefts, room, kept), 1, left, room), ...stacked(thinned(of("right"), height, kept), at, right, height - 2)];
  const bottom = Math.max(...boxes.filter((box) => box.x === 1).map((box) => box.y + box.height), 0);
  const pill = beside
    ? { id: "who", x: left + 24, y: height - pillHigh - 2, width: at - left - 62, height: pillHigh, rows: [] }
    : { id: "who", x: 1, y: Math.min(height - pillHigh - 2, Math.max(bottom + 44, 210)), width: pillHigh === LINE_PILL && at - left < 70 ? left * 0.66 : left, height: pillHigh, rows: [] };
  return new Map([...boxes, pill].map((box) => [box.id, box]));
}

// ---- drawing an object -----------------------------------------------------------------

/** Build an object's empty box: a frame, a title, and a row for each member it ever has. */
function boxOf(box) {
  const frame = draw("rect", { x: 0, y: 0, width: box.width, height: box.height, rx: 3, class: "gms-frame" });
  const hatch = draw("rect", { x: 0, y: 0, width: box.width, height: box.height, rx: 3, class: "gms-hatched" });
  const head = draw("rect", { x: 0, y: 0, width: box.width, height: TITLE, rx: 3, class: "gms-head" });
  const title = words(6, 14, "", "gms-title"), note = words(box.width - 6, 14, "", "gms-note", { "text-anchor": "end" });
  const rows = box.rows.map((name, i) => rowOf(box, name, TITLE + i * box.row));
  const group = draw("g", { transform: `translate(${box.x} ${box.y})`, class: "gms-object" }, frame, head, hatch, title, note, ...rows.map((row) => row.group));
  return { group, title, note, rows, box };
}

function rowOf(box, name, y) {
  const base = y + box.row / 2 + 4;
  const ground = draw("rect", { x: 1, y: y + 0.5, width: box.width - 2, height: box.row - 1, class: "gms-ground" });
  const value = words(valueAt(box), base, "", "gms-value");
  const label = words(6, base, fit(name, valueAt(box) - 10, 11.5, MONO), "gms-member");
  const dot = draw("circle", { cx: box.width - 9, cy: y + box.row / 2, r: 2.6, class: "gms-dot" });
  return { name, group: draw("g", { class: "gms-row" }, ground, label, value, dot), value, y: y + box.row / 2 };
}

function valueAt(box) {
  const longest = Math.max(0, ...box.rows.map((name) => widthOf(name, 11.5, MONO)));
  return Math.min(longest + 14, box.width * 0.6);
}

/** Make a box say what its object is after one step. */
function fill(view, object, step) {
  const { box } = view, wrong = step.wrong[0] === box.id;
  view.group.setAttribute("class", `gms-object is-${object.status}${object.is_yours ? " is-yours" : ""}${wrong ? " is-wrong" : ""}`);
  const room = box.width - widthOf(object.title, 12, SANS, 700) - 18, short = object.note.split(" by ")[0];
  const note = [object.note, short].find((text) => widthOf(text, 11.5, SANS, 700) <= room);
  view.note.textContent = note ?? fit(short, room, 11.5, SANS, 700);
  view.title.textContent = fit(object.title, box.width - 12, 12, SANS, 700);
  const members = new Map(object.members.map((member) => [member[0], member]));
  for (const row of view.rows) {
    const [, value, to, look] = members.get(row.name) ?? ["", "", "", "none"];
    row.value.textContent = fit(value, box.width - valueAt(box) - 6, 11.5, MONO);
    const lit = step.lit[0] === box.id && step.lit[1] === row.name;
    const bad = wrong && step.wrong[1] === row.name;
    row.group.setAttribute("class", `gms-row is-${look || "plain"}${lit ? " is-now" : ""}${bad ? " is-wrong" : ""}${to ? " has-pointer" : ""}`);
  }
}

// ---- arrows ----------------------------------------------------------------------------

function head(x, y, angle, size, name) {
  const d = `M0 0 L${-size} ${-size * 0.42} L${-size} ${size * 0.42} Z`;
  return draw("path", { d, transform: `translate(${x} ${y}) rotate(${angle})`, class: `gms-arrowhead ${name}` });
}

/** Draw a pointer from a member's dot to the title of what it leads to. */
function pointer(from, y, to, name) {
  const x = from.x + from.width - 9, top = from.y + y, end = to.y + TITLE / 2;
  if (to.x > from.x + from.width) {
    const bend = Math.max(24, (to.x - x) / 2);
    const d = `M${x} ${top} C${x + bend} ${top} ${to.x - bend} ${end} ${to.x - 6} ${end}`;
    return [draw("path", { d, class: `gms-pointer ${name}` }), head(to.x - 1, end, 0, 7, name)];
  }
  if (to.x === from.x && to.y > from.y && to.y - from.y - from.height < 40 && y > from.height - 20) { // straight down, such as super_block to s_op
    return [draw("path", { d: `M${x} ${top} V${to.y - 6}`, class: `gms-pointer ${name}` }), head(x, to.y - 1, 90, 7, name)];
  }
  const edge = to.x + to.width, out = Math.max(edge, from.x + from.width) + 16;
  const d = to.x === from.x
    ? `M${x} ${top} C${out + 8} ${top} ${out + 8} ${end} ${edge + 6} ${end}`
    : `M${from.x + 4} ${top} C${from.x - 30} ${top} ${edge + 40} ${end} ${edge + 6} ${end}`;
  return [draw("path", { d, class: `gms-pointer ${name}` }), head(edge + 1, end, 180, 7, name)];
}

/** Say where an arrow from who runs ends: at the row that it is about, or at the title. */
function aim(view, member) {
  const row = view.rows.find((each) => each.name === member);
  return view.box.y + (row ? row.y : view.rows.length ? TITLE / 2 : TITLE / 2 + 6);
}

/** Lay an arrow from who runs to a box: {d, tip, name, at: where its verb stands, end: its cross}. */
function touch(pill, view, arrow) {
  const { box } = view, name = arrow.wrong ? "is-wrong" : "is-touch", y = aim(view, arrow.member);
  const size = arrow.wrong ? 12 : 9, room = arrow.wrong ? 17 : 0; // a disc stands between head and box
  const isRight = box.x >= pill.x + pill.width, side = isRight ? -1 : 1;
  const edge = isRight ? box.x : box.x + box.width, end = edge + side * room;
  const shared = { name, tip: head(end, y, isRight ? 0 : 180, size, name), end: [edge + side * 8.5, y] };
  const stop = end + side * (size - 1), middle = pill.y + pill.height / 2;
  if (pill.x > 1 && y < pill.y - 4) { // from the gutter: up, then to either side
    const x = isRight ? pill.x + pill.width - 14 : pill.x + 14;
    return { ...shared, d: `M${x} ${pill.y} V${y} H${stop}`, at: [x, (pill.y + y) / 2] };
  }
  if (pill.x > 1) { // beside it, at its own height
    const start = isRight ? pill.x + pill.width : pill.x;
    return { ...shared, d: `M${start} ${y} H${stop}`, at: [(start + edge) / 2 + side * 18, pill.y - 12] };
  }
  const start = pill.x + pill.width;
  if (isRight) {
    const bend = Math.max(30, (end - start) / 2);
    return { ...shared, d: `M${start} ${middle} C${start + bend} ${middle} ${end - bend} ${y} ${stop} ${y}`, at: [(start + end) / 2, (middle + y) / 2] };
  }
  const out = Math.max(box.x + box.width, start) + 24; // above who runs: by the gutter, and in from the right
  const d = `M${start} ${middle} H${out - 6} Q${out} ${middle} ${out} ${middle - 6} V${y + 6} Q${out} ${y} ${out - 6} ${y} H${stop}`;
  return { ...shared, d, at: [out + 2, (middle + y) / 2] };
}

/** Put a verb on an arrow, on a plate of paper so that it is read where lines are. */
function plate([x, y], text, name) {
  const wide = widthOf(text, 12, SANS, 700) + 8;
  return draw("g", { class: `gms-plate ${name}`, transform: `translate(${x} ${y})` },
    draw("rect", { x: -wide / 2, y: -9, width: wide, height: 18, rx: 2 }), words(0, 4, text, "", { "text-anchor": "middle" }));
}

function touches(boxes, views, step) {
  const seen = step.touches.filter((arrow) => views.has(arrow.object));
  const wrong = seen.filter((arrow) => arrow.wrong), plain = seen.filter((arrow) => !arrow.wrong).slice(-1);
  return [...(wrong.length ? [] : plain), ...wrong].flatMap((arrow) => {
    const drawn = touch(boxes.get("who"), views.get(arrow.object), arrow);
    const parts = [draw("path", { d: drawn.d, class: `gms-touch ${drawn.name}` }), drawn.tip, plate(drawn.at, arrow.verb, drawn.name)];
    return arrow.wrong ? [...parts, cross(...drawn.end)] : parts;
  });
}

function pointers(boxes, views, frame, step) {
  const lines = [];
  for (const [id, view] of views) {
    for (const [name, , to, look] of frame[id]?.members ?? []) {
      const row = view.rows.find((each) => each.name === name), target = views.get(to);
      if (!row || !target || frame[id].status === "absent" || frame[to]?.status === "absent") continue;
      const stale = frame[to].status === "freed" || frame[id].status === "freed" || look === "stale";
      const read = stale && step.wrong[0] === to;
      lines.push(...pointer(view.box, row.y, target.box, read ? "is-read" : stale ? "is-stale" : ""));
    }
  }
  return lines;
}

function pillOf(box, step) {
  const bad = step.wrong[0] === "who", middle = box.x + box.width / 2;
  const rect = draw("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 14, class: "gms-pill" });
  if (box.height < PILL) return pillLine(box, step, rect, bad);
  const name = words(middle, box.y + 17, fit(step.actor, box.width - 16, 12.5, SANS, 700), "gms-pill-name", { "text-anchor": "middle" });
  const at = words(middle, box.y + 32, fit(step.function, box.width - 16, 11.5, MONO), "gms-pill-at", { "text-anchor": "middle" });
  return draw("g", { class: `gms-who${bad ? " is-wrong" : ""}${step.rests ? " is-resting" : ""}` }, rect, name, at, ...(bad ? [cross(box.x + box.width, box.y)] : []));
}

/** Write who runs and where in one line, where there is no room for two. */
function pillLine(box, step, rect, bad) {
  const who = words(box.x + 12, box.y + 15, fit(step.actor, box.width * 0.4, 12.5, SANS, 700), "gms-pill-name");
  const room = box.width - 32 - widthOf(who.textContent, 12.5, SANS, 700);
  const at = words(box.x + box.width - 12, box.y + 15, fit(step.function, room, 11.5, MONO), "gms-pill-at", { "text-anchor": "end" });
  return draw("g", { class: `gms-who${bad ? " is-wrong" : ""}${step.rests ? " is-resting" : ""}` }, rect, who, at, ...(bad ? [cross(box.x + box.width, box.y)] : []));
}

/** Name what is never left out: what is wrong, and the inodes. */
export function keptOf(value) {
  return new Set([...value.steps.flatMap((step) => step.wrong.slice(0, 1)), ...value.memory.inodes]);
}

/** Make a picture of memory: {svg, show(step number)}. */
export function memoryView(value, frames, size, jump) {
  const boxes = placed(value.memory, frames, size, keptOf(value));
  const views = new Map([...boxes].filter(([id]) => id !== "who").map(([id, box]) => [id, boxOf(box)]));
  const lines = draw("g"), arrows = draw("g"), objects = draw("g", {}, ...[...views.values()].map((view) => view.group));
  const svg = draw("svg", { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, class: "gms-memory", role: "img" },
    hatches(), lines, objects, arrows);
  for (const [id, view] of views) view.group.addEventListener("click", () => jump(lastChange(frames, id)));
  const show = (at) => {
    const step = value.steps[at], frame = frames[at];
    for (const [id, view] of views) fill(view, frame[id] ?? { status: "absent", title: "", note: "", members: [] }, step);
    lines.replaceChildren(...pointers(boxes, views, frame, step));
    arrows.replaceChildren(pillOf(boxes.get("who"), step), ...touches(boxes, views, step));
    svg.setAttribute("aria-label", spokenMemory(frame));
  };
  return { svg, show };
}

/** Name the step at which an object last became something else: where a click on it leads. */
export function lastChange(frames, id) {
  for (let at = frames.length - 1; at > 0; at -= 1) {
    if (frames[at][id]?.status !== frames[at - 1][id]?.status) return at;
  }
  return 0;
}

function spokenMemory(frame) {
  const there = Object.values(frame).filter((object) => object.status !== "absent");
  return there.map((object) => `${object.title}: ${object.note || object.status}`).join("; ");
}
