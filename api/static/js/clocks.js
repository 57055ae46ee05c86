// Times that stay true while the page is open. The words are those of api/pages/words.py.
const MINUTE = 60, HOUR = 3600, DAY = 86400, SOON = 30 * MINUTE;

function span(seconds) {
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 100) return `${minutes} min`;
  if (minutes < 36 * 60) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

function due(time, left) {
  const tone = left < 0 ? "late" : left <= SOON ? "soon" : "later";
  time.textContent = left < 0 ? `late ${span(-left)}` : `in ${span(left)}`;
  time.className = `clock ${tone}`;
}

function ago(time, left) {
  if (Math.abs(left) < 5) time.textContent = "just now";
  else time.textContent = left < 0 ? `${span(-left)} ago` : `in ${span(left)}`;
}

export function tell(scope = document) {
  for (const time of scope.querySelectorAll("time[datetime]")) {
    const when = new Date(time.dateTime);
    const left = (when - Date.now()) / 1000;
    time.title = when.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" });
    if ("clock" in time.dataset) due(time, left);
    else if ("ago" in time.dataset) ago(time, left);
  }
}

function countDown() {
  for (const line of document.querySelectorAll("[data-until]")) {
    const left = Math.ceil((new Date(line.dataset.until) - Date.now()) / 1000);
    line.textContent = left > 0 ? `in ${left} s` : "now";
  }
}

export function startClocks() {
  tell();
  countDown();
  setInterval(() => tell(), 10_000);
  setInterval(countDown, 500);
  document.body.addEventListener("htmx:afterSwap", () => {
    tell();
    countDown();
  });
}
