/* The staff's keys and the selection of rows. Everything here is also reachable without it.
   Contract:
   - table[data-rows] with <tr data-row> in its body; the row's first link (or a[data-open]) opens it.
   - input[type=checkbox][data-pick] in a row selects it; input[data-pick-all] in the head selects all of the table.
   - [data-picked-count] shows how many are selected; [data-needs-pick] (the batch toolbar) is hidden while none is.
   - input[data-find] is the search field; dialog[data-keys] the list of keys; a[data-go=q] is where "g q" goes. */

const rows = () => [...document.querySelectorAll("table[data-rows] tr[data-row]")];
const picks = () => [...document.querySelectorAll("table[data-rows] [data-pick]")];
let current = -1;
let last = null; // the box clicked last, for a range with Shift
let afterG = 0;

function show(index) {
  const all = rows();
  if (!all.length) return;
  all[current]?.removeAttribute("aria-current");
  current = Math.max(0, Math.min(index, all.length - 1));
  const row = all[current];
  row.setAttribute("aria-current", "true");
  const link = opener(row);
  // The focus goes with the mark, so that a screen reader says the row and Enter opens it.
  link?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function opener(row) {
  return row.querySelector("a[data-open]") ?? row.querySelector("a[href]");
}

function count() {
  const all = picks();
  const chosen = all.filter((box) => box.checked).length;
  for (const place of document.querySelectorAll("[data-picked-count]")) place.textContent = String(chosen);
  for (const bar of document.querySelectorAll("[data-needs-pick]")) bar.hidden = chosen === 0;
  const head = document.querySelector("[data-pick-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

function typing(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])") !== null;
}

const keys = {
  j: () => show(current + 1),
  k: () => show(current - 1),
  x: () => rows()[current]?.querySelector("[data-pick]")?.click(),
  Enter: () => rows()[current] && opener(rows()[current])?.click(),
  "/": () => document.querySelector("[data-find]")?.focus(),
  "?": () => document.querySelector("dialog[data-keys]")?.showModal(),
  g: () => {
    afterG = Date.now();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (typing(target) || document.querySelector("dialog[open]")) {
    if (event.key === "Escape" && target.matches("[data-find]")) target.blur();
    return;
  }
  if (Date.now() - afterG < 1500) {
    afterG = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      location.assign(place.href);
      return;
    }
  }
  // Enter on a link or a button is the browser's own.
  if (event.key === "Enter" && target.closest("a, button, summary, input")) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const box = event.target instanceof Element ? event.target.closest("[data-pick]") : null;
  if (!box) return;
  if (event.shiftKey && last && last !== box) {
    const all = picks();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of picks()) box.checked = event.target.checked;
  if (event.target.matches("[data-pick], [data-pick-all]")) count();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr[data-row]");
  const index = row ? rows().indexOf(row) : -1;
  if (index < 0 || index === current) return;
  rows()[current]?.removeAttribute("aria-current");
  current = index;
  row.setAttribute("aria-current", "true");
});

window.addEventListener("pageshow", count);
count();
