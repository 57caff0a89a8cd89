// The player's pictures. Their markup may be hostile: it is copied through an allow-list, and
// every word goes through textContent. A step swaps the classes of elements found here.

const ELEMENTS = new Set(
  "svg g path polygon polyline line rect circle ellipse text tspan title desc".split(" "));
const ATTRIBUTES = new Set(
  ("id class viewBox preserveAspectRatio transform d points x y x1 y1 x2 y2 dx dy cx cy r rx ry " +
    "width height fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray " +
    "stroke-linecap stroke-linejoin opacity visibility font-family font-size font-weight font-style " +
    "text-anchor dominant-baseline text-decoration letter-spacing textLength lengthAdjust").split(" "));
const CALLS = /^((rgb|hsl)a?\([\d\s.,%/]+\)|var\(--[\w-]+(,\s*[\w#-]+)?\))$/;

/** Say whether an element of a picture may be copied into the page. */
export function isElementAllowed(name) {
  return ELEMENTS.has(name);
}

/** Say whether an attribute may; nothing allowed can load, run or float. */
export function isAttributeAllowed(name, value) {
  if (!ATTRIBUTES.has(name) || value.includes("\\")) return false; // CSS reads u\72l as url
  if (name === "id") return /^\w+$/.test(value);
  if (name === "transform") return !/url/i.test(value);
  return !value.includes("(") || CALLS.test(value.trim());
}

let adoptions = 0; // makes ids unique on a page that shows one film twice

/** Copy parsed markup through the allow-list; fill `found` with id -> {node, base}. */
function adopt(source, found, prefix = `gv${(adoptions += 1)}_`) {
  if (source.namespaceURI !== SVG || !isElementAllowed(source.localName)) return null;
  const node = draw(source.localName);
  for (const { name, value } of source.attributes) {
    if (isAttributeAllowed(name, value)) node.setAttribute(name, name === "id" ? prefix + value : value);
  }
  if (node.id) {
    const id = node.id.slice(prefix.length);
    node.setAttribute("data-id", id);
    found.set(id, { node, base: node.getAttribute("class") ?? "" });
  }
  adoptInto(node, source, found, prefix);
  return node;
}

function adoptInto(node, source, found, prefix) {
  for (const child of source.childNodes) {
    const isTooltip = child.localName === "a" || (child.localName === "g" && child.id.startsWith("a_"));
    const isName = child.localName === "title" && source.localName === "g"; // Graphviz's own, no tip
    if (isTooltip) {
      // Graphviz wraps what has a tooltip twice; unwrapped, a node's shape is its child again.
      const tip = child.getAttribute("xlink:title");
      if (tip) node.append(draw("title", {}, tip));
      adoptInto(node, child, found, prefix);
    } else if (child.nodeType === 1 && !isName) node.append(adopt(child, found, prefix) ?? "");
    else if (child.nodeType === 3 && /^(text|tspan|title|desc)$/.test(node.localName)) node.append(child.data);
  }
}

function parsed(picture, found) {
  const document_ = new DOMParser().parseFromString(picture.svg, "image/svg+xml");
  const svg = document_.querySelector("parsererror") ? null : adopt(document_.documentElement, found);
  if (!/^([-\d.]+[\s,]*){4}$/.test(svg?.getAttribute("viewBox"))) return null;
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return dress(svg, { role: "img", "aria-label": picture.alt });
}

/** ctrl+wheel zooms, drag pans, double click resets; a plain wheel still scrolls. */
function zoomable(svg, home) {
  let box = home, from = null;
  const show = (to) => svg.setAttribute("viewBox", (box = to).map((n) => +n.toFixed(2)).join(" "));
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const zoom = (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const wide = Math.min(home[2] * 2, Math.max(home[2] / 20, box[2] * Math.exp(event.deltaY * 0.002)));
    const [p, k] = [at(event), wide / box[2]];
    show([p.x - (p.x - box[0]) * k, p.y - (p.y - box[1]) * k, box[2] * k, box[3] * k]);
  };
  const pan = (event) => {
    if (!from || !event.buttons) return void (from = null);
    svg.setPointerCapture(event.pointerId);
    const p = at(event);
    show([box[0] + from.x - p.x, box[1] + from.y - p.y, box[2], box[3]]);
  };
  svg.addEventListener("wheel", zoom, { passive: false });
  svg.addEventListener("pointerdown", (event) => (from = event.button === 0 ? at(event) : null));
  svg.addEventListener("pointermove", pan);
  svg.addEventListener("dblclick", () => show(home));
}

const BAKED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "fill-opacity",
  "opacity", "visibility", "font-family", "font-size", "font-weight", "font-style", "text-anchor"];

/** Give a picture as it looks now, as a file that needs no style sheet. */
function standalone(svg, [x, y, width, height], paper) {
  const copy = svg.cloneNode(true);
  const styled = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const look = getComputedStyle(styled[i]);
    for (const name of BAKED) node.setAttribute(name, look.getPropertyValue(name));
    node.removeAttribute("data-id");
  });
  copy.removeAttribute("style");
  copy.prepend(draw("rect", { x, y, width, height, fill: paper }));
  dress(copy, { width, height, viewBox: [x, y, width, height].join(" ") });
  return new XMLSerializer().serializeToString(copy).replace(/ id="gv\d+_/g, ' id="');
}

function paperOf(node) {
  const colour = node ? getComputedStyle(node).backgroundColor : "white";
  return /^rgba\(.*, 0\)$|^transparent$/.test(colour) ? paperOf(node.parentElement) : colour;
}

function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function save(svg, home, name, kind) {
  const blob = new Blob([standalone(svg, home, paperOf(svg))], { type: "image/svg+xml" });
  if (kind === "svg") return download(blob, `${name}.svg`);
  const url = URL.createObjectURL(blob);
  const image = make("img", { src: url });
  await image.decode();
  const canvas = make("canvas", { width: Math.ceil(home[2] * 2), height: Math.ceil(home[3] * 2) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((png) => download(png, `${name}.png`), "image/png");
}

/** Build one figure; `nameOf` names a file saved from it at the step then shown. */
function figureOf(picture, nameOf, enlarge) {
  const found = new Map();
  const svg = parsed(picture, found);
  const tools = make("span", { class: "gmemviz-tools" });
  const figure = make("figure", { class: "gmemviz-picture", "data-picture": picture.name },
    make("figcaption", {}, make("span", { title: picture.title }, picture.title), tools));
  if (!svg) {
    figure.append(make("p", {}, picture.alt));
    return { figure, found, size: [1, 1] };
  }
  const box = svg.getAttribute("viewBox").split(/[\s,]+/).map(Number);
  const tool = (text, label, act) => {
    tools.append(make("button", { type: "button", title: label, "aria-label": `${label}: ${picture.title}` }, text));
    tools.lastChild.addEventListener("click", act);
  };
  tool("SVG", "Save as SVG", () => save(svg, box, nameOf(picture), "svg"));
  tool("PNG", "Save as PNG", () => save(svg, box, nameOf(picture), "png"));
  tool("⤢", "Enlarge, or back", () => enlarge(figure));
  svg.style.setProperty("--gmemviz-widest", `${box[2] * LARGEST}px`);
  zoomable(svg, box);
  figure.append(svg);
  return { figure, found, size: box.slice(2) };
}
