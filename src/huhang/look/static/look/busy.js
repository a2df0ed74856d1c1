/* Both rooms. At once after a press something answers: the pressed button shows that it works, and a
   second press does nothing. A page that the browser brings back from its cache is ready again.
   A field with [data-most] counts what is typed into it from four fifths of its limit on: nothing is cut silently.
   Contract: every form; a form with [data-no-busy] (downloads) is left alone. [data-errors] gets the focus. */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || "noBusy" in form.dataset) return;
  if (form.hasAttribute("aria-busy")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  const button = event.submitter;
  if (!button) return;
  button.dataset.pressed = "";
  // Not `disabled`: a disabled button's name and value would not be sent.
  button.setAttribute("aria-disabled", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  for (const button of document.querySelectorAll("[data-pressed]")) {
    delete button.dataset.pressed;
    button.removeAttribute("aria-disabled");
  }
});

document.querySelector("[data-errors]")?.focus();

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.most) return;
  const most = Number(field.dataset.most);
  const given = [...field.value].length;
  let said = field.nextElementSibling?.matches("[data-counted]") ? field.nextElementSibling : null;
  if (!said) {
    said = document.createElement("p");
    said.className = "small soft";
    said.dataset.counted = "";
    said.setAttribute("role", "status");
    field.after(said);
  }
  said.classList.toggle("error", given > most);
  said.textContent = given > most * 0.8 ? `${given} / ${most}` : "";
});
