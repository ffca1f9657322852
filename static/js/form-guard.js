// A form is sent once: its button is busy until the page changes. form[data-keep="name"] keeps what was typed over an accidental reload (never secrets).
(() => {
  const kept = "input:not([type=hidden], [type=password], [type=file], [type=radio], [type=checkbox], [autocomplete=one-time-code]), textarea";
  const key = (form) => `kept:${form.dataset.keep}`;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    if (form.dataset.keep) sessionStorage.removeItem(key(form));
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (!form) return;
    const typed = [...form.querySelectorAll(kept)].filter((field) => field.name).map((field) => [field.name, field.value]);
    sessionStorage.setItem(key(form), JSON.stringify(typed));
  });
  document.querySelectorAll("form[data-keep]").forEach((form) => {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(key(form)) ?? "[]")) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLElement && !field.value) field.value = value;
    }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }));
})();
