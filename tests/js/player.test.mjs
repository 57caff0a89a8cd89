// The player's pure parts, under node: `node --test tests/js/`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { joined } from "./joined.mjs";

const { default: player, ...js } = await joined("player.js");

test("the module has the shape that anywidget wants", () => {
  assert.equal(typeof player.render, "function");
  assert.equal(js.render, undefined); // a named render is anywidget's old form
});

test("an index stays inside the frames, whatever it was", () => {
  const cases = [[-1, 0], [0, 0], [4, 4], [5, 4], [2.9, 2], ["3", 3], [NaN, 0], [undefined, 0]];
  for (const [given, expected] of cases) assert.equal(js.clamp(given, 5), expected, String(given));
});

test("actions move and stop at both ends", () => {
  assert.equal(js.moved("next", 4, 5), 4);
  assert.equal(js.moved("back", 0, 5), 0);
  assert.equal(js.moved("first", 3, 5), 0);
  assert.equal(js.moved("last", 3, 5), 4);
  assert.equal(js.moved("play", 3, 5), 3);
  assert.equal(js.moved("whole", 3, 5), 3);
});

test("keys mean actions, and only bare keys", () => {
  const meant = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", " ": "play", PageDown: "next", PageUp: "back" };
  for (const [key, action] of Object.entries(meant)) assert.equal(js.keyAction({ key }), action);
  for (const key of ["a", "b", "d", "Enter", "Tab", "Escape", "constructor"]) assert.equal(js.keyAction({ key }), "");
  for (const held of ["altKey", "ctrlKey", "metaKey", "shiftKey"]) {
    assert.equal(js.keyAction({ key: "ArrowRight", [held]: true }), "");
  }
});

test("a control keeps the keys that it needs itself", () => {
  assert.equal(js.keyAction({ key: " " }, "BUTTON"), "");
  assert.equal(js.keyAction({ key: "ArrowRight" }, "BUTTON"), "next");
  assert.equal(js.keyAction({ key: "ArrowRight" }, "SELECT"), "");
  assert.equal(js.keyAction({ key: "ArrowRight" }, "INPUT"), "next");
  assert.equal(js.keyAction({ key: "PageDown" }, "SELECT"), "next"); // a clicker's, wherever the speaker was
});

test("changes lists what differs and nothing else", () => {
  const before = { a: "now", b: "held", c: "freed" };
  const after = { b: "held", c: "done", d: "now" };
  assert.deepEqual(js.changes(before, after), [["a", ""], ["c", "done"], ["d", "now"]]);
  assert.deepEqual(js.changes(after, after), []);
});

test("changes leads to the same look whichever way a frame is reached", () => {
  const frames = [{ a: "now" }, { a: "done", b: "now" }, {}, { b: "freed" }];
  for (const from of frames) {
    for (const to of frames) {
      const look = { ...from };
      for (const [id, role] of js.changes(from, to)) role ? (look[id] = role) : delete look[id];
      assert.deepEqual(look, to);
    }
  }
});

test("ids that are names of Object's own members are only ids", () => {
  assert.deepEqual(js.changes({ toString: "now" }, {}), [["toString", ""]]);
  assert.equal(js.contextWords({}, "P"), "process context, may sleep");
  assert.equal(js.contextWords({ contexts: { P: "may sleep" } }, "P"), "may sleep");
  assert.equal(js.contextWords({}, "Z"), "Z");
});

test("a role becomes one class beside the base class", () => {
  assert.equal(js.styledClass("node hook", "now"), "node hook role-now");
  assert.equal(js.styledClass("node hook", ""), "node hook");
  assert.equal(js.styledClass("", "now"), "role-now");
  assert.equal(js.styledClass("node", "x jp-Dialog"), "node role-x_jp-Dialog");
});

test("a step is spoken with its defect in words", () => {
  const frame = { label: "evict", context: "P", sentence: "It goes.", defect: "leak" };
  const said = js.spoken({ frames: [frame] }, 0);
  assert.equal(said, "Step 1 of 1: evict, process context, may sleep, defect: leak. It goes.");
});

test("who asked for less motion gets slow steps", () => {
  assert.equal(js.stepMs(700, 2, false), 350);
  assert.equal(js.stepMs(700, 4, true), 1500);
});

test("elements that load, run or embed are not copied", () => {
  for (const name of ["svg", "g", "path", "polygon", "text", "title"]) assert.ok(js.isElementAllowed(name), name);
  const refused = ["script", "foreignObject", "use", "image", "style", "iframe", "animate", "set", "feImage", "filter", "handler"];
  for (const name of refused) assert.ok(!js.isElementAllowed(name), name);
});

test("attributes that load, run or float are not copied", () => {
  const kept = [["id", "n_1"], ["class", "node hook"], ["fill", "#fff"], ["fill", "currentColor"], ["transform", "rotate(0) translate(4 4)"],
    ["stroke", "rgb(1, 2, 3)"], ["fill", "var(--x, white)"]];
  for (const [name, value] of kept) assert.ok(js.isAttributeAllowed(name, value), `${name}=${value}`);
  const refused = [["onload", "alert(1)"], ["onClick", "x"], ["href", "javascript:x"], ["xlink:href", "#a"], ["style", "fill:red"],
    ["data-commandlinker-command", "x"], ["fill", "url(http://evil/x)"], ["fill", "URL( //evil/x)"], ["fill", "u\\72l(//evil/x)"],
    ["fill", "url(#a)"], ["id", "a-b"], ["marker-end", "image-set('//evil/x' 1x)"], ["transform", "url(//evil)"], ["fill", "var(--x, url(//evil))"]];
  for (const [name, value] of refused) assert.ok(!js.isAttributeAllowed(name, value), `${name}=${value}`);
});

test("a wide first drawing goes on top, a tall one to the left", () => {
  const others = [[120, 270], [480, 160]];
  assert.equal(js.layout([[1100, 300], ...others], 820, 420).shape, "top");
  assert.equal(js.layout([[400, 800], ...others], 1400, 650).shape, "left");
});

test("a layout keeps to its height and to readable columns", () => {
  for (const sizes of [[[1100, 300]], [[400, 800], [120, 270]], [[600, 600], [300, 300], [200, 200], [500, 100]]]) {
    const { rows, columns } = js.layout(sizes, 1000, 500);
    assert.ok(rows.reduce((a, b) => a + b) <= 501, JSON.stringify(rows));
    assert.ok(Math.min(...columns) / columns.reduce((a, b) => a + b) >= 0.15);
  }
});
