// What every page does: the time, the keys, jumping, copying. Pages work without any of it.
import { startClocks } from "./clocks.js";
import { startPalette } from "./palette.js";
import { startQueue } from "./queue.js";
import { startCase } from "./case.js";

const root = document.documentElement;
root.classList.add("live");

const typing = (target) => target.closest("input, textarea, select, dialog");

// --- keys: a page adds its own; a pair such as "g q" is pressed one after the other ---
const places = { q: "/", o: "/outbox", l: "/ledger", a: "/?tab=aside", c: "/checks", j: "/judge" };
let going = 0;

function go(key) {
  if (Date.now() - going >= 1000 || !places[key]) return false;
  location.assign(places[key]);
  return true;
}

function common(key) {
  going = key === "g" ? Date.now() : 0;
  if (key === "?") document.getElementById("keys")?.showModal();
  else if (key === "/") search();
  else return key === "g";
  return true;
}

function search() {
  const box = document.getElementById("search");
  if (box) box.select();
  else location.assign("/?tab=aside#search");
}

const page = document.body.dataset.page;
const csrf = document.body.dataset.csrf ?? "";
const press = (name) => () => document.querySelector(`[data-key=${name}]`)?.click();
const checking = page === "checks" ? { y: press("y"), n: press("n"), s: press("s") } : {};
const keys = { ...startQueue(page, csrf), ...startCase(page, csrf), ...checking };

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && keys[`Ctrl+${event.key}`]) {
    event.preventDefault();
    keys[`Ctrl+${event.key}`]();
    return;
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
    if (event.target.matches("textarea, input")) event.target.blur();
    keys.Escape?.();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (go(event.key)) event.preventDefault();
  else if (keys[event.key] ? keys[event.key]() !== false : common(event.key)) event.preventDefault();
});

// --- small things ---
document.addEventListener("click", (event) => {
  const target = event.target;
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(target)) menu.open = false;
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).dispatchEvent(new Event("open-dialog"));
  if (target.matches("dialog")) target.close(); // a click beside it
  const copier = target.closest("[data-copies]");
  if (copier) copy(copier);
});

async function copy(button) {
  const from = document.getElementById(button.dataset.copies);
  await navigator.clipboard.writeText(from.value ?? from.textContent);
  button.textContent = "Copied";
}

// A form that came on being asked for is where one goes on.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches(".fix")) event.target.querySelector("button")?.focus({ preventScroll: true });
});

// A filter chosen with the mouse counts at once; the keys pass by others on their way, and there is a button.
let keyed = false;
document.addEventListener("keydown", () => (keyed = true), true);
document.addEventListener("pointerdown", () => (keyed = false), true);
document.addEventListener("change", (event) => {
  const form = event.target.matches("[data-submits]") && event.target.form;
  if (form && !(keyed && form.querySelector("button"))) form.requestSubmit();
});

// One click is one decision: the button rests while the form is on its way.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

if (location.hash === "#search") search();
if (location.hash === "#withdraw") document.getElementById("withdraw")?.setAttribute("open", "");
startClocks();
startPalette();
