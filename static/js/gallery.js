// [data-gallery]: its small pictures bring the large ones into view without moving the page, and the one in view is marked.
(() => {
  const of = (link) => document.getElementById(link.hash.slice(1));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-gallery] .gallery-index a");
    if (!link) return;
    event.preventDefault();
    const slide = of(link);
    slide.closest(".gallery-view").scrollTo({ left: slide.offsetLeft, behavior: "smooth" });
  });
  document.addEventListener("scroll", (event) => {
    const view = event.target;
    const gallery = view.matches?.(".gallery-view") && view.closest("[data-gallery]");
    if (!gallery) return;
    gallery.querySelectorAll(".gallery-index a").forEach((link) => {
      const isShown = Math.abs(of(link).offsetLeft - view.scrollLeft) < view.clientWidth / 2;
      link.toggleAttribute("aria-current", isShown);
      if (isShown) link.setAttribute("aria-current", "true");
    });
  }, { capture: true, passive: true });
})();
