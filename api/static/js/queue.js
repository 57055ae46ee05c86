// The queue, live: rows come, change and leave without moving the one under the cursor.
import { tell } from "./clocks.js";
import { listen } from "./live.js";

const LAST = "amends-last-case";
const AGAIN = 30_000; // claims lapse and streams break: look anyway
const MOST = 200;
const PAUSE = 250; // in a storm of events, one look at a time

export function startQueue(page, csrf) {
  const list = document.getElementById("rows") ?? document.querySelector(".queue");
  if (!list || page === "case") return {};
  const rows = () => [...list.querySelectorAll(":scope > .row:not(.left)")];
  const handleOf = (row) => row.querySelector("a.said, button, a");
  const focused = () => document.activeElement.closest(".row");
  const current = () => focused() ?? list.querySelector(".row:hover");

  // --- moving ---
  function move(step) {
    const all = rows();
    const at = all.indexOf(focused());
    const to = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    closeSums();
    if (!to) return false;
    handleOf(to)?.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
    return true;
  }

  const id = () => current()?.dataset.id;

  function enter() {
    if (document.activeElement.matches("a, button, summary")) return false; // it opens by itself
    if (!id()) return false;
    location.assign(`/cases/${id()}`);
    return true;
  }

  async function claim() {
    if (!id()) return;
    await fetch(`/cases/${id()}/claim`, { method: "POST", headers: { "X-CSRF-Token": csrf } });
    refresh([id()]);
  }

  // --- why it stands here ---
  const closeSums = () => list.querySelectorAll(".sum").forEach((sum) => (sum.hidden = true));

  function why() {
    const sum = current()?.querySelector(".sum");
    if (!sum) return;
    const open = sum.hidden;
    closeSums();
    sum.hidden = !open;
  }

  // --- the judge was wrong ---
  const fixing = () => list.querySelector(".fix:not(:empty)");

  function disagree() {
    const link = current()?.querySelector("[data-disagree]");
    if (link?.matches("button")) link.focus();
    else link?.click();
  }

  function close() {
    closeSums();
    const open = fixing();
    const row = open?.closest(".row");
    open?.replaceChildren();
    if (row) handleOf(row)?.focus({ preventScroll: true });
  }

  let resting;
  list.addEventListener("mouseover", (event) => {
    clearTimeout(resting);
    const words = event.target.closest(".why");
    if (words) resting = setTimeout(() => { closeSums(); const sum = words.nextElementSibling; if (sum) sum.hidden = false; }, 250);
    else if (!event.target.closest(".sum")) closeSums();
  });

  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) sessionStorage.setItem(LAST, row.dataset.id);
  });

  const keys = { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: enter, w: why, d: disagree, Escape: close };
  const came = sessionStorage.getItem(LAST);
  const back = came && rows().find((row) => row.dataset.id === came);
  if (back) handleOf(back)?.focus({ preventScroll: false });
  if (page !== "queue") return keys;

  // --- what is new ---
  const above = document.getElementById("above");
  const waiting = new Map(); // rows that would push the current one down
  const order = (one, other) => {
    const [key, number] = one.dataset.cursor.split("-");
    const [otherKey, otherNumber] = other.dataset.cursor.split("-");
    return key < otherKey ? -1 : key > otherKey ? 1 : number - otherNumber;
  };

  function place(row, arriving) {
    const after = rows().find((one) => order(row, one) < 0);
    const more = document.getElementById("more");
    if (!after && more) return; // it stands further down than what was loaded
    if (list.dataset.after && rows()[0] && order(row, rows()[0]) < 0) return;
    row.classList.toggle("arriving", arriving);
    list.insertBefore(row, after ?? more);
  }

  function arrive(row) {
    const at = current();
    if (at && order(row, at) < 0) waiting.set(row.dataset.id, row);
    else place(row, true);
  }

  function renew(old, row) {
    if (old.dataset.mark === row.dataset.mark && !old.classList.contains("left")) return;
    if (old.contains(fixing())) return; // somebody is filling it in
    const at = current();
    const moved = old.dataset.cursor !== row.dataset.cursor;
    const crosses = at && (old === at || order(old, at) < 0 !== order(row, at) < 0);
    const held = old.contains(document.activeElement);
    const open = old.querySelector(".sum")?.hidden === false;
    old.replaceChildren(...row.childNodes);
    old.toggleAttribute("data-taken", row.hasAttribute("data-taken"));
    old.classList.remove("left");
    if (open) old.querySelector(".sum").hidden = false;
    if (held) handleOf(old)?.focus({ preventScroll: true });
    Object.assign(old.dataset, { cursor: row.dataset.cursor, mark: row.dataset.mark });
    if (moved && !crosses) {
      old.remove();
      place(old, false);
    }
  }

  function leave(row) {
    const at = current();
    row.classList.add("left");
    const below = !at || row.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING;
    if (below) setTimeout(() => row.remove(), 150);
  }

  function reveal() {
    document.activeElement.blur();
    list.querySelectorAll(".left").forEach((row) => row.remove());
    for (const row of waiting.values()) place(row, true);
    waiting.clear();
    for (const row of rows().sort(order)) list.insertBefore(row, document.getElementById("more"));
    count();
    window.scrollTo({ top: 0 });
  }

  function count() {
    above.hidden = waiting.size === 0;
    above.textContent = `${waiting.size} new above`;
    document.getElementById("empty").hidden = rows().length + waiting.size > 0;
  }

  const asked = new Set();
  let soon = null;
  let fromTop = false;
  function refresh(ids) {
    ids.forEach((one) => asked.add(String(one)));
    soon ??= setTimeout(look, PAUSE);
  }

  // Everything in view, and what may have come to the top unheard.
  const sync = () => {
    fromTop = !list.dataset.after;
    refresh(rows().map((row) => row.dataset.id));
  };

  async function look() {
    soon = null;
    const ids = [...asked].slice(0, MOST);
    ids.forEach((one) => asked.delete(one));
    const query = new URLSearchParams({ tab: list.dataset.tab, brand: list.dataset.brand, ids: ids.join(","), top: fromTop });
    fromTop = false;
    const answer = await fetch(`/queue/live?${query}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("tabs").replaceWith(fresh.getElementById("tabs"));
    if (!list.dataset.brand) document.getElementById("waiting").textContent = document.querySelector("#tabs .count").textContent;
    const standing = new Map([...fresh.querySelectorAll(".row")].map((row) => [row.dataset.id, row]));
    for (const one of new Set([...ids, ...standing.keys()])) {
      const old = document.getElementById(`case-${one}`);
      const row = standing.get(one);
      if (row && waiting.has(one)) waiting.set(one, row);
      else if (row && old) renew(old, row);
      else if (row) arrive(row);
      else if (waiting.delete(one) || old) old && leave(old);
    }
    tell(list);
    count();
    if (asked.size) refresh([]);
  }

  above.addEventListener("click", reveal);
  list.addEventListener("mouseleave", () => {
    if (!focused()) list.querySelectorAll(".left").forEach((row) => row.remove());
  });
  listen((event) => (event.opened ? sync() : event.case_id && refresh([event.case_id])));
  setInterval(() => document.hidden || sync(), AGAIN);
  return { ...keys, c: claim, n: reveal, e: () => id() && location.assign(`/cases/${id()}#escalate`) };
}
