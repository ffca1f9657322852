// A checked [data-paint="#hex"] radio paints every [data-car] inside the nearest [data-painted], else on the page.
document.addEventListener("change", (event) => {
  const paint = event.target.dataset?.paint;
  if (!paint || !CSS.supports("color", paint)) return;
  const scope = event.target.closest("[data-painted]") ?? document;
  scope.querySelectorAll("svg[data-car]").forEach((car) => car.setAttribute("color", paint));
  scope.querySelectorAll("[data-paint-name]").forEach((el) => { el.textContent = event.target.dataset.name ?? ""; });
});
