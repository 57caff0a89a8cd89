// The rail: five lists of choices, each word with the verdict that it would give.

const SAID = { kernel: "kernel", mount: "superblock (mount)", placement: "metadata kept in", cleanup: "freed in", metadata: "metadata" };
const ORDER = ["kernel", "mount", "metadata", "placement", "cleanup"];
const SIGN = { correct: "✓", wrong: "✗", none: "–", unknown: "?" };

/** Return the families of a choice's words, in their order: evict-before-truncate is of evict. */
export function families(words) {
  const found = new Map();
  for (const word of words) {
    const family = /^(drop|evict|destroy|free)\b/.exec(word)?.[0] ?? word;
    found.set(family, [...(found.get(family) ?? []), word]);
  }
  return found;
}

function choiceRow(axis, word, label, state) {
  const tint = state.tints?.[axis]?.[word], chosen = state.choices[axis] === word;
  const kind = tint?.mark ?? "";
  const node = make("button", { type: "button", role: "radio", class: `gms-choice is-${kind}`, "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1", "data-axis": axis, "data-word": word, ...KEPT });
  const known = kind === "none" ? "no Design" : tint ? `${SIGN[kind]} ${tint.short}` : "";
  node.title = [word, known].filter(Boolean).join(": ");
  const short = make("span", { class: "gms-short" });
  short.textContent = kind === "correct" ? "" : (tint?.short ?? "");
  const name = make("span", { class: "gms-word" });
  name.textContent = label;
  node.append(mark(kind), name, short);
  return node;
}

function familyRow(axis, family, words, state, open) {
  const node = make("button", { type: "button", class: "gms-family", "aria-expanded": String(open), tabindex: "-1", "data-family": family, ...KEPT });
  const name = make("span", { class: "gms-word" });
  name.textContent = `${open ? "▾" : "▸"} ${family}`;
  node.append(name, ...(open ? [] : words.map((word) => mark(state.tints?.[axis]?.[word]?.mark ?? "", 11))));
  return node;
}

function group(axis, words, state, opened) {
  const rows = [];
  for (const [family, members] of axis === "cleanup" ? families(words) : words.map((word) => [word, [word]])) {
    if (members.length === 1) {
      rows.push(choiceRow(axis, members[0], members[0], state));
      continue;
    }
    const open = members.includes(state.choices[axis]) || opened.has(family);
    rows.push(familyRow(axis, family, members, state, open));
    const short = (word) => word.slice(family.length).replace(/^-/, "").replace("+", "with ").replaceAll("-", " ");
    if (open) rows.push(...members.map((word) => choiceRow(axis, word, short(word), state)));
  }
  const title = make("div", { class: "gms-axis" });
  title.textContent = SAID[axis];
  return make("div", { class: "gms-group", role: "radiogroup", "aria-label": SAID[axis] }, title, ...rows);
}

/** Make one line of five menus of it, where there is no room at the side. */
function menu(axis, words, state) {
  const select = make("select", { "aria-label": SAID[axis], "data-axis": axis, ...KEPT });
  for (const word of words) {
    const tint = state.tints?.[axis]?.[word];
    const option = make("option", { value: word });
    option.textContent = tint ? `${SIGN[tint.mark]} ${word}${tint.mark === "wrong" ? ` (${tint.short})` : ""}` : word;
    option.selected = state.choices[axis] === word;
    select.append(option);
  }
  select.title = SAID[axis];
  return make("span", { class: "gms-menu" }, select);
}

const WRITTEN = { toml: ["textarea", "TOML of a Design", "name = \"mine\"\nkernel = \"7.3\"\nmount = \"own\" …"], tree: ["input", "A filesystem of GMEMVIZ_TREE", "such as ext4"] };

/** Make what is chosen first: where to start from. `state.writing` is a start that wants a text. */
function startControl(state) {
  const select = make("select", { "aria-label": "start from", "data-start": "", title: "start from", ...KEPT });
  const chosen = state.writing || state.start;
  if (!state.starts.some((group) => group.starts.some(([word]) => word === chosen))) {
    const here = make("option", { value: "" });
    here.textContent = "as given";
    select.append(here);
  }
  for (const { label, starts } of state.starts) {
    const options = starts.map(([word, text]) => {
      const option = make("option", { value: word });
      option.textContent = text;
      return option;
    });
    select.append(make("optgroup", { label }, ...options));
  }
  select.value = chosen;
  const name = make("span", { class: "gms-axis", "aria-hidden": "true" });
  name.textContent = "from";
  return make("div", { class: "gms-start" }, name, select, ...(WRITTEN[chosen] ? writing(chosen, state) : []), ...told(state));
}

function writing(start, state) {
  const [tag, label, hint] = WRITTEN[start];
  const field = make(tag, { "aria-label": label, placeholder: hint, "data-draft": start, spellcheck: "false", ...KEPT });
  field.value = state.drafts[start] ?? "";
  const check = make("button", { type: "button", class: "gms-check", "data-check": start, ...KEPT });
  check.textContent = "check";
  return [field, check];
}

function told(state) {
  const said = state.isAsked ? "being read and checked …" : state.told;
  if (!said) return [];
  const node = make("div", { class: state.isAsked ? "gms-told" : "gms-told is-wrong", role: "status" });
  node.textContent = said;
  return [node];
}

/** List what a Design says that is none of five choices. */
function said(says) {
  return says.map(([name, words]) => {
    const title = make("div", { class: "gms-axis" });
    title.textContent = name;
    const rows = words.map((word) => {
      const row = make("div", { class: "gms-fact" });
      row.textContent = word;
      return row;
    });
    return make("div", { class: "gms-facts" }, title, ...rows);
  });
}

/** Fill the rail anew; what had the focus has it again. */
export function fillRail(host, state, isNarrow, opened) {
  const axes = ORDER.filter((axis) => state.words?.[axis]);
  host.dataset.tinted = String(Object.keys(state.tints ?? {}).length > 0);
  const active = host.contains(document.activeElement) ? document.activeElement.dataset : null;
  const caret = active?.draft ? document.activeElement.selectionStart : 0;
  const build = isNarrow ? menu : (axis, words, now) => group(axis, words, now, opened);
  const first = state.starts?.length ? [startControl(state)] : [];
  host.replaceChildren(...first, ...axes.map((axis) => build(axis, state.words[axis], state)), ...(axes.length ? [] : said(state.says ?? [])));
  if (!active) return;
  const own = ["start", "draft", "check"].find((name) => name in active);
  const same = own ? `[data-${own}]` : active.family ? `[data-family="${active.family}"]` : `[data-axis="${active.axis}"]:is(select, [aria-checked="true"])`;
  const again = host.querySelector(same);
  again?.focus({ preventScroll: true });
  if (active.draft) again?.setSelectionRange(caret, caret);
}

/** Move within a list by arrow keys: each list is one Tab stop. */
export function railKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.target.closest?.(".gms-group");
  if (!by || !list) return false;
  const rows = [...list.querySelectorAll("button")];
  const next = rows[rows.indexOf(event.target) + by];
  if (next) next.focus({ preventScroll: true });
  return true;
}
