// [data-deadline] with [data-now] (the server's clock when the page was made): counts down, right even where the visitor's clock is wrong.
(() => {
  const begun = performance.now();
  const pad = (n) => String(n).padStart(2, "0");
  const tick = () => document.querySelectorAll("[data-deadline]").forEach((el) => {
    el.begun ??= begun;
    const now = Date.parse(el.dataset.now) + performance.now() - el.begun;
    const left = Math.max(0, Math.floor((Date.parse(el.dataset.deadline) - now) / 1000));
    const days = Math.floor(left / 86400);
    const hours = left < 3600 ? "" : `${pad(Math.floor(left / 3600) % 24)}:`;
    const clock = `${hours}${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}`;
    el.textContent = left ? (days ? `${days}${el.dataset.days ?? " d "}${clock}` : clock) : (el.dataset.over ?? "00:00");
    const state = left === 0 ? "over" : left < 300 ? "soon" : "running";
    if (el.dataset.state && el.dataset.state !== state && state === "over") el.dispatchEvent(new CustomEvent("deadline", { bubbles: true }));
    el.dataset.state = state;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    event.target.querySelectorAll("[data-deadline]").forEach((el) => { el.begun = performance.now(); });
  });
  tick();
  setInterval(tick, 1000);
})();
