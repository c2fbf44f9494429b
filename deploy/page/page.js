// Shows the dashboards of boards.js with the data of a Prometheus: index.html?prometheus=http://localhost:9090&board=service&since=3600
"use strict";

const parameters = new URLSearchParams(location.search);
const prometheus = parameters.get("prometheus") || "http://localhost:9090";
const name = parameters.get("board") in BOARDS ? parameters.get("board") : "service";
const sinceSeconds = Number(parameters.get("since")) || 3600;
const REFRESH_MILLIS = 30000;
const POINTS = 120;
const COLOURS = ["#3366cc", "#dc3912", "#109618", "#ff9900", "#990099", "#0099c6", "#dd4477", "#66aa00", "#8b5e3c", "#5574a6"];

async function ask(path, values) {
  const answer = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(values)}`);
  const told = await answer.json();
  if (told.status !== "success") throw new Error(told.error);
  return told.data.result;
}

function chosen(board, expression) {
  return board.choices.reduce((text, choice) => text.replaceAll(`$${choice.name}`, choice.values[0]), expression);
}

function called(legend, labels) {
  return legend.replace(/{{(\w+)}}/g, (_, label) => (labels[label] || "").replace(/^.*\//, "")).trim() || "value";
}

function scaled(value, step, units) {
  let at = 0;
  while (Math.abs(value) >= step && at < units.length - 1) [value, at] = [value / step, at + 1];
  return `${Number(value.toPrecision(3))} ${units[at]}`.trim();
}

function seconds(value) {
  const size = Math.abs(value);
  if (size >= 172800) return `${Number((value / 86400).toPrecision(3))} d`;
  if (size >= 7200) return `${Number((value / 3600).toPrecision(3))} h`;
  if (size >= 1 || size === 0) return `${Number(value.toPrecision(3))} s`;
  return `${Number((value * 1000).toPrecision(3))} ms`;
}

function shown(value, unit) {
  const number = Number(value);
  if (!Number.isFinite(number)) return "–";
  if (unit === "percentunit") return `${Number((100 * number).toPrecision(3))} %`;
  if (unit === "bytes") return scaled(number, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]);
  if (unit === "s") return seconds(number);
  if (unit === "reqps" || unit === "rowsps") return `${scaled(number, 1000, ["", "k", "M"])}/s`;
  return unit === "none" ? String(number) : scaled(number, 1000, ["", "k", "M", "G", "T"]);
}

function element(kind, parent, className = "", text = "") {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

async function lines(panel, board, box) {
  const end = Date.now() / 1000;
  const span = { start: end - sinceSeconds, end, step: Math.max(1, Math.round(sinceSeconds / POINTS)) };
  const found = [];
  for (const query of panel.queries) {
    for (const series of await ask("query_range", { query: chosen(board, query.expression), ...span })) {
      const data = series.values.map(([at, value]) => ({ x: at, y: Number(value) })).filter((point) => Number.isFinite(point.y));
      found.push({ label: called(query.legend, series.metric), data });
    }
  }
  found.forEach((series, index) => Object.assign(series, { borderColor: COLOURS[index % COLOURS.length], borderWidth: 1.5, pointRadius: 0 }));
  const clock = (at) => new Date(1000 * at).toTimeString().slice(0, sinceSeconds < 600 ? 8 : 5);
  new Chart(element("canvas", element("div", box, "chart")), {
    type: "line",
    data: { datasets: found },
    options: {
      animation: false,
      maintainAspectRatio: false,
      scales: {
        x: { type: "linear", min: span.start, max: span.end, ticks: { callback: clock, maxTicksLimit: 7 } },
        y: { beginAtZero: true, ticks: { callback: (value) => shown(value, panel.unit), maxTicksLimit: 5 } },
      },
      plugins: { legend: { position: "bottom", labels: { boxWidth: 8, font: { size: 10 } } } },
    },
  });
  return found.length;
}

async function number(panel, board, box) {
  const found = [];
  for (const query of panel.queries) found.push(...(await ask("query", { query: chosen(board, query.expression) })));
  for (const series of found) element("div", box, "number", shown(series.value[1], panel.unit));
  return found.length;
}

async function table(panel, board, box) {
  const found = await ask("query", { query: chosen(board, panel.queries[0].expression) });
  const labels = [...new Set(found.flatMap((series) => Object.keys(series.metric)))];
  const whole = element("table", element("div", box, "scroll"));
  const head = element("tr", whole);
  for (const title of [...labels, "value"]) element("th", head, "", title);
  for (const series of found) {
    const line = element("tr", whole);
    for (const label of labels) element("td", line, "", (series.metric[label] || "").slice(0, 24));
    element("td", line, "", shown(series.value[1], panel.unit));
  }
  return found.length;
}

const SHAPES = { lines, number, table };

async function show() {
  const board = BOARDS[name];
  const main = document.createElement("main");
  const waited = [];
  for (const row of board.rows) {
    element("h2", main, "", chosen(board, row.title));
    const line = element("div", main, "row");
    for (const panel of row.panels) {
      const box = element("section", line, "panel");
      box.style.gridColumn = `span ${panel.width}`;
      box.title = panel.about;
      element("h3", box, "", panel.title);
      box.classList.add(panel.shape);
      const showing = SHAPES[panel.shape](panel, board, box);
      waited.push(showing.then((series) => (box.dataset.series = series), (error) => {
        box.classList.add("failed");
        element("div", box, "", error.message);
      }));
    }
  }
  document.querySelector("main").replaceWith(main);
  await Promise.all(waited);
  document.querySelector("#state").textContent = `${prometheus}, ${new Date().toLocaleTimeString()}`;
  document.body.dataset.shown = "yes";
}

for (const [key, board] of Object.entries(BOARDS)) {
  const link = element("a", document.querySelector("nav"), key === name ? "here" : "", board.title);
  link.href = `?${new URLSearchParams({ prometheus, board: key, since: sinceSeconds })}`;
}
show();
setInterval(show, REFRESH_MILLIS);
