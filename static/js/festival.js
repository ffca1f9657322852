// [data-festival]: asks the small answer every data-poll seconds; another phase, or the end of a countdown, loads the page anew.
(() => {
  const page = document.querySelector("[data-festival]");
  if (!page) return;
  const ticker = page.querySelector("[data-festival-ticker]");
  const language = document.documentElement.lang;
  const reload = () => location.reload();
  let leaving = false;
  const leave = (soonest, spread) => {
    if (leaving) return;
    leaving = true;
    page.querySelectorAll("[data-festival-go]").forEach((el) => el.setAttribute("aria-disabled", "true"));
    setTimeout(reload, soonest + Math.random() * spread);
  };
  // Whatever the visitor's clock says: countdowns go by the server's, with half of the way there added.
  const setClock = (now, took) => page.querySelectorAll("[data-deadline]").forEach((el) => {
    el.dataset.now = new Date(Date.parse(now) + took / 2).toISOString();
    el.begun = performance.now();
  });
  const showTicker = (lines) => {
    if (!ticker || !lines.length) return;
    const known = new Set([...ticker.querySelectorAll("li")].map((li) => li.dataset.key));
    ticker.replaceChildren(...lines.map(({ text, at, time }) => {
      const li = document.createElement("li");
      const moment = document.createElement("time");
      li.dataset.key = at + text;
      if (!known.has(li.dataset.key)) li.className = "is-new";
      moment.className = "muted figures";
      moment.dateTime = at;
      moment.textContent = time;
      const words = document.createElement("span");
      words.textContent = text;
      li.append(words, " ", moment);
      return li;
    }));
  };
  const soldOut = (code) => {
    const go = page.querySelector(`[data-festival-trim="${CSS.escape(code)}"] [data-festival-go]`);
    if (go) leave(0, 2000);
  };
  const update = (board) => {
    const left = page.querySelector("[data-festival-left]");
    const bar = page.querySelector("[data-festival-bar]");
    if (left && board.left !== null) left.textContent = board.left;
    if (bar && board.left !== null) bar.value = bar.max - board.left;
    Object.entries(board.trims).forEach(([code, places]) => { if (places === 0) soldOut(code); });
    showTicker(board.ticker);
  };
  const ask = async () => {
    let again = Number(page.dataset.poll);
    try {
      const begun = performance.now();
      const answer = await fetch(`${page.dataset.festival}?lang=${encodeURIComponent(language)}`, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const board = await answer.json();
        setClock(board.now, performance.now() - begun);
        if (board.phase !== page.dataset.phase) return leave(0, 2000);
        again = board.poll_s || again;
        update(board);
      }
    } catch { /* offline: ask again */ }
    setTimeout(ask, again * 1000 * (0.9 + Math.random() * 0.2));
  };
  page.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  });
  page.addEventListener("deadline", () => leave(300, 2500));
  addEventListener("pageshow", (event) => { if (event.persisted) reload(); });
  if (Number(page.dataset.poll)) setTimeout(ask, 1000 * Math.random());
})();
