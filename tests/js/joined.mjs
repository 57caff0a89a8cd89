// A front end as Python joins it: as a data URL, as anywidget has it as a Blob, a module whatever
// node's version thinks of ".js".
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(`../../gmemviz/frontend/static/${name}`, import.meta.url));

export function joined(...names) {
  const source = Buffer.concat(["shared.js", "steps.js", "pictures.js", ...names].map(read));
  return import(`data:text/javascript;base64,${source.toString("base64")}`);
}
