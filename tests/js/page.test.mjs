// The page's pure parts, under node: it follows player.js in one script, as it is read here.
import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "./joined.mjs";

const js = await joined("player.js", "page.js");

const frames = (count) => Array.from({ length: count }, (_, n) => ({ label: `f${n}`, roles: { a: "now" }, actor: "task" }));
const RUNS = [
  { state: "shmem-7.3/shortest-run", film: { frames: frames(5) } },
  { state: "shmem-7.3/to-leak", film: { frames: frames(3) } },
];

test("folded frames are given their whole roles again", () => {
  const folded = [{ n: 1, roles: { a: "now", b: "held" } }, { n: 2, roles: { a: "" } }, { n: 3, roles: { c: "now" } }];
  assert.deepEqual(js.unfolded(folded), [
    { n: 1, roles: { a: "now", b: "held" } }, { n: 2, roles: { b: "held" } }, { n: 3, roles: { b: "held", c: "now" } },
  ]);
  assert.deepEqual(folded[1].roles, { a: "" });
});

test("a run that is over says so, and nothing of it happens any more", () => {
  const long = js.lengthened(frames(3), 5);
  assert.equal(long.length, 5);
  assert.equal(long[4].label, "this run is over");
  assert.equal(long[4].sentence, "It was over after 3 steps.");
  assert.deepEqual(long[4].roles, { a: "done" });
  assert.equal(js.lengthened(frames(3), 3).length, 3);
  assert.equal(js.lengthened(frames(3), 2).length, 3);
});

test("a fragment is read, whatever it is", () => {
  const cases = {
    "": ["", 0], "#": ["", 0], "#12": ["", 12], "#a/b/12": ["a/b", 12], "#a/b": ["a/b", 0], "#0": ["0", 0],
    "#a%2Bb/3": ["a+b", 3], "#%": ["%", 0], "#99999999": ["99999999", 0], "#a//b/": ["a/b", 0], "#__proto__/1": ["__proto__", 1],
  };
  for (const [hash, [state, step]] of Object.entries(cases)) assert.deepEqual(js.pointed(hash), { state, step }, hash);
});

test("a fragment leads to a run and a step, or to a sentence", () => {
  assert.deepEqual(js.led("#2", RUNS, 1), { run: 1, index: 1, told: "" });
  assert.deepEqual(js.led("", RUNS, 0), { run: 0, index: undefined, told: "" });
  assert.deepEqual(js.led("#shmem-7.3/to-leak/3", RUNS, 0), { run: 1, index: 2, told: "" });
  assert.equal(js.led("#4", RUNS, 1).told, "Step 4 is beyond this run, which has 3 steps.");
  const other = js.led("#shmem-9/to-leak/3", RUNS, 1);
  assert.equal(other.told, "This page does not have shmem-9/to-leak; it has shmem-7.3/shortest-run and shmem-7.3/to-leak.");
  assert.deepEqual([other.run, other.index], [1, undefined]);
  const unnamed = js.led("#x/1", [{ state: "", film: { frames: frames(1) } }], 0);
  assert.equal(unnamed.told, "This page does not have x; it has one run, without a name.");
});

test("the model tells its views of a change, once, and not who left", () => {
  const model = js.modelOf({ index: 0 });
  const heard = [];
  const act = () => heard.push(model.get("index"));
  model.on("change:index", act);
  model.set("index", 2);
  model.set("index", 2);
  model.off("change:index", act);
  model.set("index", 3);
  assert.deepEqual([heard, model.get("index")], [[2], 3]);
});
