/* Answers survive a lost connection, a closed tab's reload and a step back, and nothing else: they stay in this tab's
   sessionStorage, never on disk of another tab, until the report is acknowledged or the person clears them.
   Contract:
   <form method="post" data-draft-form="STEP" data-draft-flow="FLOW">   FLOW names the report being written (its site's code)
     named fields; passwords, files, hidden fields and [data-no-draft] are never kept
     <div class="notice" data-offline hidden role="status" tabindex="-1">You are offline…</div>
     <p data-draft-kept hidden>Kept on this device only until you send it.
       <button type="button" class="bare" data-draft-clear data-cleared="Cleared">Clear</button></p>
   </form>
   <meta name="huhang-acknowledged" content="FLOW"> on the page that acknowledges (or * for all) clears it.
   A [data-draft-clear] outside of a form clears every draft.
   Posting while offline is stopped before the browser would replace the page by its own error; it is sent by the person's
   next press once the connection is back, not by itself. steps.js starts all of this on each page that it shows. */

const PREFIX = "huhang.draft.";
const CODE = "huhang.code"; // kept by report.js

let store = null;
try {
  store = window.sessionStorage;
} catch {
  // Forbidden by the browser's settings: the pages work, without drafts.
}

const keyOf = (form) => `${PREFIX}${form.dataset.draftFlow ?? ""}.${form.dataset.draftForm}`;

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !("noDraft" in field.dataset),
  );
}

function read(form) {
  const answers = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox" || field.type === "radio") {
      answers[field.name] ??= [];
      if (field.checked) answers[field.name].push(field.value);
    } else if (field.multiple) {
      answers[field.name] = Array.from(field.selectedOptions, (option) => option.value);
    } else {
      answers[field.name] = [field.value];
    }
  }
  return answers;
}

function fill(form, answers) {
  for (const field of fields(form)) {
    const kept = answers[field.name];
    if (!kept) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = kept.includes(option.value);
    else if (!field.value) field.value = kept[0] ?? ""; // what the server sent back is newer
  }
}

/** What was answered on all pages of a flow: [name, value] pairs, or null. steps.js writes it. */
export function answers(flow) {
  const kept = store?.getItem(`${PREFIX}${flow}.@`);
  return kept ? JSON.parse(kept) : null;
}

export function keepAnswers(flow, pairs) {
  try {
    store?.setItem(`${PREFIX}${flow}.@`, JSON.stringify(pairs));
  } catch {
    // Full: the pages themselves still carry the answers.
  }
}

/** Clear the drafts of one flow, or all of them. */
export function clear(flow = "*") {
  if (!store) return;
  for (const key of Object.keys(store)) {
    if (key.startsWith(flow === "*" ? PREFIX : `${PREFIX}${flow}.`)) store.removeItem(key);
  }
  store.removeItem(CODE);
}

/** Keep what is typed into this form, and fill it with what was kept. */
export function start(form) {
  const note = form.querySelector("[data-draft-kept]");
  const wipe = form.querySelector("[data-draft-clear]");
  const key = keyOf(form);

  if (store) {
    const kept = store.getItem(key);
    if (kept) {
      fill(form, JSON.parse(kept));
      if (note) note.hidden = false;
    }
    form.addEventListener("input", () => {
      try {
        store.setItem(key, JSON.stringify(read(form)));
        if (note) note.hidden = false;
      } catch {
        // Full: the page still holds the answer.
      }
    });
    wipe?.addEventListener("click", () => {
      clear(form.dataset.draftFlow ?? "*");
      for (const field of fields(form)) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = false;
        else if (field.tagName !== "SELECT") field.value = "";
      }
      note.textContent = wipe.dataset.cleared;
      note.tabIndex = -1;
      note.focus();
    });
  }

  window.addEventListener("online", () => offline(form, false));
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    offline(form, true);
  });
}

/** Say that nothing could be sent, or take that back. */
export function offline(form, is) {
  const notice = form.querySelector("[data-offline]");
  if (!notice) return;
  notice.hidden = !is;
  if (is) notice.focus();
}
