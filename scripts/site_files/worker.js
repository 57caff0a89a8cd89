// gmemviz in the browser: Python as WebAssembly, and the package as it is.
//
// Python has started when the site was made, and its memory is laid over a new one: that is a
// second instead of six. What it has not in memory, files of older kernels and what few ask for,
// comes behind the first answer, or before it where that needs it. Where memory can't be laid
// Python starts as it always does.

import { complete } from "./memory.mjs";
import createPyodideModule from "./pyodide/pyodide.asm.mjs";
import { loadPyodide } from "./pyodide/pyodide.mjs";

const KEPT = $kept, FOLDER = "/lib/gmemviz", MODULES = "/lib/python314.zip";
const SET = { indexURL: new URL("./pyodide/", import.meta.url).href, env: KEPT.env };
const say = (says) => postMessage({ says });
const bytesOf = async (name) => {
  const found = await fetch(name);
  if (!found.ok) throw new Error(`${name} did not come (${found.status})`);
  return new Uint8Array(await found.arrayBuffer());
};

// ---- Python ----------------------------------------------------------------------------

/** Unpack into `room` what `make site` packed with gzip: a server need not know how. */
async function unpacked(name, room) {
  const { body, ok, status } = await fetch(name);
  if (!ok) throw new Error(`${name} did not come (${status})`);
  const reader = body.pipeThrough(new DecompressionStream("gzip")).getReader();
  let at = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    room.set(value, at);
    at += value.length;
  }
  if (at !== room.length) throw new Error(`${name} has ${at} bytes, not ${room.length}`);
}

/** Return a Python with the memory that was kept: gmemviz is imported, and has few files. */
async function remembered() {
  const kept = new Uint8Array(KEPT.length), coming = unpacked("./memory.gz", kept), files = bytesOf("./first.zip");
  coming.catch(() => {}); // it is awaited below, once WebAssembly is there
  files.catch(() => {});
  const createModule = async (settings) => {
    const module = await createPyodideModule(settings);
    await coming;
    complete(kept, KEPT, module);
    return module;
  };
  const stdLibURL = new URL("./none.zip", import.meta.url).href; // its modules are in memory, or come later
  const python = await loadPyodide({ ...SET, stdLibURL, _loadSnapshot: kept, createPyodideModule: createModule });
  put(python, await files);
  return { python, rest: () => later(python) };
}

/** Return a Python that starts by itself, with all its files. */
async function begun() {
  const files = bytesOf("./gmemviz.zip");
  files.catch(() => {});
  const python = await loadPyodide({ ...SET, stdLibURL: new URL("./python.zip", import.meta.url).href });
  put(python, await files);
  python.runPython(`import sys; sys.path.insert(0, "${FOLDER}")`);
  return { python, rest: async () => {} };
}

function put(python, bytes) {
  python.FS.mkdirTree(FOLDER);
  python.unpackArchive(bytes.buffer, "zip", { extractDir: FOLDER });
}

/** Give a Python with a memory the files that it lacks. */
async function later(python) {
  const [modules, files] = await Promise.all(["./python.zip", "./gmemviz.zip"].map(bytesOf));
  python.FS.writeFile(MODULES, modules);
  put(python, files);
  python.runPython("import importlib; importlib.invalidate_caches()");
}

async function started() {
  say("Python is on its way (9 MB, kept for the next time) ...");
  let found;
  try {
    found = await remembered();
  } catch (error) {
    console.warn(`Python starts anew: ${error.message}`);
    found = await begun();
  }
  say("");
  return { answers: found.python.pyimport("answers"), rest: once(found.rest) };
}

function once(make) {
  let made;
  return () => (made ??= make().catch((error) => ((made = undefined), Promise.reject(error))));
}

const python = started().catch((error) => {
  say(`gmemviz did not start: ${error.message}`);
  throw error;
});

// ---- questions ---------------------------------------------------------------------------

/** Return what Python answers, both as JSON; where it lacks a file, once that is there. */
async function answered(name, question) {
  const { answers, rest } = await python, text = JSON.stringify(question);
  const tell = (done, total) => say(`${done} of ${total} parts are searched ...`);
  const told = name === "answer" && !question.choices ? [text, tell] : [text];
  try {
    return JSON.parse(answers[name](...told));
  } catch {
    await rest();
    return JSON.parse(answers[name](...told));
  }
}

onmessage = async ({ data: { number, question } }) => {
  try {
    const answer = await answered("answer", question);
    postMessage({ number, answer });
    if (answer.choices) postMessage({ number, tints: await answered("tinted", answer.choices) });
    const { rest } = await python;
    rest().catch(() => {}); // the next question that needs it asks again
  } catch (error) {
    postMessage({ number, answer: { refused: `a fault of gmemviz itself: ${error.message.trim().split("\n").pop()}` } });
  }
};
