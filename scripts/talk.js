
// The deck: it follows the exported page's script and uses what that has.
//
// PageDown and PageUp turn slides wherever the focus is; the other keys are the player's while it
// has the focus, as on arrival it has, and turn slides where there is none.

const TURNS = { PageDown: 1, PageUp: -1 };
const MAY_TURN = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, " ": 1, Home: -Infinity, End: Infinity };

/** Write seconds as a clock has them. */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** Say what a key means to the deck: {by} to turn, {does} a letter, {} nothing. */
export function deckKey(key, isKept) {
  if (key in TURNS) return { by: TURNS[key] };
  if (key.length === 1 && "nsft".includes(key)) return { does: key };
  return !isKept && key in MAY_TURN ? { by: MAY_TURN[key] } : {};
}

/** Say at which step the player of a slide is, "" where none plays. */
export function stepOf(slide) {
  const player = slide.querySelector(".gmemviz-player:not(.is-still)");
  const [count, at] = [".gmemviz-count", ".gmemviz-function"].map((name) => player?.querySelector(name)?.textContent ?? "");
  return count && `step ${count}: ${at}`;
}

/** Copy a slide for the speaker's window: as it is played now, or as on paper. */
function pictured(slide, isPlayed) {
  const copy = slide.cloneNode(true);
  for (const node of copy.querySelectorAll("[tabindex], button, input, select")) node.setAttribute("tabindex", "-1");
  copy.classList.toggle("is-shown", isPlayed);
  return make("div", isPlayed ? { class: "has-player", inert: "" } : { inert: "" }, copy);
}

function startDeck() {
  const root = document.documentElement;
  const slides = [...document.querySelectorAll(".slide")];
  const notes = slides.map((slide) => slide.nextElementSibling);
  const runs = JSON.parse(document.getElementById("deck-runs").textContent);
  const mounted = new Set();
  let shown = 0, began = 0, speaker = null;

  const mount = (section) => {
    if (!section || mounted.has(section.id)) return;
    mounted.add(section.id);
    const { film, start } = runs[Number(section.id.slice(4))];
    const drawn = section.querySelectorAll(".gm-still figure > svg");
    const pictures = film.pictures.map((picture, i) => pictureOf(picture, drawn[i]));
    const whole = { ...film, pictures, frames: unfolded(film.frames) };
    const model = modelOf({ film: whole, index: start, playing: false, interval_ms: 700 });
    render({ model, el: section.querySelector(".gm-player") });
  };
  const tell = () => {
    if (!speaker || speaker.closed) return;
    const spent = began ? (Date.now() - began) / 1000 : 0;
    const [from, until] = notes[shown].dataset.time.split(" ").map(Number);
    const time = make("p", {}, `${clock(spent)} · this slide ${clock(from)} to ${clock(until)}`);
    time.style.cssText = `font-size: 2em; margin: 0; color: ${spent > until ? "#b02e00" : "#111"}`;
    const next = slides[shown + 1]?.getAttribute("aria-label") ?? "the end";
    const beside = make("div", { class: "speaker" }, pictured(slides[shown], true), ...(slides[shown + 1] ? [pictured(slides[shown + 1], false)] : []));
    speaker.document.body.replaceChildren(time, notes[shown].cloneNode(true), beside, make("p", {}, [`Next: ${next}`, stepOf(slides[shown])].filter(Boolean).join(" · ")));
  };
  const go = (to) => {
    shown = clamp(to, slides.length);
    slides.forEach((slide, n) => slide.classList.toggle("is-shown", n === shown));
    const slide = slides[shown];
    for (const section of slide.querySelectorAll(".gm-run")) if (section.offsetParent) mount(section);
    (slide.querySelector(".gmemviz-player:not(.is-still)") ?? slide).focus({ preventScroll: true });
    if (shown && !began) began = Date.now();
    try {
      history.replaceState(null, "", `#${shown + 1}`);
    } catch {
      // a page inside another one may not
    }
    tell();
  };
  const speak = () => {
    speaker = window.open("", "speaker", "width=1120,height=720");
    if (!speaker) return root.classList.add("has-notes"); // no second window: on this one, then
    speaker.document.title = "Notes";
    const sheet = new speaker.CSSStyleSheet(); // the deck's own, which its policy lets a script hand on
    sheet.replaceSync(document.querySelector("style").textContent);
    speaker.document.adoptedStyleSheets = [sheet];
    speaker.document.documentElement.style.fontSize = "20px";
    speaker.document.body.style.cssText = "margin: 16px; font: 22px/1.4 sans-serif";
    speaker.addEventListener("keydown", onKey);
    tell();
  };
  const does = {
    n: () => root.classList.toggle("has-notes"),
    s: speak,
    t: () => (began = Date.now()),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  };
  const onKey = (event) => {
    if (isHeld(event)) return;
    const isKept = Boolean(event.target.closest?.(".gmemviz-player, fieldset"));
    const { by, does: letter } = deckKey(event.key, isKept);
    if (!by && !letter) return;
    event.preventDefault();
    event.stopPropagation();
    if (by) go(Math.max(0, Math.min(slides.length - 1, shown + by)));
    else does[letter]();
  };

  for (const floor of document.querySelectorAll(".floor")) {
    floor.addEventListener("change", () => {
      const of = [...floor.querySelectorAll("input:checked")].map((input) => input.value).join("/");
      for (const one of floor.querySelectorAll(".answer")) one.hidden = one.dataset.of !== of;
      mount(floor.querySelector(".answer:not([hidden]) .gm-run"));
    });
  }
  const at = () => (Number(location.hash.slice(1)) || 1) - 1;
  root.classList.add("has-player");
  addEventListener("keydown", onKey, true); // before the player, which knows PageDown too
  addEventListener("hashchange", () => at() !== shown && go(at()));
  setInterval(tell, 1000);
  go(at());
}

if (globalThis.document) startDeck();
