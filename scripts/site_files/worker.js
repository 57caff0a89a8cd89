// gmemviz in the browser: Python as WebAssembly, and the package as it is.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const say = (says) => postMessage({ says });

async function started() {
  say("Python is on its way (9 MB, kept for the next time) ...");
  const python = await loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href });
  const bytes = await (await fetch("./gmemviz.zip")).arrayBuffer();
  python.unpackArchive(bytes, "zip", { extractDir: "/lib/gmemviz" });
  python.runPython("import sys; sys.path.insert(0, '/lib/gmemviz')");
  say("");
  return python.pyimport("answers");
}

const answers = started().catch((error) => {
  say(`gmemviz did not start: ${error.message}`);
  throw error;
});

onmessage = async ({ data: { number, question } }) => {
  try {
    const python = await answers;
    const answer = JSON.parse(python.answer(JSON.stringify(question)));
    postMessage({ number, answer });
    if (answer.choices) postMessage({ number, tints: JSON.parse(python.tinted(JSON.stringify(answer.choices))) });
  } catch (error) {
    postMessage({ number, answer: { refused: `a fault of gmemviz itself: ${error.message.trim().split("\n").pop()}` } });
  }
};
