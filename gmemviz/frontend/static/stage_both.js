// Two Designs in one view: their steps are put to the beats that both share, and each side is then drawn
// as one alone is. What one of them does alone is a gap in the other, and whoever rests there is pale.

/** Return for each beat the step that a side has come to, and for each step its beat. */
export function pacesOf(beats, which) {
  const beatOf = [], stepAt = [];
  for (const [beat, steps] of beats.entries()) {
    if (steps[which] !== null) beatOf[steps[which]] = beat;
    stepAt.push(Math.max(0, beatOf.length - 1));
  }
  return { beatOf, stepAt };
}

/** Return a side with its steps, memory and time counted in beats. */
export function paced(value, which) {
  const side = value.sides[which], { beatOf, stepAt } = pacesOf(value.beats, which);
  const count = value.beats.length, last = side.steps.length - 1, frames = whole(side.memory.frames);
  // A run that is over stays as it ended, with its cross; one that waits for the other does nothing.
  const resting = (step) => ({ ...step, rests: true, touches: [], lit: [], wrong: [] });
  const steps = value.beats.map((steps_, beat) => {
    const step = side.steps[stepAt[beat]];
    return steps_[which] === null && (stepAt[beat] < last || beat < beatOf[0]) ? resting(step) : step;
  });
  const until = (step) => (step >= last ? count - 1 : beatOf[step + 1] - 1); // as long as nothing follows
  const apart = (slice) => slice.is_leaf && side.apart.some((step) => slice.begin <= step && step <= slice.end);
  const time = side.timeline;
  const timeline = {
    ...time,
    subject: time.wrong.object || value.object,
    isGood: side.headline.mark === "correct",
    slices: time.slices.map((slice) => ({ ...slice, begin: beatOf[slice.begin], end: beatOf[slice.end], is_apart: apart(slice) })),
    bands: time.bands.map((band) => ({ ...band, begin: beatOf[Math.min(band.begin, last)], end: until(band.end) })),
    lives: time.lives.map((life) => ({ ...life, parts: life.parts.map(([status, begin, end]) => [status, begin ? beatOf[begin] : 0, until(end)]) })),
    wrong: time.wrong.object ? { ...time.wrong, step: beatOf[time.wrong.step] } : {},
  };
  return { ...side, stepAt, steps, moment: value.moment, timeline, memory: { ...side.memory, frames: stepAt.map((step) => frames[step]) } };
}

/** Return what both timelines share: columns that end where a slice of either does. */
export function sharedColumns(sides, count) {
  const slices = sides.flatMap((side) => side.timeline.slices), bands = sides.flatMap((side) => side.timeline.bands);
  const borders = new Set([0, count]);
  for (const slice of slices) {
    borders.add(slice.begin);
    if (slice.is_leaf) borders.add(slice.end + 1);
  }
  const sorted = [...borders].sort((a, b) => a - b);
  return { slices, bands, columns: sorted.slice(1).map((end, i) => [sorted[i], end - 1]) };
}

/** Name what two memories show: an object as "id", a member as "id member". What never differs is left out.
 *
 * Inodes, their i_count and i_sb stay, and what it is about; a pointer differs with what it leads to.
 */
export function telling(sides, subject) {
  const kept = new Set([subject, ...sides.flatMap((side) => side.memory.inodes)]);
  for (const step of sides.flatMap((side) => side.steps)) {
    if (step.wrong.length) kept.add(step.wrong[0]).add(step.wrong.join(" "));
  }
  sides[0].memory.frames.forEach((frame, at) => {
    const other = sides[1].memory.frames[at];
    for (const id of new Set([...Object.keys(frame), ...Object.keys(other)])) {
      if (state(frame, id) !== state(other, id)) kept.add(id);
      for (const name of membersOf(frame, other, id)) {
        const isAlike = shownOf(frame, id, name) === shownOf(other, id, name);
        const leads = [frame, other].some((each) => each[id]?.members.some((member) => member[0] === name && member[2] === subject));
        if (!isAlike || leads || name === "i_count" || name === "i_sb") kept.add(`${id} ${name}`);
      }
    }
  });
  return kept;
}

const state = (frame, id) => (frame[id] ? `${frame[id].status} ${frame[id].title}` : "");

function membersOf(frame, other, id) {
  return new Set([frame, other].flatMap((each) => (each[id]?.members ?? []).map((member) => member[0])));
}

function shownOf(frame, id, name) {
  const member = frame[id]?.members.find((each) => each[0] === name);
  return member ? `${member[1]} ${member[2]} ${state(frame, member[2])}` : "";
}

/** Leave out of a memory what is the same in both, and the super_block where only s_op is behind it. */
export function shortened(frame, kept) {
  const rows = (id, object) => object.members.filter((member) => kept.has(`${id} ${member[0]}`));
  const said = ([id, object]) => kept.has(id) || id === "superblock" || rows(id, object).length > 0;
  const short = Object.fromEntries(Object.entries(frame).filter(said).map(([id, object]) => [id, { ...object, members: rows(id, object) }]));
  const { superblock, s_op: table } = short;
  if (!superblock || !table || superblock.members.length) return short; // such as a s_user_ns that is NULL
  delete short.superblock;
  short.s_op = { ...table, note: superblock.note };
  const past = (member) => (member[2] === "superblock" ? [member[0], member[1], "s_op", member[3]] : member);
  return Object.fromEntries(Object.entries(short).map(([id, object]) => [id, { ...object, members: object.members.map(past) }]));
}

/** Return the sides of a value: of two Designs both, with what they share, else itself alone. */
export function sidesOf(value) {
  if (!value.sides) return [value];
  const sides = [0, 1].map((which) => paced(value, which)), shared = sharedColumns(sides, value.beats.length);
  const kept = telling(sides, value.object);
  return sides.map((side) => ({ ...side, shared, memory: { ...side.memory, frames: side.memory.frames.map((frame) => shortened(frame, kept)) } }));
}

/** Say the verdict of either side in a line: A ✓ correct with evict, B ✗ late with free. */
function sideWords(side) {
  const name = make("b", { class: `gms-was-${side.headline.mark}` }), rest = make("span");
  name.textContent = `${side.letter} ${SIGN[side.headline.mark]} ${side.headline.short} `;
  rest.textContent = `with ${side.label}   `;
  rest.title = side.title;
  return [name, rest];
}

/** Draw the strip at the left of a side's lanes: its letter and its mark. */
function strip(side, height) {
  const letter = make("b");
  letter.textContent = side.letter;
  const node = make("div", { class: `gms-strip is-${side.headline.mark}`, title: side.label }, letter, mark(side.headline.mark, 12));
  node.style.height = `${height}px`;
  return node;
}

/** Draw a side's heading above its memory. */
function sideHeading(side) {
  const name = make("b");
  name.textContent = `${side.letter}  ${side.label}`;
  const node = make("div", { class: `gms-side-name is-${side.headline.mark}`, title: `${side.title}: ${side.told}` }, mark(side.headline.mark, 14), name);
  return node;
}

/** Make the pictures of both sides and put them where they belong: [pictures], starts. */
function arrangeBoth(view, sides, size, jump) {
  const shownSides = size.isPhone ? sides.filter((side) => side.letter === view.chosen) : sides;
  const isOne = size.memory.width < SIDES, wide = isOne ? size.memory.width : (size.memory.width - 25) / 2;
  const inMemory = isOne ? sides.filter((side) => side.letter === view.chosen) : sides;
  const memories = inMemory.map((side) => pictureOf(view, side, sides.indexOf(side), { width: wide, height: size.memory.height - (isOne ? 66 : 24) }, jump));
  view.memory.replaceChildren(...(isOne ? [switcher(view, sides)] : []), make("div", { class: "gms-sides" }, ...inMemory.map((side, i) => make("div", { class: "gms-side" }, sideHeading(side), memories[i].svg))));
  const wishes = shownSides.map((side) => wishedHeight(side.timeline, 16)), sum = wishes.reduce((all, wish) => all + wish, 0);
  const heights = wishes.map((wish) => ((size.time.height - 4 * wishes.length) * wish) / sum); // whoever has more lanes gets more
  const draws = size.isPhone ? phoneView : timeView;
  const times = shownSides.map((side, i) => draws(side, { width: size.time.width - 22, height: heights[i] }, jump));
  view.time.replaceChildren(...shownSides.map((side, i) => make("div", { class: "gms-lanes" }, strip(side, times[i].svg.getAttribute("height")), times[i].svg)));
  return { pictures: [...memories, ...times], starts: [...new Set(times.flatMap((time) => time.starts))].sort((a, b) => a - b) };
}

/** Make the two buttons that choose whose memory is shown, where there is room for one. */
function switcher(view, sides) {
  const buttons = sides.map((side) => {
    const node = make("button", { type: "button", class: "gms-tab", "data-side": side.letter, "aria-pressed": String(side.letter === view.chosen), ...KEPT });
    node.append(mark(side.headline.mark, 12), ` ${side.letter} ${side.label}`);
    return node;
  });
  return make("div", { class: "gms-switch", role: "group", "aria-label": "Whose memory" }, ...buttons);
}

/** Say in the step bar what either does at a beat; once, where both do the same. */
function fillBeat(view, sides, at) {
  const steps = sides.map((side) => side.steps[at]), acting = steps.filter((step) => !step.rests);
  const leads = acting.find((step) => step.wrong.length) ?? acting[acting.length - 1] ?? steps[0];
  view.count.textContent = `beat ${at + 1} of ${sides[0].steps.length}`;
  view.actor.textContent = leads.actor;
  view.context.textContent = "";
  view.at.textContent = leads.function;
  view.place.textContent = leads.place.split(" ")[0];
  view.place.title = leads.place;
  const isSame = acting.length === 2 && acting[0].says === acting[1].says && acting[0].function === acting[1].function;
  // What is wrong comes first: a narrow bar has room for no more.
  const told = sides.filter((side) => !side.steps[at].rests).sort((a, b) => b.steps[at].wrong.length - a.steps[at].wrong.length);
  const parts = isSame ? [spokenSide("", leads)] : told.map((side) => spokenSide(side.letter, side.steps[at], leads));
  view.says.replaceChildren(...parts);
  view.says.title = view.says.textContent;
  view.bar.classList.remove("is-wrong");
}

function spokenSide(letter, step, leads) {
  const node = make("span", { class: step.wrong.length ? "gms-said is-wrong" : "gms-said" }), name = make("b");
  name.textContent = letter ? `${letter} ` : "";
  const own = leads && step.function !== leads.function ? `${step.function}: ` : "";
  node.append(name, `${own}${step.says}   `);
  return node;
}
