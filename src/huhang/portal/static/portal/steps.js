/* The pages of a report, one after the other, without leaving the document: so that the browser's Back and Forward show
   the page before and after with what was typed, and a reload shows the page that was open. The server still decides
   which page comes: each is posted and its answer is shown. Nothing of it stands in an address or in the browser's
   cache (the pages are no-store); what was answered is kept in this tab by draft.js until the report is acknowledged.
   Contract: the form of a page is form[data-draft-form][data-draft-flow]; the one that also has [data-report-last] is sent
   by the browser itself, and so is a button with its own formaction (the other language). Without script the same forms
   post as they are. */

import { answers, clear, keepAnswers, offline, start as startDraft } from "./draft.js";
import { start as startReport, startBlock } from "./report.js";

const OWN = ["csrfmiddlewaretoken", "step", "go", "drop", "site", "login_token", "server_code", "puzzle_answer", "puzzle_seal"];
const shown = []; // the pages of this document by their place in the history: main, bar and title
const born = String(Math.random());
let at = 0;
let known = []; // [name, value] of everything answered so far

const formOf = (root) => root.querySelector("form[data-draft-form]");
const here = () => ({ main: document.querySelector("main"), bar: document.querySelector("header.bar"), title: document.title });
const stepOf = (page) => formOf(page.main)?.dataset.draftForm ?? "";

function pairs(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OWN.includes(name));
}

function learn(form) {
  if (form) known = pairs(form);
}

/** What this form does not ask and an earlier page did not know yet: answers of later pages. */
function later(form) {
  const names = new Set([...form.elements].map((field) => field.name));
  return known.filter(([name]) => !names.has(name));
}

function begin(root) {
  const form = formOf(root);
  if (form) startDraft(form);
  for (const last of root.querySelectorAll("form[data-report-last]")) startReport(last);
  for (const block of root.querySelectorAll("[data-code-block]:not(form *)")) startBlock(block);
  for (const button of root.querySelectorAll("[data-draft-clear]:not(form *)")) {
    button.addEventListener("click", () => {
      clear();
      button.textContent = button.dataset.cleared;
    });
  }
}

function put(page) {
  const old = here();
  old.main.replaceWith(page.main);
  if (old.bar && page.bar) old.bar.replaceWith(page.bar);
  document.title = page.title;
  window.scrollTo(0, 0);
  (page.main.querySelector("[data-errors]") ?? page.main).focus({ preventScroll: true });
}

/** Show a page that the server answered with: in place when it is the same step, else as the next in the history. */
function arrive(text, place) {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const page = { main: parsed.querySelector("main"), bar: parsed.querySelector("header.bar"), title: parsed.title };
  const acknowledged = parsed.querySelector("meta[name=huhang-acknowledged]");
  if (acknowledged) clear(acknowledged.content);
  if (place === "next" && stepOf(page) !== stepOf(here())) {
    shown[at] = here();
    at += 1;
    shown.length = at;
    history.pushState({ born, at, step: stepOf(page) }, "", location.pathname + location.search);
  }
  put(page);
  begin(page.main);
  const form = formOf(page.main);
  learn(form);
  if (form) keepAnswers(form.dataset.draftFlow, known);
}

function busy(form, button, is) {
  form.toggleAttribute("aria-busy", is);
  if (is) form.setAttribute("aria-busy", "true");
  button?.toggleAttribute("data-pressed", is);
}

async function post(form, body, place, button) {
  const packed = form.enctype === "multipart/form-data" ? body : new URLSearchParams([...body]);
  busy(form, button, true);
  try {
    const answer = await fetch(form.action, { method: "POST", body: packed });
    const text = await answer.text();
    busy(form, button, false);
    arrive(text, place);
  } catch {
    busy(form, button, false);
    offline(form, true);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (event.defaultPrevented || !form.matches("form[data-draft-form]")) return;
  if (button?.hasAttribute("formaction") || (form.matches("[data-report-last]") && button?.value === "send")) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  offline(form, false);
  const body = new FormData(form);
  for (const [name, value] of later(form)) body.append(name, value);
  if (button?.name) body.append(button.name, button.value);
  post(form, body, "next", button);
}, true); // before busy.js, which leaves what is stopped here alone

/** Bring a page of this report back that this document does not hold (it was reloaded). */
function restore(step) {
  const form = formOf(document);
  const kept = form && answers(form.dataset.draftFlow);
  if (!kept || !step || step === stepOf(here())) return;
  const body = new FormData();
  for (const [name, value] of kept) body.append(name, value);
  for (const name of ["csrfmiddlewaretoken", "site"]) {
    const field = form.elements.namedItem(name);
    if (field) body.append(name, field.value);
  }
  body.append("step", step);
  body.append("go", "show");
  post(form, body, "here", null);
}

window.addEventListener("popstate", (event) => {
  const state = event.state;
  if (!state?.step) return;
  const form = formOf(document);
  if (form) {
    // What was typed and not sent yet is not lost by going back.
    const names = new Set([...form.elements].map((field) => field.name));
    known = [...known.filter(([name]) => !names.has(name)), ...pairs(form)];
  }
  if (state.born !== born) {
    restore(state.step);
  } else if (shown[state.at] && state.at !== at) {
    shown[at] = here();
    at = state.at;
    put(shown[at]);
  }
});

const acknowledged = document.querySelector("meta[name=huhang-acknowledged]");
if (acknowledged) clear(acknowledged.content);
begin(document);
const first = formOf(document);
if (first) {
  const before = history.state?.step;
  const kept = answers(first.dataset.draftFlow);
  learn(first);
  if (kept) known = [...kept.filter(([name]) => !known.some(([own]) => own === name)), ...known];
  history.replaceState({ born, at, step: before ?? stepOf(here()) }, "", location.pathname + location.search);
  if (before) restore(before);
}
