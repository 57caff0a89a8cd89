// The memory of a Python that has started already: the site keeps what differs from the memory that
// WebAssembly begins with, which a browser has as well. `reach` bytes of that are its constants; what
// stands behind them is chance's and the clock's, and kept as it is.

const words = (bytes, at, length) => new Uint32Array(bytes.buffer, bytes.byteOffset + at, length / 4);

/** Return a sum over the first bytes of a memory, which is another where these are. */
export function sumOf(began, reach) {
  let sum = 2166136261;
  for (const word of words(began, 0, reach)) sum = Math.imul(sum ^ word, 16777619) ^ (sum >>> 15);
  return sum >>> 0;
}

/** Mix into `kept`, behind its head, what a memory begins with, or take it out again: it is the same. */
export function mix(kept, head, began, reach) {
  const mine = words(kept, head, reach), others = words(began, 0, reach);
  for (let at = 0; at < mine.length; at += 1) mine[at] ^= others[at];
}

/** Make `kept` whole by what a module's memory begins with, and that as large; an Error where it is another. */
export function complete(kept, { head, reach, sum }, module) {
  if (sumOf(module.HEAPU8, reach) !== sum) throw new Error("the memory that was kept is of another Python");
  mix(kept, head, module.HEAPU8, reach);
  while (module.HEAPU8.length < kept.length) module._malloc(1 << 20); // what is laid over it knows nothing of this
}
