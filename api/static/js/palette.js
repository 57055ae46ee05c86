// Ctrl-K: jump to a page, a customer in view, or a case by its number.
export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const pages = [...list.children];

  function rows() {
    return [...document.querySelectorAll("#rows .row a.said")].map((link) => {
      const item = pages[0].cloneNode(true);
      const to = item.querySelector("a");
      to.href = link.href;
      const who = link.closest(".row").querySelector(".handle")?.textContent ?? "";
      to.replaceChildren(...[who, link.textContent.trim().slice(0, 60)].map(isolated));
      return item;
    });
  }

  function isolated(words) {
    const part = document.createElement("bdi");
    part.textContent = words;
    return part;
  }

  function show() {
    const wanted = input.value.trim().toLowerCase();
    let found = wanted ? [...pages, ...rows()].filter((item) => item.textContent.toLowerCase().includes(wanted)) : pages;
    if (/^\d+$/.test(wanted)) {
      const numbered = pages[0].cloneNode(true);
      numbered.querySelector("a").href = `/cases/${wanted}`;
      numbered.querySelector("a").textContent = `Case ${wanted}`;
      found = [numbered, ...found];
    }
    list.replaceChildren(...found.slice(0, 12));
    choose(0);
  }

  function choose(index) {
    const items = [...list.children];
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
    items[index]?.scrollIntoView({ block: "nearest" });
  }

  const chosen = () => [...list.children].findIndex((item) => item.getAttribute("aria-selected") === "true");

  function open() {
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    show();
  }

  dialog.addEventListener("open-dialog", open);
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(Math.min(list.children.length - 1, Math.max(0, chosen() + step)));
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.children[chosen()]?.querySelector("a").click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
}
