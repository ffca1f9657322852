// [data-suggest="address"]: a combobox over the search field. Arrows, Home and End move, Enter follows, Escape closes; what was typed stays the search.
(() => {
  const PAUSE_MS = 120;
  const bind = (field) => {
    const host = field.closest(".search, .cars-query");
    host.querySelectorAll(".search-suggestions, .search-said").forEach((left) => left.remove());
    const box = Object.assign(document.createElement("div"), { className: "search-suggestions", hidden: true });
    const status = Object.assign(document.createElement("p"), { className: "search-said visually-hidden", role: "status" });
    host.append(box, status);
    const seen = new Map();
    let timer, request, active = -1;

    const options = () => [...box.querySelectorAll("[role=option]")];
    const close = () => {
      clearTimeout(timer);
      request?.abort();
      box.hidden = true;
      active = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const mark = (place) => {
      const all = options();
      active = place;
      all.forEach((option, n) => option.setAttribute("aria-selected", String(n === place)));
      if (place < 0) return field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", all[place].id);
      all[place].scrollIntoView({ block: "nearest" });
    };
    const show = (html) => {
      box.innerHTML = html;
      const all = options();
      all.forEach((option, n) => { option.id = `${field.id}-option-${n}`; });
      const list = box.querySelector("[role=listbox]");
      if (list) {
        list.id = `${field.id}-list`;
        field.setAttribute("aria-controls", list.id);
      } else field.removeAttribute("aria-controls");
      box.hidden = !box.firstElementChild;
      field.setAttribute("aria-expanded", String(all.length > 0));
      status.textContent = box.querySelector("[data-said]")?.dataset.said ?? "";
      mark(-1);
    };
    const ask = async () => {
      const text = field.value.trim();
      request?.abort();
      if (!text) return close();
      if (seen.has(text)) return show(seen.get(text));
      request = new AbortController();
      const { signal } = request;
      try {
        const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q: text })}`, { signal });
        if (!answer.ok) return close();
        const html = (await answer.text()).trim();
        if (seen.size > 100) seen.clear();
        seen.set(text, html);
        if (!signal.aborted && document.activeElement === field) show(html);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    };
    const open = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    };

    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-haspopup": "listbox" })
      .forEach(([name, value]) => field.setAttribute(name, value));
    field.addEventListener("input", (event) => {
      if (event.isComposing) return;
      open();
    });
    field.addEventListener("compositionend", open);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const all = options();
      const isOpen = !box.hidden && all.length > 0;
      const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? all.length - 1 : active - 1, Home: 0, End: all.length - 1 };
      if (event.key === "Escape") {
        if (!box.hidden) { event.preventDefault(); close(); }
      } else if (event.key === "Enter" && isOpen && active >= 0) {
        event.preventDefault();
        all[active].click();
        close();
      } else if (event.key === "ArrowDown" && !isOpen) {
        event.preventDefault();
        ask();
      } else if (isOpen && event.key in moves && (active >= 0 || event.key.startsWith("Arrow"))) {
        event.preventDefault();
        mark(moves[event.key] >= all.length ? -1 : moves[event.key]);
      }
    });
    field.form.addEventListener("submit", close);
    box.addEventListener("pointerdown", (event) => event.preventDefault());
    box.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && options().indexOf(option) !== active) mark(options().indexOf(option));
    });
    host.addEventListener("focusout", (event) => { if (!host.contains(event.relatedTarget)) close(); });
    addEventListener("pageshow", close);
  };
  // Bound when first used: a page that htmx brings back has new fields.
  const bound = new WeakSet();
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches("[data-suggest]") || bound.has(target)) return;
    bound.add(target);
    bind(target);
  });
})();
