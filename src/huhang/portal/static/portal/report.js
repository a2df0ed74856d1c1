/* The last page of a report: makes the code here and sends only its login token.
   Contract:
   <form method="post" data-report-last>
     <input type="hidden" name="login_token" value="">        filled here
     <input type="hidden" name="server_code" value="1">       taken away here; stays where script or WebCrypto is missing,
                                                              and then the server makes the code and says so
     <div class="code" data-code-block hidden>                (look/includes/code.html) the code, shown before sending
       <ol class="code-groups" data-code></ol>
       <button type="button" data-copy data-copied="Copied" data-failed="Please copy it by hand">Copy</button> <span data-copy-said role="status">
       <label><input type="checkbox" data-written> I have written it down</label>     no name: it is not sent
     </div>
     <div data-no-code-block>…the server will make your code…</div>                 hidden here
     <button data-send>Send</button>
     <p data-written-first hidden role="alert">Please write the code down first.</p>
   </form>
   The plain code lives in the page's memory and text only: in no field, storage, path or query. The page that
   acknowledges the report carries <meta name="huhang-acknowledged"> (see draft.js) and need not show it again.
   A code is kept in sessionStorage only while its own form is open, so that sending again after a lost connection
   sends the same token and cannot file the report twice; the acknowledging page clears it. */

import { able, derive, groups, newCode } from "./code.js";

const KEPT = "huhang.code";

function copyButton(button, text) {
  const said = button.parentElement.querySelector("[data-copy-said]");
  button.addEventListener("click", async () => {
    let word = button.dataset.copied;
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      word = button.dataset.failed;
    }
    if (said) said.textContent = word;
  });
}

/** Make the code on the last page. */
export async function start(form) {
  if (!able) return;
  const block = form.querySelector("[data-code-block]");
  const token = form.elements.namedItem("login_token");
  const written = form.querySelector("[data-written]");
  const reminder = form.querySelector("[data-written-first]");
  let code = null;
  try {
    code = sessionStorage.getItem(KEPT);
  } catch {
    // Storage may be forbidden; the code then lives as long as the page.
  }
  code ??= newCode();
  const keys = await derive(code); // keys.seal stays here: nothing is sealed in this version
  try {
    sessionStorage.setItem(KEPT, code);
  } catch {
    // As above.
  }

  token.value = keys.login;
  form.elements.namedItem("server_code")?.remove();
  const list = block.querySelector("[data-code]");
  list.replaceChildren(
    ...groups(code).map((group) => {
      const item = document.createElement("li");
      item.textContent = group;
      return item;
    }),
  );
  copyButton(block.querySelector("[data-copy]"), () => groups(code).join("-"));
  block.hidden = false;
  for (const other of form.querySelectorAll("[data-no-code-block]")) other.hidden = true;

  form.addEventListener("submit", (event) => {
    if (!written || written.checked || event.submitter?.value !== "send") return;
    event.preventDefault();
    if (reminder) reminder.hidden = false;
    written.focus();
  });
  written?.addEventListener("change", () => {
    if (reminder && written.checked) reminder.hidden = true;
  });
}

/** A copy button outside of the form: the page where the server shows the code that it made. */
export function startBlock(block) {
  const list = block.querySelector("[data-code]");
  const button = block.querySelector("[data-copy]");
  if (list && button) copyButton(button, () => Array.from(list.children, (item) => item.textContent.trim()).join("-"));
}
