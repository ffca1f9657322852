// Cars chosen to compare, kept in this browser: [data-compare] ticks put them in the tray. On the compare page: only differences, share, print.
(() => {
  const KEY = "compare";
  const MOST = 4;
  const read = () => {
    try {
      const cars = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(cars) ? cars.filter((car) => car?.code && car.label).slice(0, MOST) : [];
    } catch {
      return [];
    }
  };
  let cars = read();
  const tray = document.querySelector("[data-compare-tray]");
  const address = (base) => {
    const url = new URL(base, location.href);
    url.search = new URLSearchParams(cars.map((car) => ["trim", car.code]));
    return url.href;
  };
  const say = (text) => {
    const toast = Object.assign(document.createElement("div"), { className: "toast", textContent: text });
    document.querySelector("[data-toasts]")?.append(toast);
    setTimeout(() => toast.remove(), 4000);
  };
  const show = () => {
    document.querySelectorAll("[data-compare]").forEach((tick) => { tick.checked = cars.some((car) => car.code === tick.value); });
    if (!tray) return;
    tray.querySelector("[data-compare-row]").hidden = !cars.length;
    tray.querySelector("[data-compare-count]").textContent = cars.length;
    tray.querySelector("[data-compare-go]").href = address(tray.action);
    const template = tray.querySelector("[data-compare-car]");
    tray.querySelector("[data-compare-cars]").replaceChildren(...cars.map((car) => {
      const item = template.content.cloneNode(true);
      item.querySelector("[data-compare-name]").textContent = car.label;
      const drop = item.querySelector("[data-compare-drop]");
      drop.value = car.code;
      drop.querySelector(".visually-hidden").append(`: ${car.label}`);
      return item;
    }));
  };
  const keep = (chosen) => {
    cars = chosen;
    try {
      localStorage.setItem(KEY, JSON.stringify(cars));
    } catch { /* Private windows may refuse: then the choice lasts as long as the page. */ }
    show();
  };
  const drop = (code) => keep(cars.filter((car) => car.code !== code));

  // Captured, as the list's own form would take a tick for a filter.
  document.addEventListener("change", (event) => {
    const tick = event.target;
    if (!tick.matches?.("[data-compare]")) return;
    event.stopPropagation();
    if (!tick.checked) return drop(tick.value);
    if (cars.length >= MOST) {
      say(tray?.dataset.full);
      return show();
    }
    keep([...cars.filter((car) => car.code !== tick.value), { code: tick.value, label: tick.dataset.label }]);
  }, true);
  document.addEventListener("click", (event) => {
    const dropped = event.target.closest("[data-compare-drop]");
    if (dropped) {
      drop(dropped.value);
      (tray.querySelector("[data-compare-drop]") ?? document.getElementById("main")).focus();
    } else if (event.target.closest("[data-compare-clear]")) {
      keep([]);
      document.getElementById("main").focus({ preventScroll: true });
    } else if (event.target.closest("[data-compare-remove]")) {
      drop(event.target.closest("[data-compare-remove]").dataset.compareRemove);
    } else if (event.target.closest("[data-print]")) {
      print();
    }
  });
  addEventListener("storage", (event) => { if (event.key === KEY) { cars = read(); show(); } });
  addEventListener("pageshow", () => { cars = read(); show(); });
  document.addEventListener("htmx:afterSettle", show);
  show();

  const page = document.querySelector("[data-compare-page]");
  if (!page) return;
  page.querySelectorAll(".needs-script").forEach((button) => { button.classList.add("is-ready"); });
  const chosen = page.querySelector("[data-compare-chosen]");
  if (chosen && cars.length > 1) {
    chosen.querySelector("a").href = address(chosen.querySelector("a").href);
    chosen.hidden = false;
  }
  // Only differences: the style sheet hides what is equal; the addresses go along.
  page.querySelector("[data-compare-diff]")?.addEventListener("change", (event) => {
    const carry = (from) => {
      const url = new URL(from, location.href);
      if (event.target.checked) url.searchParams.set("diff", "1");
      else url.searchParams.delete("diff");
      return url.href;
    };
    history.replaceState(history.state, "", carry(location.href));
    page.querySelectorAll("a[data-keeps-diff]").forEach((link) => { link.href = carry(link.href); });
    page.querySelectorAll("[data-compare-share]").forEach((button) => { button.dataset.share = carry(button.dataset.share); });
  });
})();
