// [data-waiting]: asks where one stands as often as the server says; any other turn than shown loads the page anew.
(() => {
  const room = document.querySelector("[data-waiting]");
  if (!room) return;
  const title = document.title;
  const show = (name, value) => {
    const el = room.querySelector(`[data-waiting-${name}]`);
    if (el && el.textContent !== String(value)) el.textContent = value;
  };
  const update = (standing) => {
    if (standing.position === null) return;
    show("position", standing.position);
    show("minutes", Math.max(1, Math.ceil(standing.wait_s / 60)));
    document.title = `(${standing.position}) ${title}`;
  };
  const ask = async () => {
    let again = Number(room.dataset.again);
    try {
      const answer = await fetch(room.dataset.waiting, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (answer.ok) {
        const standing = await answer.json();
        if (standing.turn !== room.dataset.turn) return location.reload();
        again = standing.again_s;
        update(standing);
      }
    } catch { /* offline: the place stays, ask again */ }
    setTimeout(ask, again * 1000 * (1 + Math.random() * 0.1));
  };
  // The doors open: everybody asks in a while, one after the other, as the server said.
  room.addEventListener("deadline", () => room.querySelector("[data-waiting-draw]")?.removeAttribute("hidden"));
  setTimeout(ask, Number(room.dataset.again) * 1000);
})();
