// The figures view: the figures that a query names, side by side, each with its sentence; what does not agree; the trend.

import { figures, Refusal } from "./api.js";
import { announce, drawing, element, replaceIn } from "./dom.js";
import { lensLinks, queryBox } from "./lenses.js";
import { mistakeBox, refusalBox } from "./notices.js";
import { filterToken, readDate } from "./query.js";
import { lensHash, searchHash } from "./routes.js";
import { dateWords, language, number, say, sayCount } from "./words.js";

export function makeFigures() {
  const view = element("div", { class: "view figures" });
  const state = { q: "", phase: "start", reply: null, error: null };
  let running = null;
  let input = null;
  let results = null;

  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    state.phase = "loading";
    renderResults();
    try {
      const reply = await figures({ q: state.q }, signal);
      if (signal.aborted) return;
      Object.assign(state, { phase: "done", reply, error: null });
      announce(sayCount("figures.found", reply.rows.length));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { phase: "failed", reply: null, error });
    }
    renderResults();
  }

  function render() {
    const box = queryBox("figures-query", state.q, (q) => { location.hash = lensHash("figures", { q }); });
    input = box.input;
    results = element("div", { class: "results" });
    view.replaceChildren(element("h1", { class: "unseen", tabindex: "-1" }, say("lens.figures")), ...box.part.filter(Boolean), results);
    renderResults();
  }

  function renderResults() {
    results.dataset.shown = state.phase === "done" ? lensHash("figures", state) : "";
    results.toggleAttribute("aria-busy", state.phase === "loading");
    if (state.phase === "loading" && !results.hasChildNodes()) {
      return replaceIn(results, element("p", { class: "waiting" }, say("search.busy")));
    }
    if (state.phase === "failed") return replaceIn(results, lensLinks("figures", state.q), failure());
    if (state.phase === "done") return replaceIn(results, lensLinks("figures", state.q), board(state.reply));
    return undefined;
  }

  function failure() {
    const { error } = state;
    if (!error.range) return refusalBox(error, { again: run });
    return mistakeBox(error, state.q, (start, end) => {
      input.focus();
      input.setSelectionRange(start, end);
    });
  }

  return {
    element: view,
    title: () => `${state.q} · ${say("lens.figures")}`,
    render,
    show({ q = "" }) {
      const isSame = state.phase === "done" && state.q === q;
      state.q = q;
      if (!isSame) state.phase = "loading";
      render();
      if (!isSame) run();
    },
    leave() { running?.abort(); },
  };
}

function board(reply) {
  const count = reply.rows.length;
  return element("section", { class: "figure-board", "aria-labelledby": "figures-title" },
    !reply.complete && element("p", { class: "notice warn", role: "alert" }, say("search.incomplete.why")),
    element("h2", { id: "figures-title", tabindex: "-1", "data-landing": true },
      count === 0 ? say("figures.none") : sayCount("figures.found", count)),
    element("p", { class: "soft" }, say("figures.read", { taken: number(reply.taken), total: number(reply.total) }),
      reply.left > 0 && [" · ", say("figures.left", { count: number(reply.left) })]),
    count > 0 && !reply.isNamed && element("p", { class: "notice" }, say("figures.unnamed")),
    reply.contradictions.map(({ words }) => element("p", { class: "doubt" },
      element("strong", {}, `${say("figures.contradiction")} `), words)),
    trend(reply),
    count > 0 && table(reply.rows),
    reply.sums.length > 0 && element("ul", { class: "sums" }, reply.sums.map(({ words, agrees }) =>
      element("li", { class: agrees === false ? "doubt" : null }, `Σ ${words}`))));
}

// The rows

function table(rows) {
  const largest = new Map();
  for (const row of rows) largest.set(row.unit, Math.max(largest.get(row.unit) ?? 0, row.upper ?? 0, row.lower ?? 0));
  return element("ol", { class: "figure-rows" }, rows.map((row) => element("li", { class: "figure-row" },
    element("div", { class: "figure-head" },
      element("strong", { class: "figure-quote" }, row.quote),
      element("span", { class: "figure-subject" }, row.subject),
      interval(row, row.unit === "%" ? Math.max(100, largest.get("%")) : largest.get(row.unit))),
    element("p", { class: "facts" },
      element("span", {}, when(row)),
      row.places.length > 0 && element("span", {}, row.places.join(language() === "zh" ? "、" : ", ")),
      row.mentions > 1 && element("span", { class: "soft" }, say("figures.mentions", { count: number(row.mentions) }))),
    element("p", { class: "snippet" }, quoted(row)),
    element("p", { class: "origin" },
      element("span", {}, row.title || say("hit.untitled")),
      row.file && element("a", { href: searchHash({ q: filterToken("file", row.file, language()) }) }, row.file)))));
}

function when(row) {
  const date = readDate(row.date);
  if (!date) return say("hit.nodate");
  const rule = `figures.dated.${row.dateBasis}`;
  return [element("time", { datetime: row.date }, dateWords(date)), element("small", { class: "basis" }, say(rule))];
}

function quoted({ sentence, quote }) {
  const place = sentence.indexOf(quote);
  if (place < 0) return sentence;
  return [sentence.slice(0, place), element("mark", {}, quote), sentence.slice(place + quote.length)];
}

/// The interval as a stripe of a scale from 0 to the largest figure of its unit; what is unbounded runs out to the end.
function interval(row, scale) {
  if (!(scale > 0)) return null;
  const from = Math.max(0, Math.min(1, (row.lower ?? 0) / scale));
  const to = Math.max(from, Math.min(1, (row.upper ?? scale) / scale));
  const isPoint = row.lower !== undefined && row.lower === row.upper;
  return element("span", { class: "scale", "aria-hidden": "true" }, element("span", {
    class: isPoint ? "stripe point" : "stripe",
    size: { "--from": isPoint ? 0 : from.toFixed(4), "--to": to.toFixed(4) },
  }));
}

// The trend

const WIDTH = 640;
const HEIGHT = 180;
const EDGE = 28;
/// Points up to which each is labelled with its quote.
const LABELLED = 8;

function trend(reply) {
  const points = reply.trend;
  const days = new Set(points.map(({ dayNumber }) => dayNumber));
  if (days.size < 2) return null;
  const first = Math.min(...days);
  const last = Math.max(...days);
  const rows = new Map(reply.rows.map((row) => [row.number, row]));
  const unit = rows.get(points[0].row)?.unit ?? "";
  const largest = Math.max(...points.flatMap(({ lower, upper }) => [lower ?? 0, upper ?? 0])) || 1;
  const top = unit === "%" ? Math.max(100, largest) : largest;
  const x = (day) => EDGE + ((day - first) / (last - first)) * (WIDTH - 2 * EDGE);
  const y = (value) => HEIGHT - EDGE - (value / top) * (HEIGHT - 2 * EDGE);
  const isRight = ({ dayNumber }) => dayNumber - first > (last - first) / 2;
  const marks = points.map((point) => {
    const row = rows.get(point.row);
    const value = point.lower ?? point.upper ?? 0;
    const isOpen = point.lower !== point.upper;
    const name = `${row.quote} ${row.subject} ${row.day ?? row.date}`;
    return drawing("g", {}, drawing("title", {}, name),
      isOpen && drawing("line", {
        x1: x(point.dayNumber), x2: x(point.dayNumber), y1: y(value),
        y2: y(point.lower === undefined ? 0 : Math.min(top, point.upper ?? top)), class: "reach",
      }),
      points.length <= LABELLED && drawing("text", {
        x: x(point.dayNumber) + (isRight(point) ? -9 : 9), y: y(value) + 4, "text-anchor": isRight(point) ? "end" : "start", class: "quote",
      }, row.quote),
      drawing("circle", { cx: x(point.dayNumber), cy: y(value), r: 4, class: isOpen ? "open" : "exact" }));
  });
  const label = (day, anchor) => {
    const point = points.find(({ dayNumber }) => dayNumber === day);
    return drawing("text", { x: x(day), y: HEIGHT - 6, "text-anchor": anchor }, point.date);
  };
  return element("figure", { class: "trend" },
    element("figcaption", {}, say("figures.trend", { unit, count: number(points.length) })),
    drawing("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": say("figures.trend", { unit, count: number(points.length) }) },
      drawing("line", { x1: EDGE, x2: WIDTH - EDGE, y1: HEIGHT - EDGE, y2: HEIGHT - EDGE, class: "axis" }),
      drawing("text", { x: EDGE, y: EDGE - 12 }, `${number(top)}${unit}`),
      label(first, "start"), label(last, "end"), marks));
}
