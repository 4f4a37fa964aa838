// The search view: the box, the examples, and what came of a query.

import { Refusal, search, status, COLLECTION } from "./api.js";
import { onEnter } from "./composition.js";
import { announce, element, replaceIn } from "./dom.js";
import { facetList, filterChips } from "./facets.js";
import { hitList, moveBetweenHits } from "./hits.js";
import { lensLinks } from "./lenses.js";
import { mistakeBox, refusalBox } from "./notices.js";
import { FACETS, filters, without } from "./query.js";
import { searchHash } from "./routes.js";
import { timelineChart } from "./timeline.js";
import { suggestions } from "./suggest.js";
import { duration, language, number, say, sayCount } from "./words.js";

const PAGE_SIZE = 10;
/// The API pages no further than this.
const FURTHEST = 10_000;
const SORTS = ["relevance", "newest", "oldest"];
/// How long a search may take before the page says that it is under way, in milliseconds.
const QUIET = 200;

/// Conditions of a query without hits that the page tries to leave out.
const MOST_WAYS_OUT = 4;

const EXAMPLES = [
  ["复工复产", "example.run"],
  ["复工 OR 复产 -隔离", "example.boolean"],
  ['"疫情防控"~4', "example.slop"],
  ["标题:通告", "example.field"],
  ["来源:上海发布 日期:2月8日", "example.date"],
  ["标记:wrong-body", "example.flag"],
];

export function makeSearch() {
  const view = element("div", { class: "view search" });
  const state = { q: "", sort: "relevance", page: 1, phase: "start", reply: null, error: null, holdings: null };
  let running = null;
  let input = null;
  let results = null;

  function go(change) {
    const target = searchHash({ q: state.q, sort: state.sort, page: 1, ...change });
    if (location.hash === target) run();
    else location.hash = target;
  }

  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const clock = setTimeout(() => { if (!signal.aborted) becomeBusy(); }, QUIET);
    try {
      const reply = await search({
        q: state.q, sort: state.sort, limit: PAGE_SIZE, offset: (state.page - 1) * PAGE_SIZE,
        facets: FACETS.join(","), histogram: true, snippet: 140, collapse: true,
      }, signal);
      if (signal.aborted) return;
      Object.assign(state, { phase: "done", reply, error: null });
      announce(reply.total === 0 ? say("search.none") : sayCount("search.found", reply.total));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { phase: "failed", reply: null, error });
    } finally {
      clearTimeout(clock);
    }
    renderResults();
  }

  function becomeBusy() {
    results.setAttribute("aria-busy", "true");
    if (state.phase !== "done") replaceIn(results, element("p", { class: "waiting" }, say("search.busy")));
    announce(say("search.busy"));
  }

  async function count() {
    try {
      const { ingest } = await status();
      state.holdings = ingest?.collections.find((collection) => collection.name === COLLECTION) ?? null;
      if (state.phase === "start") renderResults();
    } catch {
      // The start page does without; a search tells what is wrong.
    }
  }

  // What is shown

  function render() {
    input = element("input", {
      type: "search", id: "query", name: "q", "aria-label": say("search.label"), placeholder: say("search.placeholder"),
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", maxlength: "4096",
      "data-key": "query",
    });
    input.value = state.q;
    const form = element("form", { role: "search", class: "box" },
      input, element("button", { type: "submit", class: "strong" }, say("search.go")));
    onEnter(form, input, () => go({ q: input.value.trim() }));
    form.append(suggestions(input, (q) => {
      input.value = q;
      go({ q });
    }));
    results = element("div", { class: "results" });
    view.replaceChildren(element("h1", { class: "unseen" }, say("search.label")), form, results);
    renderResults();
  }

  function renderResults() {
    results.removeAttribute("aria-busy");
    // Which address is answered here, for whoever watches the page from outside.
    results.dataset.shown = state.phase === "loading" ? "" : searchHash(state);
    if (state.phase === "start") return replaceIn(results, startPage());
    if (state.phase === "failed") return replaceIn(results, failure());
    if (state.phase === "done") return replaceIn(results, answer());
    return undefined;
  }

  function startPage() {
    const holdings = state.holdings;
    return element("div", { class: "start" },
      element("p", { class: "lead" }, say("search.intro")),
      holdings && element("p", {}, holdings.liveItems === 0
        ? [say("search.holdings.none"), " ", element("a", { href: "#/inbox" }, say("search.holdings.add"))]
        : [say("search.holdings", { items: number(holdings.liveItems), documents: number(holdings.counts.searchable) }),
          " ", element("a", { href: searchHash({ q: "*", sort: "newest" }) }, say("search.all"))]),
      element("h2", {}, say("search.examples")),
      element("dl", { class: "examples" }, EXAMPLES.map(([query, key]) => element("div", {},
        element("dt", {}, element("a", { href: searchHash({ q: query }) }, query)), element("dd", {}, say(key))))));
  }

  function failure() {
    const { error } = state;
    if (!error.range) return refusalBox(error, { again: run });
    return mistakeBox(error, state.q, (start, end) => {
      input.focus();
      input.setSelectionRange(start, end);
    });
  }

  function answer() {
    const { reply } = state;
    const page = { first: (state.page - 1) * PAGE_SIZE, size: PAGE_SIZE };
    const change = (q) => go({ q });
    const body = element("section", { class: "found", "aria-labelledby": "found" },
      !reply.complete && element("p", { class: "notice warn", role: "alert" }, say("search.incomplete.why")),
      element("div", { class: "found-head" },
        element("h2", { id: "found", tabindex: "-1", "data-landing": true },
          reply.total === 0 ? say("search.none") : sayCount("search.found", reply.total)),
        reply.total > 1 && sortChoice()),
      answerLine(reply),
      filterChips(state.q, change),
      reply.corrections && corrections(reply.corrections),
      reply.total === 0 ? nothing() : [
        timelineChart(reply.histogram, state.q, change),
        hitList(reply, { q: state.q, sort: state.sort, ...page }),
        pages(reply.total)]);
    const facets = reply.total > 0 && facetList(reply.facets ?? {}, reply.total, state.q, change);
    return [
      lensLinks("search", state.q),
      element("div", { class: facets ? "answer has-facets" : "answer" }, facets, body),
    ];
  }

  function sortChoice() {
    const choice = element("select", {
      id: "sort", "data-key": "sort", on: { change: (event) => go({ sort: event.target.value }) },
    }, SORTS.map((sort) => element("option", { value: sort, selected: sort === state.sort }, say(`sort.${sort}`))));
    return element("label", { class: "sort", for: "sort" }, `${say("search.sort")} `, choice);
  }

  /// Queries that may have been meant, on one line.
  function corrections(list) {
    const links = list.flatMap(({ query, total }, place) => [
      place > 0 && " · ", element("a", { href: searchHash({ q: query }) }, query),
      element("span", { class: "soft" }, ` ${sayCount("search.found", total)}`)]);
    return element("p", { class: "corrections" }, `${say("search.corrections")} `, links);
  }

  /// What the query finds without one of its conditions each.
  function nothing() {
    const conditions = filters(state.q).slice(0, MOST_WAYS_OUT);
    if (conditions.length === 0) return element("p", { class: "nothing" }, say("search.none.words"));
    return element("div", { class: "nothing" },
      element("p", {}, say("search.none.filters")),
      element("ul", {}, conditions.map(({ text }) => {
        const rest = without(state.q, text) || "*";
        const amount = element("span", { class: "soft" });
        const tell = ({ total }) => { amount.textContent = sayCount("search.found", total); };
        // Where it fails the way out stays without its count.
        search({ q: rest, limit: 0 }).then(tell, () => {});
        return element("li", {}, element("a", { href: searchHash({ q: rest, sort: state.sort }) }, rest), amount);
      })));
  }

  function pages(total) {
    const reachable = Math.floor((Math.min(total, FURTHEST + PAGE_SIZE) - 1) / PAGE_SIZE) + 1;
    if (reachable <= 1) return null;
    const link = (page, key, rel) => (page >= 1 && page <= reachable
      ? element("a", { href: searchHash({ ...state, page }), rel, "data-key": key }, say(key))
      : element("span", { class: "off" }, say(key)));
    const isCutOff = state.page === reachable && total > reachable * PAGE_SIZE;
    return element("nav", { class: "pages", "aria-label": say("search.pages") },
      link(state.page - 1, "search.previous", "prev"),
      element("span", {}, say("search.page", { page: number(state.page), pages: number(reachable) })),
      link(state.page + 1, "search.next", "next"),
      isCutOff && element("span", { class: "soft" }, say("search.page.end")));
  }

  return {
    element: view,
    title: () => (state.q ? `${state.q} · ${say("view.search")}` : say("view.search")),
    render,
    show({ q = "", sort = "relevance", page = "1" }) {
      const wanted = { q, sort: SORTS.includes(sort) ? sort : "relevance", page: boundedPage(page) };
      const isSame = state.phase !== "start" && Object.keys(wanted).every((key) => state[key] === wanted[key]);
      const isOtherPage = wanted.page !== state.page && wanted.q === state.q;
      Object.assign(state, wanted);
      if (input.value.trim() !== q) input.value = q;
      if (q === "") {
        running?.abort();
        state.phase = "start";
        renderResults();
        count();
        input.focus({ preventScroll: true });
      } else if (!isSame) {
        if (state.phase === "start" || state.phase === "failed") state.phase = "loading";
        run().then(() => { if (isOtherPage) results.querySelector("[data-landing]")?.focus(); });
      }
    },
    key(event) {
      if (event.key === "ArrowDown" && document.activeElement === input) return moveBetweenHits(results, 1);
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      const isTyping = document.activeElement?.matches("input, select, textarea, button, summary");
      return step && !isTyping ? moveBetweenHits(results, step) : false;
    },
    address: () => searchHash(state),
    focusBox() {
      input.focus();
      input.select();
    },
  };
}

function boundedPage(text) {
  const page = Number.parseInt(text, 10);
  return Number.isInteger(page) ? Math.min(Math.max(page, 1), FURTHEST / PAGE_SIZE + 1) : 1;
}

/// The version, whether the answer is whole, and how long it took; unfolds to each part.
function answerLine(reply) {
  const line = [
    say("search.version", { version: reply.version }),
    reply.complete ? say("search.complete") : say("search.incomplete"),
    say("search.took", { time: duration(reply.timings.total ?? 0) }),
    sayCount("search.workers", reply.workers.length),
  ];
  const separator = language() === "zh" ? "：" : ": ";
  const timings = ["parse", "statistics", "search", "fetch"].filter((name) => name in reply.timings);
  return element("details", { class: "answer-line", "data-key": "answer" },
    element("summary", { "data-key": "answer-summary" }, line.join(" · ")),
    element("p", {}, `${say("search.understood")}${separator}`, element("code", {}, reply.understood)),
    element("p", {}, timings.map((name) => `${say(`timing.${name}`)} ${duration(reply.timings[name])}`).join(" · ")),
    element("ul", {}, reply.workers.map((worker) => element("li", {}, say("search.worker.line", {
      name: worker.name, segments: number(worker.segments), time: duration(worker.milliseconds),
    })))));
}
