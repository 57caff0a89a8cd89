// The stage's pure parts: columns, what is left out, families of choices.
import assert from "node:assert/strict";
import test from "node:test";

import { joined } from "./joined.mjs";

const { columnOf, families, lastChange, livesShown, outline, stageKey, thinned, whole } =
  await joined("stage_text.js", "stage_memory.js", "stage_time.js", "stage_rail.js", "stage.js");

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
  assert.equal(key("Escape"), "");
});
