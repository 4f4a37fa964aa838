// Page/collections.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let collectionsJS = #"""
// The collections view: which declared collections there are, and of one its records as a table, with facets, order, and a board
// of numbers that move as records change.

import { Refusal, collection, collections, followBoard, searchRecords } from "./api.js";
import { announce, element, redraw, replaceIn } from "./dom.js";
import { queryBox, choice } from "./lenses.js";
import { mistakeBox, refusalBox } from "./notices.js";
import { fieldToken, split, withPart, without } from "./query.js";
import { collectionHash } from "./routes.js";
import { duration, language, number, say, sayCount } from "./words.js";

const PAGE_SIZE = 20;
/// The API pages no further than this.
const FURTHEST = 10_000;
/// Values shown of one facet.
const SHOWN = 8;
/// After a board's stream that ended, how long until the next, in milliseconds.
const PAUSE = 1000;

export function makeCollections() {
  const view = element("div", { class: "view collections" });
  const state = { c: "", q: "", order: "", by: "", page: 1, phase: "start", list: null, shape: null, reply: null, error: null };
  let running = null;
  let streaming = null;
  let input = null;
  let results = null;
  let board = null;

  const go = (change) => { location.hash = collectionHash({ ...state, page: 1, ...change }); };

  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    try {
      if (state.c === "") {
        const list = (await collections(signal)).collections.filter(({ generation }) => generation !== undefined);
        if (!signal.aborted) Object.assign(state, { list, phase: "done", error: null });
      } else {
        if (state.shape?.name !== state.c) state.shape = await collection(state.c, signal);
        const reply = await searchRecords(state.c, {
          q: state.q || "*", order: state.order, limit: PAGE_SIZE, offset: (state.page - 1) * PAGE_SIZE,
          facets: facetFields().map(({ name }) => name).join(","),
        }, signal);
        if (!signal.aborted) {
          Object.assign(state, { reply, phase: "done", error: null });
          announce(sayCount("records.found", reply.total));
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { phase: "failed", error });
    }
    if (!signal.aborted) render();
  }

  const facetFields = () => state.shape.fields.filter(({ flags }) => flags.includes("facet"));

  // The board

  async function stream() {
    streaming?.abort();
    if (state.by === "" || state.phase !== "done" || state.c === "") return;
    streaming = new AbortController();
    const { signal } = streaming;
    while (!signal.aborted) {
      try {
        await followBoard(state.c, { by: state.by, q: state.q }, signal, drawBoard);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        return board.replaceChildren(refusalBox(error, { again: stream }));
      }
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    return undefined;
  }

  function drawBoard({ rows, total }) {
    const most = Math.max(1, ...rows.map(({ reported }) => reported));
    redraw(board,
      element("p", { class: "well live" }, say("records.live", { total: number(total.reported) })),
      element("dl", { class: "board-rows" }, rows.map(({ area, reported }) => element("div", {},
        element("dt", {}, area), element("dd", {},
          element("span", { class: "scale", "aria-hidden": "true" }, element("span", {
            class: "stripe point", size: { "--from": 0, "--to": (reported / most).toFixed(4) },
          })), element("span", { class: "count" }, number(reported)))))));
  }

  // What is shown

  function render() {
    streaming?.abort();
    results = element("div", { class: "results" });
    results.dataset.shown = state.phase === "done" ? collectionHash(state) : "";
    if (state.c === "") view.replaceChildren(element("h1", { tabindex: "-1" }, say("view.collections")), results);
    else {
      const box = queryBox("records-query", state.q, (q) => go({ q }), orderChoice(), boardChoice());
      input = box.input;
      view.replaceChildren(
        element("h1", { tabindex: "-1" }, state.shape?.title ?? state.c),
        element("p", { class: "soft" }, element("a", { href: "#/collections" }, say("records.all")),
          state.shape && ` · ${say("records.count", { count: number(state.shape.documents) })}`),
        ...box.part.filter(Boolean), results);
    }
    if (state.phase === "failed") return replaceIn(results, failure());
    if (state.phase !== "done") return replaceIn(results, element("p", { class: "waiting" }, say("search.busy")));
    if (state.c === "") return replaceIn(results, list());
    replaceIn(results, records());
    stream();
    return undefined;
  }

  function failure() {
    const { error } = state;
    if (!error.range || state.c === "") return refusalBox(error, { again: run });
    return mistakeBox(error, state.q, (start, end) => {
      input.focus();
      input.setSelectionRange(start, end);
    });
  }

  function list() {
    if (state.list.length === 0) return element("p", { class: "nothing" }, say("records.none"));
    return element("ul", { class: "entries" }, state.list.map((one) => element("li", { class: "row" },
      element("h2", {}, element("a", { href: collectionHash({ c: one.name }) }, one.title)),
      element("p", { class: "facts" }, element("span", {}, say("records.count", { count: number(one.documents) })),
        element("span", { class: "soft" }, one.name)),
      element("p", { class: "soft" }, one.fields.map(fieldName).join(language() === "zh" ? "、" : ", ")))));
  }

  function orderChoice() {
    const sorted = state.shape?.fields.filter(({ flags }) => flags.includes("sort")) ?? [];
    if (sorted.length === 0) return null;
    const names = sorted.filter(({ type }) => type !== "point").flatMap((field) => [
      [field.name, `${fieldName(field)} ↑`], [`-${field.name}`, `${fieldName(field)} ↓`]]);
    return choice("records-order", say("search.sort"), [["", say("sort.relevance")], ...names], state.order, (order) => go({ order }));
  }

  function boardChoice() {
    const fields = state.shape ? facetFields() : [];
    if (fields.length === 0) return null;
    return choice("records-by", say("records.board"),
      [["", say("records.board.none")], ...fields.map((field) => [field.name, fieldName(field)])], state.by, (by) => go({ by, page: state.page }));
  }

  function records() {
    const { reply, shape } = state;
    board = element("section", { class: "board", "aria-label": say("records.board") });
    const fields = shape.fields.filter(({ name }) => reply.hits.some(({ record }) => isShown(record, name)));
    return element("div", { class: "answer has-facets" }, facets(),
      element("section", { class: "found", "aria-labelledby": "found" },
        !reply.complete && element("p", { class: "notice warn", role: "alert" }, say("search.incomplete.why")),
        element("h2", { id: "found", tabindex: "-1", "data-landing": true }, sayCount("records.found", reply.total)),
        board,
        reply.hits.length > 0 && element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": shape.title },
          element("table", { class: "records" },
            element("thead", {}, element("tr", {}, fields.map((field) => element("th", { scope: "col" }, fieldName(field))))),
            element("tbody", {}, reply.hits.map(({ record }) => element("tr", {}, fields.map((field) =>
              element("td", {}, valueOf(record, field)))))))),
        pages(reply.total)));
  }

  function facets() {
    const groups = facetFields().filter(({ name }) => (state.reply.facets?.[name] ?? []).length > 0).map((field) => {
      const id = `facet-${field.name}`;
      return element("section", { class: "facet", "aria-labelledby": id }, element("h2", { id }, fieldName(field)),
        element("ul", {}, state.reply.facets[field.name].slice(0, SHOWN).map(({ value, count }) => {
          const token = fieldToken(fieldName(field), value);
          const isHeld = split(state.q).parts.some(({ text }) => text === token);
          const label = say(isHeld ? "facet.remove" : "facet.add", { value, count: number(count) });
          return element("li", {}, element("button", {
            type: "button", class: "facet-value", "aria-pressed": isHeld ? "true" : "false", "aria-label": label,
            "data-key": `${field.name} ${value}`,
            on: { click: () => go({ q: isHeld ? without(state.q, token) : withPart(state.q, token) }) },
          }, element("span", { class: "value" }, value), element("span", { class: "count" }, number(count))));
        })));
    });
    return element("aside", { class: "facets", "aria-label": say("search.refine") }, groups);
  }

  function pages(total) {
    const last = Math.max(1, Math.ceil(Math.min(total, FURTHEST) / PAGE_SIZE));
    if (last === 1) return null;
    const link = (page, key) => (page >= 1 && page <= last
      ? element("a", { href: collectionHash({ ...state, page }) }, say(key)) : element("span", { class: "off" }, say(key)));
    return element("nav", { class: "pages", "aria-label": say("search.pages") }, link(state.page - 1, "search.previous"),
      element("span", {}, say("search.page", { page: number(state.page), pages: number(last) })), link(state.page + 1, "search.next"));
  }

  return {
    element: view,
    title: () => state.shape?.title ?? say("view.collections"),
    render,
    show({ c = "", q = "", order = "", by = "", page = "1" }) {
      if (c !== state.c) Object.assign(state, { shape: null, reply: null });
      Object.assign(state, { c, q, order, by, page: Math.max(1, Number.parseInt(page, 10) || 1), phase: "loading" });
      render();
      run();
    },
    leave() {
      running?.abort();
      streaming?.abort();
    },
  };
}

/// The name of a field in the reader's language: its first Chinese one, or the one that the declaration has.
function fieldName({ name, names }) {
  return language() === "zh" ? names.find((other) => /\p{Script=Han}/u.test(other)) ?? name : name;
}

const isShown = (record, name) => record && (name in record.values || (record.masked ?? []).includes(name));

function valueOf(record, { name, type, flags }) {
  if ((record.masked ?? []).includes(name)) return element("span", { class: "soft" }, "***");
  const value = record.values[name];
  if (value === undefined || value === null) return null;
  if (type === "point") return placeLink(value);
  const text = words(value);
  const age = flags.includes("live") ? record.ages?.[name] : undefined;
  return [text, age !== undefined && element("small", { class: "basis" }, say("records.age", { time: duration(age * 1000) }))];
}

function words(value) {
  if (Array.isArray(value)) return value.map(words).join(language() === "zh" ? "、" : ", ");
  if (typeof value === "boolean") return say(value ? "records.yes" : "records.no");
  if (typeof value === "number") return number(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/// A place in WGS-84 as a `geo:` address (RFC 5870), which the reader's own map opens.
function placeLink({ lat, lon }) {
  return element("a", { href: `geo:${lat},${lon}` }, `${lat.toFixed(5)}, ${lon.toFixed(5)}`);
}

"""#
}
