// .days: the chosen day is in view; choosing a time enables the [data-needs-slot] button of its form.
(() => {
  const ready = (form) => form?.querySelectorAll("[data-needs-slot]").forEach((button) => { button.disabled = !form.querySelector(".slot :checked"); });
  const show = (root) => {
    root.querySelectorAll(".days :is([aria-current], :has(:checked))").forEach((day) => {
      day.parentElement.scrollLeft = day.offsetLeft - day.parentElement.offsetLeft - 16;
    });
    root.querySelectorAll("[data-needs-slot]").forEach((button) => ready(button.form));
  };
  document.addEventListener("change", (event) => { if (event.target.closest(".slot")) ready(event.target.form); });
  document.addEventListener("htmx:afterSwap", (event) => show(event.target));
  show(document);
})();
