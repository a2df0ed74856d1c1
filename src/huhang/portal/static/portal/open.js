/* The page to come back by code: turns the code into its login token here and sends the token alone.
   Contract:
   <form method="post" data-open data-empty="…" data-length="… {found} …" data-character="… {found} …" data-check="…">
     <textarea name="code" class="code-input" rows="2" autocomplete="off" autocapitalize="characters" spellcheck="false" data-code-input></textarea>
     <input type="hidden" name="login_token" value="">
     <p class="error" data-code-error id="code_error" role="alert" hidden></p>
     <button>Open</button>
   </form>
   The field loses its name before the form is sent. Without script or WebCrypto the server reads `code` itself. */

import { CodeError, able, derive, normalise } from "./code.js";

function start(form) {
  const field = form.querySelector("[data-code-input]");
  const token = form.elements.namedItem("login_token");
  const error = form.querySelector("[data-code-error]");
  const name = field.name;
  // While script can do it, the plain code cannot be sent even by accident.
  field.removeAttribute("name");
  let ready = false;

  function say(fault) {
    if (!(fault instanceof CodeError)) {
      // This browser could not derive the token: the server still can.
      field.name = name;
      ready = true;
      form.requestSubmit();
      return;
    }
    error.textContent = (form.dataset[fault.reason] ?? fault.message).replace("{found}", fault.detail);
    error.hidden = false;
    field.setAttribute("aria-invalid", "true");
    if (error.id) field.setAttribute("aria-describedby", error.id);
    field.focus();
  }

  form.addEventListener("submit", async (event) => {
    if (ready) {
      ready = false;
      return;
    }
    event.preventDefault();
    try {
      token.value = (await derive(normalise(field.value))).login;
      ready = true;
      // In a task of its own: Chromium swallows a second submission while it still ends the first.
      setTimeout(() => form.requestSubmit());
    } catch (fault) {
      say(fault);
    }
  });
  // Two lines, so that a phone shows the whole code; Enter still opens the report.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  field.addEventListener("input", () => {
    error.hidden = true;
    field.removeAttribute("aria-invalid");
  });
}

if (able) for (const form of document.querySelectorAll("form[data-open]")) start(form);
