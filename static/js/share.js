// [data-share] offers the system's share sheet where there is one, else copies; [data-copy="text"] copies. data-done is said afterwards.
(() => {
  const say = (text) => {
    const toasts = document.querySelector("[data-toasts]");
    if (!toasts || !text) return;
    const toast = Object.assign(document.createElement("div"), { className: "toast", textContent: text });
    toasts.append(toast);
    setTimeout(() => toast.remove(), 4000);
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-share], [data-copy]");
    if (!button) return;
    const url = button.dataset.share || location.href;
    try {
      if ("share" in button.dataset && navigator.share) {
        await navigator.share({ title: document.title, url: new URL(url, location.href).href });
      } else {
        await navigator.clipboard.writeText(button.dataset.copy ?? new URL(url, location.href).href);
        say(button.dataset.done);
      }
    } catch (error) {
      if (error.name !== "AbortError") say(button.dataset.failed);
    }
  });
})();
