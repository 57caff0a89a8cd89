// The stage's pure parts: columns, what is left out, families of choices.
import assert from "node:assert/strict";
import test from "node:test";

import { joined } from "./joined.mjs";

const { askedStep, columnOf, families, lastChange, livesShown, nextRun, offeredTabs, outline, paced, pacesOf, rolesOf, scaleOf, sharedColumns, shortened, sidesOf, stageKey, telling, thinned, whole } =
  await joined("stage_text.js", "stage_memory.js", "stage_time.js", "stage_both.js", "stage_tabs.js", "stage_rail.js", "stage.js", "stage_page.js");

test("each step has its column", () => {
  assert.deepEqual(columnOf([[0, 2], [3, 3], [4, 5]], 6), [0, 0, 0, 1, 2, 2]);
});

test("memory is whole after each step, and has every member that it ever has", () => {
  const frames = whole([{ a: { title: "A", status: "allocated", members: [["x"]] } }, {}, { a: { title: "A", status: "freed", members: [["y"]] } }]);
  assert.equal(frames[1].a.status, "allocated");
  assert.deepEqual(outline(frames), [{ id: "a", rows: ["x", "y"], title: "A" }]);
  assert.equal(lastChange(frames, "a"), 2);
});

test("where room is short a dentry goes first, and what is wrong stays", () => {
  const objects = ["inode", "folio", "dentry"].map((id) => ({ id, rows: ["a", "b"] }));
  const ids = (room, kept = []) => thinned(objects, room, new Set(kept)).map((object) => object.id);
  assert.deepEqual(ids(1000), ["inode", "folio", "dentry"]);
  assert.deepEqual(ids(120), ["inode", "folio"]);
  assert.deepEqual(ids(10, ["folio"]), ["inode", "folio"]);
});

test("of many lives what is wrong is shown, in the order of the run", () => {
  const lives = ["folio", "inode", "dentry", "map"].map((object) => ({ object }));
  const shown = (most) => livesShown(lives, "map", ["inode"], most).map((life) => life.object);
  assert.deepEqual(shown(2), ["inode", "map"]);
  assert.deepEqual(shown(1), ["map"]);
});

test("cleanups are families by the hook that they set", () => {
  const found = families(["none", "drop-returns-1", "drop-returns-0", "destroy+free", "free-all"]);
  assert.deepEqual([...found.keys()], ["none", "drop", "destroy", "free"]);
  assert.deepEqual(found.get("destroy"), ["destroy+free"]);
});

test("a key with Ctrl stays the browser's, and a menu keeps its own", () => {
  const key = (name, more = {}) => stageKey({ key: name, target: { tagName: "DIV" }, ...more });
  assert.equal(key("ArrowRight"), "next");
  assert.equal(key("d"), "defect");
  assert.equal(key("?", { shiftKey: true }), "keys");
  assert.equal(key("d", { ctrlKey: true }), "");
  assert.equal(key("ArrowDown", { target: { tagName: "SELECT" } }), "");
  assert.equal(key("2"), "2");
  assert.equal(key("Escape"), "");
});

test("a picture's steps say what changes, and a click leads to where something runs next", () => {
  const roles = rolesOf([{ a: "now" }, { a: "done", b: "now" }, { b: "" }, { a: "now" }]);
  assert.deepEqual(roles, [{ a: "now" }, { a: "done", b: "now" }, { a: "done" }, { a: "now" }]);
  assert.equal(nextRun(roles, "a", 0), 3);
  assert.equal(nextRun(roles, "a", 3), 0);
  assert.equal(nextRun(roles, "c", 0), null);
});

test("a picture has the room that there is, and words that can be read", () => {
  assert.equal(scaleOf([100, 100], { width: 150, height: 300 }, 11), 1.5);
  assert.equal(scaleOf([1000, 100], { width: 150, height: 300 }, 11), 1);
  assert.equal(scaleOf([1000, 100], { width: 150, height: 300 }, 5.5), 2);
});

test("a tab is offered of what there is", () => {
  const names = ["memory", "calls", "states"], value = { steps: [1], source: ["a", "b"] };
  assert.deepEqual(offeredTabs(names, value, true, []), names);
  assert.deepEqual(offeredTabs(names, value, false, []), [...names, "source"]);
  assert.deepEqual(offeredTabs(names, value, true, [{ states: {} }]), ["memory", "states"]);
  assert.deepEqual(offeredTabs(names, value, true, [{ why: "no engine" }]), names);
  assert.deepEqual(offeredTabs(names, { steps: [] }, true, []), []);
});

const member = (name, value = "", to = "", look = "") => [name, value, to, look];
const object = (title, status, ...members) => ({ title, status, note: "", members });
const leaf = (begin, end = begin) => ({ actor: "task", depth: 0, begin, end, path: ["f"], is_leaf: true });

function side(count, mark, slices) {
  const steps = Array.from({ length: count }, (_, at) => ({ actor: "task", function: `f${at}`, wrong: [], touches: [], lit: [] }));
  const timeline = { actors: ["task"], slices, bands: [], lives: [{ object: "map", label: "map", parts: [["allocated", 0, 1], ["freed", 2, count - 1]] }], columns: [], wrong: {} };
  const inode = object("struct inode", "allocated", member("i_count", "1"), member("i_nlink", "0"), member("i_sb", "", "superblock"));
  const memory = { objects: ["inode"], inodes: ["inode"], frames: [{ inode, superblock: object("super_block", "allocated", member("s_op", "", "s_op")), s_op: object("ops", "allocated", member("free_inode", mark)) }, ...Array(count - 1).fill({})] };
  return { steps, timeline, memory, moment: 1, apart: [1], headline: { mark, short: mark }, letter: "A" };
}

// A does in three steps what B does in two: the one in the middle is A's alone.
const both = { beats: [[0, 0], [1, null], [2, 1]], moment: 2, object: "map", sides: [side(3, "wrong", [leaf(0), leaf(1, 2)]), side(2, "correct", [leaf(0), leaf(1)])] };

test("each beat has the step that a side has come to", () => {
  assert.deepEqual(pacesOf(both.beats, 1), { beatOf: [0, 2], stepAt: [0, 0, 1] });
  assert.deepEqual(pacesOf([[0, null], [1, 0]], 1), { beatOf: [1], stepAt: [0, 0] });
});

test("whoever has no step at a beat rests there, and its slices lie at its own beats", () => {
  const b = paced(both, 1);
  assert.deepEqual(b.steps.map((step) => Boolean(step.rests)), [false, true, false]);
  assert.deepEqual(b.timeline.slices.map((slice) => [slice.begin, slice.end]), [[0, 0], [2, 2]]);
  assert.equal(b.memory.frames.length, 3);
  assert.equal(b.timeline.subject, "map");
});

test("a run that is over stays as it ended", () => {
  const over = paced({ ...both, beats: [[0, 0], [1, 1], [2, null]] }, 1);
  assert.equal(over.steps[2].rests, undefined);
  assert.equal(over.steps[2].function, "f1");
});

test("both stand in the same columns", () => {
  const { columns } = sharedColumns([paced(both, 0), paced(both, 1)], 3);
  assert.deepEqual(columns, [[0, 0], [1, 1], [2, 2]]);
});

test("two memories show what differs, i_count, i_sb and what it is about", () => {
  const sides = [paced(both, 0), paced(both, 1)];
  const kept = telling(sides, "map");
  assert.ok(["inode i_count", "inode i_sb", "s_op free_inode"].every((name) => kept.has(name)));
  assert.ok(!kept.has("inode i_nlink"));
  const short = shortened(sides[0].memory.frames[0], kept);
  assert.deepEqual(short.inode.members.map((row) => row[0]), ["i_count", "i_sb"]);
  assert.equal(short.superblock, undefined); // nothing of it differs, so i_sb leads on to s_op
  assert.equal(short.inode.members[1][2], "s_op");
});

test("one Design is one side, as it is", () => {
  const value = { steps: [] };
  assert.deepEqual(sidesOf(value), [value]);
  assert.equal(sidesOf(both).length, 2);
});

test("an address names a step that there is, or none", () => {
  assert.equal(askedStep("#12", 43), 11);
  for (const hash of ["", "#0", "#44", "#-1", "#x", "#1x", "#1000000000"]) assert.equal(askedStep(hash, 43), null);
});
