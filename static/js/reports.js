// Draws the figures of a report. Without it the tables stand alone.
(() => {
  if (typeof Chart === "undefined") return;
  const drawn = [];

  const paints = () => {
    const style = getComputedStyle(document.querySelector(".report"));
    const read = (name) => style.getPropertyValue(name).trim();
    return { series: [1, 2, 3, 4].map((at) => read(`--report-${at}`)), text: read("--desk-muted"), line: read("--desk-line") };
  };

  const axis = (paint, stacked, whole) => ({
    stacked,
    border: { display: false },
    grid: { color: paint.line, display: whole },
    ticks: { color: paint.text, autoSkip: whole ? true : undefined, maxRotation: 0, precision: whole ? 0 : undefined },
  });

  // Names leave room for the figures on a phone; the table has them whole.
  const shorten = (name) => {
    const most = window.innerWidth < 640 ? 14 : 40;
    return name.length > most ? `${name.slice(0, most - 1)}…` : name;
  };

  const optionsOf = (data, paint) => {
    const stacked = Boolean(data.is_stacked);
    const [figures, names] = data.is_lying ? ["x", "y"] : ["y", "x"];
    const scales = { [figures]: { ...axis(paint, stacked, true), beginAtZero: true }, [names]: axis(paint, stacked, false) };
    if (data.is_lying) Object.assign(scales[names].ticks, { autoSkip: false, callback: (_value, at) => shorten(data.labels[at]) });
    return {
      animation: false,
      indexAxis: data.is_lying ? "y" : "x",
      maintainAspectRatio: false,
      plugins: { legend: { display: data.series.length > 1, align: "start", labels: { boxHeight: 10, boxWidth: 10, color: paint.text } } },
      responsive: true,
      scales,
    };
  };

  const draw = (figure) => {
    const data = JSON.parse(figure.dataset.reportChart);
    const paint = paints();
    figure.classList.add("is-drawn");
    const datasets = data.series.map((each, at) => ({
      backgroundColor: paint.series[at % 4],
      borderRadius: 2,
      data: each.values,
      label: each.label,
      maxBarThickness: 36,
    }));
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    return new Chart(figure.querySelector("canvas"), {
      type: data.type,
      data: { labels: data.labels, datasets },
      options: optionsOf(data, paint),
    });
  };

  const redraw = () => {
    for (const chart of drawn.splice(0)) chart.destroy();
    for (const figure of document.querySelectorAll("[data-report-chart]")) drawn.push(draw(figure));
  };

  redraw();
  // The desk's own switch between light and dark.
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["class"] });
})();
