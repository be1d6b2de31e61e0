// Draws each table marked with data-chart as bars above itself and folds the table away. Without this script the table is the chart.
for (const table of document.querySelectorAll('table[data-chart]')) {
  const details = table.closest('details');
  const box = document.createElement('div');
  box.className = 'chart';
  box.setAttribute('aria-hidden', 'true'); // the table says the same, in words
  details.before(box);
  details.open = false;
  const draw = () => box.replaceChildren(plot(table, box));
  new ResizeObserver(draw).observe(box);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

function plot(table, box) {
  const rows = [...table.tBodies[0].rows];
  const days = rows.map((row) => Date.parse(row.querySelector('time').dateTime) / 1000);
  const values = rows.map((row) => Number(row.querySelector('[data-value]').dataset.value));
  const style = getComputedStyle(box);
  const [ink, line, accent] = ['--ink-soft', '--line', '--accent'].map((name) =>
    resolve(style.getPropertyValue(name), box),
  );
  const euros = table.dataset.chart === 'euros';
  const { lang } = document.documentElement;
  const unit = new Intl.NumberFormat(
    lang,
    euros ? { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 } : {},
  );
  const day = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const axis = { stroke: ink, font: `12px ${style.fontFamily}`, ticks: { show: false } };
  const holder = document.createElement('div');
  new uPlot(
    {
      width: box.clientWidth,
      height: 256,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_, from, to) => [from - 43_200, to + 43_200] },
        y: { range: (_, __, most) => [0, Math.max(most * 1.15, euros ? 10 : 4)] },
      },
      series: [
        {},
        {
          fill: accent,
          stroke: accent,
          width: 0,
          paths: uPlot.paths.bars({ size: [0.6, 32], radius: 0.25 }),
          points: { show: false },
        },
      ],
      axes: [
        {
          ...axis,
          grid: { show: false },
          splits: () => days,
          values: (_, splits) =>
            thinned(splits, box.clientWidth).map((at) => (at === null ? '' : day.format(at * 1000))),
        },
        {
          ...axis,
          size: 52,
          grid: { stroke: line, width: 1 },
          incrs: euros ? undefined : [1, 2, 5, 10, 20, 50, 100],
          values: (_, splits) => splits.map((value) => unit.format(value)),
        },
      ],
    },
    [days, values],
    holder,
  );
  return holder;
}

// As many day names as fit side by side, counted from today backwards.
function thinned(days, width) {
  const every = Math.ceil((days.length * 52) / Math.max(width - 60, 1));
  return days.map((day, index) => ((days.length - 1 - index) % every === 0 ? day : null));
}

// A canvas knows no custom properties and no light-dark(): let the browser work the colour out.
function resolve(colour, box) {
  const probe = document.createElement('span');
  probe.style.color = colour;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
