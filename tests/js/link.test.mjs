// What an address asks for, and the address that is copied.
import assert from "node:assert/strict";
import test from "node:test";

import { joined } from "./joined.mjs";

const { askedBy, isSame, linkTo } = await joined("link.js");
const LAB = "http://127.0.0.1:8888/lab/tree/notebooks/00_start_here.ipynb";
const STATE = "7.3/own/i_private/destroy+free/flags/to-leak/3";

test("an address asks for the state that a link was made of", () => {
  for (const address of [LAB, "https://name:word@hub.example.org/user/x/voila/", `${LAB}?token=secret&state=old#Words`]) {
    const link = linkTo(address, STATE);
    assert.equal(askedBy(link), STATE);
    assert.doesNotMatch(link, /secret|word|old|#/);
  }
});

test("an address that asks for nothing asks for nothing", () => {
  for (const tail of ["", "?state", "?state=", "?reset&token=x", "#state=x"]) assert.equal(askedBy(LAB + tail), "");
  assert.equal(askedBy(`${LAB}?state=%ff%3Cscript%3E`), "\ufffd<script>");
});

test("a page without an address of its own gives the state alone", () => {
  assert.equal(linkTo("vscode-webview://1a2b/index.html", STATE), STATE);
  assert.equal(linkTo("about:srcdoc", STATE), STATE);
});

test("a link has no window of JupyterLab's in it", () => {
  assert.equal(linkTo(LAB.replace("/lab/", "/lab/workspaces/auto-A/"), "x"), `${LAB}?state=x`);
});

test("only the notebook that the address names is asked", () => {
  assert.ok(isSame(`${LAB}?state=x`, LAB.replace("/lab/", "/lab/workspaces/auto-A/")));
  assert.ok(isSame("http://a/?state=x", "http://a/"));
  assert.ok(!isSame(`${LAB}?state=x`, LAB.replace("00", "03")));
});
