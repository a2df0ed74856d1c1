/* Files that take a while. At once after a press the link shows that its file is being made, and a second
   press does nothing until it is there; then it is saved. What is no file (signed out, refused) is opened.
   Contract: a[data-made] leads to a file; one [role=status][data-making="words"] says so meanwhile. */

const said = document.querySelector("[data-making]");
let making = 0;

function show(link, busy) {
  making += busy ? 1 : -1;
  said.textContent = making ? said.dataset.making : "";
  for (const name of ["aria-busy", "aria-disabled", "data-pressed"]) {
    if (busy) link.setAttribute(name, "true");
    else link.removeAttribute(name);
  }
}

function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function make(link) {
  show(link, true);
  try {
    const answer = await fetch(link.href);
    const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "");
    if (answer.ok && name) save(await answer.blob(), decodeURIComponent(name[1]));
    else location.assign(link.href);
  } catch {
    location.assign(link.href); // the browser says itself that the server cannot be reached
  } finally {
    show(link, false);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-made]") : null;
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!link.hasAttribute("aria-busy")) make(link);
});
