// The timeline: lanes by actor, nested slices, waits for RCU across them, and below what lives how long.
//
// Ordinal: a column is as wide as the name that it must carry, and spare room goes to the defect.

const GUTTER = 112, LEAST = 9;

/** Return for each step the number of its column. */
export function columnOf(columns, count) {
  const at = new Array(count).fill(0);
  columns.forEach(([begin, end], i) => at.fill(i, begin, end + 1));
  return at;
}

/** Return how wide each column is, from what the slices in it are called. */
export function widths({ slices, columns, bands }, at, room, moment) {
  const wide = columns.map(() => LEAST);
  const named = slices.map((slice) => [at[slice.begin], at[slice.end], wanted(slice)]);
  const spans = [...named, ...bands.map((band) => [at[band.begin], at[band.end], widthOf("waits for RCU", 11.5, SANS, 700) + 14])].sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
  for (const [from, to, need] of spans) {
    const has = wide.slice(from, to + 1).reduce((sum, n) => sum + n, 0);
    for (let i = from; i <= to && need > has; i += 1) wide[i] += (need - has) / (to - from + 1);
  }
  const sum = wide.reduce((all, n) => all + n, 0);
  if (sum > room) {
    const over = (room - columns.length * LEAST) / Math.max(1, sum - columns.length * LEAST);
    return wide.map((n) => LEAST + (n - LEAST) * Math.max(0, over));
  }
  const spare = room - sum;
  return wide.map((n, i) => n + (spare * 0.75) / wide.length + (i === at[moment] ? spare * 0.25 : 0));
}

function wanted(slice) {
  const name = slice.path[slice.path.length - 1] ?? "";
  return slice.is_leaf || slice.is_yours ? Math.min(190, widthOf(name, 11, SANS, 700) + 14) : 30;
}

/** Choose which lives are shown: what is wrong, then metadata and inodes, then the rest. */
export function livesShown(lives, wrong, inodes, most) {
  const rank = (life) => (life.object === wrong ? 0 : inodes.includes(life.object) ? 1 : LEFT.test(life.object) ? 3 : 2);
  const best = [...lives].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(1, most));
  return lives.filter((life) => best.includes(life));
}

/** Settle the rows: {lanes: [{actor, y, rows}], bars, height, row}. */
export function rowsOf(time, inodes, room) {
  const lanes = time.actors.map((actor) => {
    const depths = time.slices.filter((slice) => slice.actor === actor).map((slice) => slice.depth);
    return { actor, rows: Math.max(0, ...depths) + 1 };
  });
  const lines = lanes.reduce((sum, lane) => sum + lane.rows, 0);
  const row = Math.max(16, Math.min(20, (room - 8) / (lines + Math.min(4, time.lives.length))));
  let y = 2;
  for (const lane of lanes) {
    lane.y = y;
    y += lane.rows * row + (row > 16 ? 3 : 1);
  }
  const bars = livesShown(time.lives, time.subject ?? time.wrong.object, inodes, Math.floor((room - y) / row));
  return { lanes, bars, bar: y + 3, row, height: y + 3 + bars.length * row };
}

/** Return the height that a timeline would like to have. */
export function wishedHeight(time, row = 20) {
  const rows = time.actors.reduce((sum, actor) => sum + 1 + Math.max(0, ...time.slices.filter((slice) => slice.actor === actor).map((slice) => slice.depth)), 0);
  return rows * row + time.actors.length * 3 + Math.min(row < 20 ? 3 : 4, time.lives.length) * row + 14;
}

// ---- drawing ---------------------------------------------------------------------------

function sliceOf(slice, plan, jump) {
  const x = plan.left(slice.begin), wide = plan.right(slice.end) - x - 1;
  const y = plan.laneY(slice.actor) + slice.depth * plan.row;
  const rect = draw("rect", { x, y, width: Math.max(2, wide), height: plan.row - 2, rx: 2 });
  const text = slice.is_leaf ? fit(slice.path[slice.path.length - 1], wide - 6, 11, SANS, 700) : chain(slice.path, wide - 8);
  const inside = plan.insideOf(slice);
  if (inside) rect.setAttribute("class", "gms-inside");
  const label = inside ? words(x + 4, y + plan.row - 6, fit(inside.label, wide - 8, 11, SANS, 700), "gms-band-label") : slice.is_leaf ? words(x + wide / 2, y + plan.row - 6, text, "", { "text-anchor": "middle" }) : words(x + 4, y + plan.row - 6, text, "");
  const group = draw("g", { class: "gms-slice", tabindex: "-1", role: "button", "aria-label": `${slice.path.join(" › ")}, steps ${slice.begin + 1} to ${slice.end + 1}` }, rect, label);
  tip(group, `${slice.path.join(" › ")}\nsteps ${slice.begin + 1} to ${slice.end + 1}`);
  group.addEventListener("click", () => jump(slice.begin <= plan.moment && plan.moment <= slice.end && slice.is_leaf ? plan.moment : slice.begin));
  return { group, slice };
}

function bandOf(band, plan) {
  const x = plan.left(band.begin), wide = plan.right(Math.max(band.begin, band.end)) - x;
  const tint = draw("rect", { x, y: 0, width: wide, height: plan.height, class: "gms-band" });
  const edges = draw("path", { d: `M${x} 0 V${plan.height} M${x + wide} 0 V${plan.height}`, class: "gms-band-edge" });
  return draw("g", {}, tint, edges);
}

function bandLabel(band, plan) {
  const x = plan.left(band.begin), wide = plan.right(Math.max(band.begin, band.end)) - x, row = plan.freeRow(band);
  const text = [band.label, "waits for RCU", "RCU"].find((each) => widthOf(each, 11.5, SANS, 700) < wide - 8);
  return band.kind === "read" || row === null || !text ? [] : [words(x + wide / 2, row + plan.row - 6, text, "gms-band-label", { "text-anchor": "middle" })];
}

function barOf(life, y, plan, jump) {
  const group = draw("g", { class: "gms-life" }, words(GUTTER - 8, y + plan.row - 6, fit(life.label.replace("struct ", ""), GUTTER - 12, 11.5, SANS, 700), "gms-lane", { "text-anchor": "end" }));
  life.parts.forEach(([status, begin, end], i) => {
    const x = plan.left(begin), wide = plan.right(end) - x;
    if (status === "absent") return;
    if (status === "freed") {
      group.append(draw("path", { d: `M${x} ${y - 1} V${y + plan.row - 3}`, class: "gms-end" }));
      if (i === life.parts.length - 1 && plan.wrong !== life.object) group.append(words(x + 6, y + plan.row - 6, fit("freed", wide - 8, 11), plan.good === life.object ? "gms-freed is-good" : "gms-freed"));
      return;
    }
    const rect = draw("rect", { x, y: y + 1, width: Math.max(2, wide), height: plan.row - 6, class: `gms-life-bar is-${status}` });
    rect.addEventListener("click", () => jump(begin));
    group.append(tip(rect, `${life.label}: ${status === "waits" ? "waits for RCU" : status}, steps ${begin + 1} to ${end + 1}`));
  });
  return group;
}

/** Draw the defect on the bar of its object: dotted from where it was freed, a cross where it is met. */
function defectOf(time, plan) {
  if (!time.wrong.object) return [];
  const at = plan.middle(time.wrong.step), bar = plan.bars.findIndex((life) => life.object === time.wrong.object);
  const own = plan.leafY(time.wrong.step);
  if (bar < 0) return [draw("g", { class: "gms-defect-line" }, cross(at, own - 1, 7))];
  const y = plan.bar + bar * plan.row + plan.row / 2 - 2;
  const parts = plan.bars[bar].parts, freed = parts.find(([status, begin]) => status === "freed" && begin <= time.wrong.step);
  const lines = [draw("path", { d: `M${at} ${own} V${y - 9}`, class: "gms-dotted" })];
  if (freed) lines.push(draw("path", { d: `M${plan.left(freed[1])} ${y} H${at - 9}`, class: "gms-dotted" }));
  return [draw("g", { class: "gms-defect-line" }, ...lines, cross(at, y))];
}

/** Say how a slice looks at a step: whose it is, and whether it runs. */
function sliceClass(slice, step, at) {
  const here = !step.rests && slice.is_leaf && slice.actor === step.actor && slice.begin <= at && at <= slice.end;
  const names = { "is-leaf": slice.is_leaf, "is-yours": slice.is_yours, "is-now": here, "is-wrong": here && step.wrong.length, "is-apart": slice.is_apart };
  return ["gms-slice", ...Object.keys(names).filter((name) => names[name])].join(" ");
}

/** Return where things stand: by step across, by actor down. */
function planOf(value, size) {
  const time = value.timeline, rows = rowsOf(time, value.memory.inodes, size.height);
  const shared = value.shared ?? time; // two Designs stand in the same columns
  const at = columnOf(shared.columns, value.steps.length);
  const wide = widths(shared, at, size.width - GUTTER - 2, value.moment);
  const edges = [GUTTER];
  for (const each of wide) edges.push(edges[edges.length - 1] + each);
  const laneY = (actor) => rows.lanes.find((lane) => lane.actor === actor)?.y ?? 0;
  const left = (step) => edges[at[Math.min(step, at.length - 1)]], right = (step) => edges[at[Math.min(step, at.length - 1)] + 1];
  const over = (slice, band) => slice.begin <= band.end && band.begin <= slice.end;
  const freeRow = (band) => {
    for (const lane of rows.lanes) {
      for (let depth = 0; depth < lane.rows; depth += 1) {
        const taken = time.slices.some((slice) => slice.actor === lane.actor && slice.depth === depth && over(slice, band));
        if (!taken) return lane.y + depth * rows.row;
      }
    }
    return null;
  };
  const leafY = (step) => {
    const leaves = time.slices.filter((slice) => slice.is_leaf && slice.begin <= step && step <= slice.end && slice.actor === value.steps[step].actor);
    const leaf = leaves[leaves.length - 1];
    return leaf ? laneY(leaf.actor) + (leaf.depth + 1) * rows.row - 2 : 0;
  };
  const insideOf = (slice) => (slice.is_leaf || slice.depth ? null : time.bands.find((band) => band.kind === "read" && band.actor === slice.actor));
  return { ...rows, insideOf, wrong: time.wrong.object, good: time.isGood ? time.subject : "", left, right, laneY, freeRow, leafY, moment: value.moment, middle: (step) => (left(step) + right(step)) / 2 };
}

/** Make a picture of time: {svg, show(step number), slices in their order}. */
export function timeView(value, size, jump) {
  const time = value.timeline, plan = planOf(value, size);
  const slices = time.slices.map((slice) => sliceOf(slice, plan, jump));
  const lanes = plan.lanes.map((lane) => words(GUTTER - 8, lane.y + plan.row - 6, fit(lane.actor, GUTTER - 12, 11.5, SANS, 700), "gms-lane", { "text-anchor": "end" }));
  const bars = plan.bars.map((life, i) => barOf(life, plan.bar + i * plan.row, plan, jump));
  const labels = time.bands.flatMap((band) => bandLabel(band, plan));
  const cursor = draw("path", { class: "gms-cursor" });
  const height = Math.min(size.height, plan.height);
  const svg = draw("svg", { viewBox: `0 0 ${size.width} ${height}`, width: size.width, height, class: "gms-time", role: "group", "aria-label": "Timeline" },
    hatches(), ...time.bands.map((band) => bandOf(band, plan)), cursor, ...lanes, ...slices.map((each) => each.group), ...bars, ...labels, ...defectOf(time, plan));
  const show = (at) => {
    const step = value.steps[at];
    for (const { group, slice } of slices) {
      group.setAttribute("class", sliceClass(slice, step, at));
    }
    cursor.setAttribute("d", `M${plan.middle(at)} 0 V${height}`);
  };
  return { svg, show, starts: [...new Set(time.slices.filter((slice) => slice.is_leaf).map((slice) => slice.begin))].sort((a, b) => a - b) };
}

// ---- on a phone ------------------------------------------------------------------------

const STEP = 27, LIFE = 46;

/** Let time go down: a row a slice, as a tree of calls, and each life a bar at the right. */
export function phoneView(value, size, jump) {
  const time = value.timeline, most = Math.min(3, Math.floor(size.width / 130));
  const lives = livesShown(time.lives, time.subject ?? time.wrong.object, value.memory.inodes, most);
  const room = size.width - lives.length * LIFE - 8, top = 22;
  const rows = time.slices.map((slice, i) => phoneRow(slice, top + i * STEP, room, value, jump));
  const rowOf = (step) => Math.max(0, ...time.slices.map((slice, i) => (slice.begin <= step ? i : 0)));
  const height = top + time.slices.length * STEP + 6, y = (step) => top + rowOf(step) * STEP;
  const bars = lives.flatMap((life, i) => phoneLife(life, room + 12 + i * LIFE, { y, height, wrong: time.wrong }));
  const svg = draw("svg", { viewBox: `0 0 ${size.width} ${height}`, width: size.width, height, class: "gms-time", role: "group", "aria-label": "Timeline" }, hatches(), ...rows.map((row) => row.group), ...bars);
  const show = (at) => rows.forEach((row) => row.show(at));
  return { svg, show, starts: [...new Set(time.slices.map((slice) => slice.begin))].sort((a, b) => a - b) };
}

function phoneRow(slice, y, room, value, jump) {
  const x = 1 + Math.min(6, slice.depth) * 12, wide = room - x;
  const who = slice.depth ? "" : `${slice.actor}: `;
  const text = words(x + 8, y + 16, `${who}${chain(slice.path, wide - 16 - widthOf(who, 12), 12)}`, "gms-phone-word");
  const group = draw("g", {}, draw("rect", { x, y, width: wide, height: STEP - 3, rx: 2 }), text);
  group.addEventListener("click", () => jump(slice.begin <= value.moment && value.moment <= slice.end && slice.is_leaf ? value.moment : slice.begin));
  const show = (at) => group.setAttribute("class", sliceClass(slice, value.steps[at], at));
  return { group, show };
}

function phoneLife(life, x, { y, height, wrong }) {
  const nodes = [words(x + 8, 14, fit(life.label, LIFE + 6, 11.5, SANS, 700), "gms-lane", { "text-anchor": "middle" })];
  life.parts.forEach(([status, begin, end], i) => {
    const to = i === life.parts.length - 1 ? height - 6 : y(end + 1);
    if (status === "freed") nodes.push(draw("path", { d: `M${x - 3} ${y(begin) + 10} H${x + 19}`, class: "gms-end" }));
    else if (status !== "absent") nodes.push(draw("rect", { x, y: y(begin), width: 16, height: Math.max(3, to + (life.parts[i + 1]?.[0] === "freed" ? 10 : 0) - y(begin)), class: `gms-life-bar is-${status}` }));
  });
  return life.object === wrong.object ? [...nodes, cross(x + 8, y(wrong.step) + STEP / 2)] : nodes;
}
