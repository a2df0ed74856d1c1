// Fields of figures become buttons that put them into the text; leaving with unsaved words asks first.
const form = document.querySelector("[data-draft]");
const text = form?.querySelector("textarea");
if (text) {
  for (const code of document.querySelectorAll("[data-field]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet small";
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => {
      text.setRangeText(code.dataset.field, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    });
  }
  let unsaved = false;
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
}
