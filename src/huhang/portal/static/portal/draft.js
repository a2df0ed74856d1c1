/* Answers survive a lost connection, a closed tab's reload and a step back, and nothing else: they stay in this tab's
   sessionStorage, never on disk of another tab, until the report is acknowledged or the person clears them.
   Contract:
   <form method="post" data-draft-form="STEP" data-draft-flow="FLOW">   FLOW names the report being written (its site's code)
     named fields; passwords, files, hidden fields and [data-no-draft] are never kept
     <div class="notice" data-offline hidden role="status">You are offline…
       <button type="button" data-retry>Try again</button></div>
     <p data-draft-kept hidden>Kept on this device only until you send it.
       <button type="button" class="bare" data-draft-clear data-cleared="Cleared">Clear</button></p>
   </form>
   <meta name="huhang-acknowledged" content="FLOW"> on the page that acknowledges (or * for all) clears it.
   A [data-draft-clear] outside of a form clears every draft.
   Posting while offline is stopped before the browser would replace the page by its own error; it is sent by the person's
   second press or by "Try again" once the connection is back, not by itself. */

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

/** Clear the drafts of one flow, or all of them. */
export function clear(flow = "*") {
  if (!store) return;
  for (const key of Object.keys(store)) {
    if (key.startsWith(flow === "*" ? PREFIX : `${PREFIX}${flow}.`)) store.removeItem(key);
  }
  store.removeItem(CODE);
}

function start(form) {
  const offline = form.querySelector("[data-offline]");
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

  const tell = () => {
    if (offline) offline.hidden = navigator.onLine;
  };
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    tell();
    offline?.querySelector("[data-retry]")?.focus();
  });
  offline?.querySelector("[data-retry]")?.addEventListener("click", () => {
    tell();
    if (navigator.onLine) form.requestSubmit();
  });
  tell();
}

const acknowledged = document.querySelector("meta[name=huhang-acknowledged]");
if (acknowledged) clear(acknowledged.content);
for (const form of document.querySelectorAll("form[data-draft-form]")) start(form);
for (const button of document.querySelectorAll("[data-draft-clear]:not(form *)")) {
  button.addEventListener("click", () => {
    clear();
    button.textContent = button.dataset.cleared;
  });
}
