// What happens to cases, as it happens. A browser allows few open streams to one place, so one tab listens
// and tells the others; when it closes, another takes over.
export function listen(heard) {
  const others = new BroadcastChannel("amends-live");
  others.onmessage = (message) => heard(message.data);
  const tell = (event) => {
    heard(event);
    others.postMessage(event);
  };
  if (navigator.locks) navigator.locks.request("amends-live", () => new Promise(() => stream(tell)));
  else stream(tell);
}

function stream(tell) {
  const source = new EventSource("/live");
  source.onopen = () => tell({ opened: true }); // what happened in between was not heard: look
  source.addEventListener("case", (event) => tell(JSON.parse(event.data)));
  source.onerror = () => {
    // The browser tries again by itself, unless it was told no: then we ask now and then.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => stream(tell), 30_000);
  };
}
