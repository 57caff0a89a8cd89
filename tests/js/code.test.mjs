// What a toggle did to the C, as the margin and the title say it.
import assert from "node:assert/strict";
import test from "node:test";

import { joined } from "./joined.mjs";

const { marginOf, mostOf, partsOf, titleOf } = await joined("code.js");
const LINES = ["a\n", "b\n", "c\n", "d\n", "e\n"];

test("the margin marks each new line, and the line that others went before", () => {
  assert.deepEqual(marginOf(5, []), ["", "", "", "", ""]);
  assert.deepEqual(marginOf(5, [[1, 2, 0]]), ["", "+", "+", "", ""]);
  assert.deepEqual(marginOf(5, [[1, 1, 3], [3, 0, 2]]), ["", "+", "", "−", ""]);
  assert.deepEqual(marginOf(5, [[5, 0, 2]]), ["", "", "", "", "−"]); // the last lines went
  assert.deepEqual(marginOf(5, [[4, 1, 0], [5, 0, 2]]), ["", "", "", "", "+"]);
});

test("the title counts what came and what went", () => {
  assert.equal(titleOf(5, []), "The Design as C, 5 lines");
  assert.equal(titleOf(5, [[0, 1, 1], [3, 2, 0]]), "The Design as C, 5 lines; the last toggle: 3 new, 1 gone");
});

test("the parts are the text, every other one new", () => {
  for (const changes of [[], [[0, 2, 1]], [[1, 1, 0], [2, 0, 4], [3, 2, 2]], [[0, 5, 9]]]) {
    const parts = partsOf(LINES, changes);
    assert.equal(parts.join(""), LINES.join(""));
    assert.equal(parts.length, 1 + 2 * changes.filter(([, count]) => count).length); // no mark of nothing
    const fresh = changes.flatMap(([at, count]) => LINES.slice(at, at + count));
    assert.equal(parts.filter((_, i) => i % 2).join(""), fresh.join(""));
  }
});

test("what is brought into sight is where most has changed", () => {
  assert.deepEqual(mostOf([[9, 1, 1], [40, 8, 2], [60, 0, 3]]), [40, 8, 2]);
  assert.deepEqual(mostOf([[9, 1, 1], [40, 0, 7]]), [40, 0, 7]);
  assert.deepEqual(mostOf([[9, 1, 1]]), [9, 1, 1]);
});
