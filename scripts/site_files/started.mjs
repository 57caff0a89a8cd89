// Start Python with gmemviz once, when the site is made, and keep its memory, so that a browser
// need not: node started.mjs PYODIDE PACKAGE COMPILED OUT. PYODIDE is the folder of npm's, PACKAGE
// a zip, COMPILED the script that compiles one. Into OUT it writes
//
//     python.zip    Python's own modules, compiled
//     gmemviz.zip   the package, compiled
//     memory.bin    what its memory has behind the imports, but for what WebAssembly begins with
//     memory.json   what memory.mjs needs to lay it over a new memory

import crypto from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { mix, sumOf } from "./memory.mjs";

const [from, packed, compiler, out] = process.argv.splice(1).slice(1).map((path) => resolve(path)); // none stays, for Python to keep
const { loadPyodide } = await import(pathToFileURL(join(from, "pyodide.mjs")));
const { default: createPyodideModule } = await import(pathToFileURL(join(from, "pyodide.asm.mjs")));

// Whatever is by chance or by the clock is the same each time.
let chance = 1;
crypto.randomFillSync = (bytes) => bytes.fill((chance += 1) % 251);
Date.now = () => 315_532_800_000 + (chance += 1);
performance.now = () => (chance += 1);

const folder = from.endsWith("/") ? from : `${from}/`;
const home = ["", "home", "pyodide"].join("/"); // a folder of Pyodide's own, in memory
const env = () => ({ PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1", HOME: home }); // Pyodide adds to what it is given
const bytesOf = (path) => new Uint8Array(readFileSync(path)).buffer;

// ---- compile, in an interpreter of its own -----------------------------------------------

const first = await loadPyodide({ indexURL: folder, env: env() });
first.runPython(readFileSync(compiler, "utf-8"));
const compiled = first.globals.get("compiled");
for (const [name, path] of [["python.zip", join(from, "python_stdlib.zip")], ["gmemviz.zip", packed]]) {
  const made = compiled(first.globals.get("bytes")(first.toPy(bytesOf(path))));
  writeFileSync(join(out, name), made.toJs());
}

// ---- what memory is before anything runs in it ---------------------------------------------

const enough = new Error("enough"), stdLibURL = join(out, "python.zip");

async function beginning() {
  let began;
  const stopped = async (settings) => {
    began = (await createPyodideModule({ ...settings, noInitialRun: true })).HEAPU8.slice();
    throw enough;
  };
  await loadPyodide({ indexURL: folder, env: env(), stdLibURL, createPyodideModule: stopped }).catch((error) => {
    if (error !== enough) throw error;
  });
  return new Uint32Array(began.buffer);
}

// Constants come first; the first word that chance or the clock makes is behind them.
const [began, another] = [await beginning(), await beginning()];
const reach = 4 * began.findIndex((word, at) => word !== another[at]);

// ---- what it is behind the imports -------------------------------------------------------

const python = await loadPyodide({ indexURL: folder, env: env(), stdLibURL, _makeSnapshot: true });
python.FS.mkdirTree("/lib/gmemviz");
python.unpackArchive(bytesOf(join(out, "gmemviz.zip")), "zip", { extractDir: "/lib/gmemviz" });
python.runPython("import sys; sys.path.insert(0, '/lib/gmemviz'); import answers, gc; gc.collect()");
forget(python._module);
const kept = python.makeMemorySnapshot();
const head = kept.length - python._module.HEAPU8.length, constants = new Uint8Array(began.buffer);
mix(kept, head, constants, reach);
const said = { length: kept.length, head, reach, sum: sumOf(constants, reach), env: env() };
writeFileSync(join(out, "memory.bin"), kept);
writeFileSync(join(out, "memory.json"), JSON.stringify(said));

// What was freed still has what it had: it is asked for again, and made empty.
function forget(module) {
  const taken = [], end = module.HEAPU8.length;
  for (let size = 1 << 20; size >= 16; size >>= 1) {
    for (let at = module._malloc(size); at; at = module._malloc(size)) {
      taken.push(at);
      if (at + size > end) break;
      module.HEAPU8.fill(0, at, at + size);
    }
  }
  taken.forEach((at) => module._free(at));
}
