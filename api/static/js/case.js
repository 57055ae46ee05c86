// A case: the words stay, whatever happens; approve by one key; say at once when something changed.
import { listen } from "./live.js";

const CLAIM_AGAIN = 4 * 60_000;

export function startCase(page, csrf) {
  if (page !== "case") return {};
  const number = document.querySelector("[data-case]").dataset.case;
  const box = document.getElementById("text");
  const post = (what) => fetch(`/cases/${number}/${what}`, { method: "POST", headers: { "X-CSRF-Token": csrf }, keepalive: true });
  let deciding = false;

  listen((event) => {
    if (event.opened || String(event.case_id) === number) document.body.dispatchEvent(new Event("case-news"));
  });

  if (box) {
    keepWords(box, number);
    if (matchMedia("(width >= 48rem)").matches && location.hash !== "#escalate") {
      box.focus({ preventScroll: true });
      box.setSelectionRange(box.value.length, box.value.length);
    }
    // Who approved first makes room for the second person.
    const mine = !document.getElementById("approve")?.disabled;
    post(mine ? "claim" : "let-go");
    if (mine) setInterval(() => document.hidden || post("claim"), CLAIM_AGAIN);
    window.addEventListener("pagehide", () => deciding || post("let-go"));
  }

  // Who waits for a draft and has typed nothing sees it at once; typed words are never taken away.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const arrived = event.target.id === "news" && event.target.querySelector("a");
    if (arrived && box && "waits" in box.dataset && box.value === box.dataset.saved) location.reload();
  });

  // A form that somebody is filling in is not taken from under their hands.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "reply" && event.target.querySelector("details[open]")) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    deciding = true;
    if (box && "carries" in event.target.dataset) carry(event.target, box);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-start]");
    if (button) pick(box, Number(button.dataset.start), Number(button.dataset.end));
  });

  const escalate = document.getElementById("escalate");
  function ask() {
    if (!escalate) return false;
    escalate.open = true;
    escalate.querySelector("textarea").focus();
    return true;
  }
  // Later than the browser itself, which moves the focus to what an address points at.
  if (location.hash === "#escalate") window.addEventListener("load", () => setTimeout(ask));

  return {
    "Ctrl+Enter": () => document.getElementById("approve")?.click(),
    z: () => document.querySelector("[data-key=z]")?.click(),
    r: () => box?.focus(),
    e: ask,
    d: () => document.querySelector("[data-disagree]")?.click(),
    Escape: () => {
      if (escalate) escalate.open = false;
      document.querySelector(".fix:not(:empty)")?.replaceChildren();
    },
    "?": () => document.getElementById("keys").showModal(),
  };
}

// What was typed and not saved survives a reload, a wrong click and a lost connection, in this tab.
function keepWords(box, number) {
  const key = box.dataset.keep;
  for (const other of Object.keys(sessionStorage)) {
    if (other.startsWith(`reply-${number}-`) && other !== key) sessionStorage.removeItem(other);
  }
  const kept = sessionStorage.getItem(key);
  if (kept !== null && kept !== box.value && box.value === box.dataset.saved) {
    box.value = kept;
    window.addEventListener("load", () => window.htmx?.trigger(box, "check"));
  }
  box.addEventListener("input", () => {
    if (box.value === box.dataset.saved) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, box.value);
  });
}

function carry(form, box) {
  const words = document.createElement("input");
  words.type = "hidden";
  words.name = "text";
  words.value = box.value;
  form.append(words);
}

// Findings count in code points, the browser in UTF-16 units.
function pick(box, start, end) {
  const letters = [...box.value];
  const before = letters.slice(0, start).join("").length;
  box.focus();
  box.setSelectionRange(before, before + letters.slice(start, end).join("").length);
}
