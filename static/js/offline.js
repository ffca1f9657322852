// The [data-offline] banner shows while the browser has no connection or a fragment could not be fetched.
(() => {
  const show = (offline) => document.querySelectorAll("[data-offline]").forEach((el) => { el.hidden = !offline; });
  addEventListener("offline", () => show(true));
  addEventListener("online", () => show(false));
  document.addEventListener("htmx:sendError", () => show(true));
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) show(false); });
  show(!navigator.onLine);
})();
