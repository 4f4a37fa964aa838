// The watches: standing queries with what they matched, live, and a dry run before one is made.

import { COLLECTION, Refusal, deleteWatch, makeWatch, previewWatch, watches } from "./api.js";
import { watchAlerts } from "./alerts.js";
import { announce, element, replaceIn } from "./dom.js";
import { lensLinks, queryBox } from "./lenses.js";
import { mistakeBox, refusalBox } from "./notices.js";
import { previewPart } from "./preview.js";
import { lensHash } from "./routes.js";
import { instant, number, say, sayCount } from "./words.js";

/// How often the balances are asked for while the view is seen, in milliseconds.
const PAUSE = 2000;

export function makeWatches() {
  const view = element("div", { class: "view watches" });
  const state = { q: "", list: null, error: null, preview: null, previewError: null, isAsking: false, outcome: null };
  const open = new Map();
  const asked = new Set();
  let running = null;
  let clock = null;
  let input = null;
  let draft = null;
  let rows = null;

  // Asking

  async function load() {
    try {
      const { watches: list } = await watches();
      Object.assign(state, { list, error: null });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { error });
    }
    renderRows();
  }

  function keepLoading() {
    clearInterval(clock);
    clock = setInterval(() => { if (!document.hidden) load(); }, PAUSE);
  }

  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    Object.assign(state, { isAsking: true, preview: null, previewError: null, outcome: null });
    renderDraft();
    try {
      state.preview = await previewWatch({ q: state.q, collection: COLLECTION, ...previewDays() }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      state.previewError = error;
    }
    if (signal.aborted) return;
    state.isAsking = false;
    renderDraft();
  }

  const previewDays = () => ({ days: state.days, until: state.until });

  async function create() {
    try {
      const watch = await makeWatch({ collection: COLLECTION, q: state.q, name: nameBox()?.value.trim() || undefined });
      state.outcome = watch;
      announce(say("watch.made", { name: watch.name }));
      await load();
      toggle(watch, true);
      location.hash = "#/watches";
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      state.previewError = error;
      renderDraft();
    }
  }

  async function remove(watch) {
    toggle(watch, false);
    try {
      await deleteWatch(watch.id);
      announce(say("watch.deleted", { name: watch.name }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      state.error = error;
    }
    asked.delete(watch.id);
    await load();
  }

  function toggle(watch, isOpen) {
    const alerts = open.get(watch.id);
    if (!isOpen) {
      alerts?.leave();
      open.delete(watch.id);
    } else if (!alerts) open.set(watch.id, watchAlerts(watch, { changed: load }));
    renderRows();
  }

  // What is shown

  const nameBox = () => view.querySelector("#watch-name");

  function render() {
    const box = queryBox("watch-query", state.q, (q) => { location.hash = lensHash("watches", { q }); });
    ({ input } = box);
    draft = element("div", { class: "draft" });
    rows = element("div", { class: "entries" });
    view.replaceChildren(
      element("h1", { tabindex: "-1" }, say("watch.title")), element("p", { class: "lead" }, say("watch.intro")),
      ...box.part.filter(Boolean), draft, element("h2", {}, say("watch.list")), rows);
    for (const alerts of open.values()) alerts.render();
    renderDraft();
    renderRows();
  }

  function renderDraft() {
    if (state.q === "") return replaceIn(draft);
    if (state.previewError) {
      const { previewError: error } = state;
      return replaceIn(draft, error.range
        ? mistakeBox(error, state.q, (start, end) => {
          input.focus();
          input.setSelectionRange(start, end);
        })
        : refusalBox(error, { again: run }));
    }
    if (!state.preview) return replaceIn(draft, lensLinks("watches", state.q), element("p", { class: "waiting" }, say("watch.trying")));
    return replaceIn(draft,
      lensLinks("watches", state.q),
      previewPart(state.preview, { days: state.days, until: state.until, change: (days, until) => {
        Object.assign(state, { days, until });
        run();
      } }),
      element("p", { class: "actions" },
        element("label", { class: "field", for: "watch-name" }, `${say("watch.name")} `,
          element("input", { type: "text", id: "watch-name", maxlength: "200", placeholder: state.q, "data-key": "watch-name" })),
        element("button", { type: "button", class: "strong", "data-key": "create", on: { click: create } }, say("watch.create"))));
  }

  function renderRows() {
    if (!rows) return undefined;
    if (state.error) return replaceIn(rows, refusalBox(state.error, { again: load }));
    if (!state.list) return replaceIn(rows, element("p", { class: "waiting" }, say("watch.loading")));
    if (state.list.length === 0) return replaceIn(rows, element("p", { class: "soft" }, say("watch.none")));
    const known = new Set(state.list.map(({ id }) => id));
    for (const [id, alerts] of open) {
      if (known.has(id)) continue;
      alerts.leave();
      open.delete(id);
    }
    return replaceIn(rows, element("ol", { class: "rows" }, state.list.map(row)));
  }

  function row(watch) {
    const alerts = open.get(watch.id);
    const button = (words, key, click, attributes = {}) => element("button", {
      type: "button", "data-key": `${key} ${watch.id}`, "aria-label": `${words} ${watch.name}`, on: { click }, ...attributes,
    }, words);
    const facts = [instant(watch.createdAt), say(`watch.kind.${watch.destination.kind}`), watch.destination.url, watch.id];
    return element("li", { class: "row watch", "data-watch": watch.id },
      element("div", { class: "row-head" }, element("h3", { class: "file" }, watch.name),
        watch.name !== watch.q && element("code", {}, watch.q)),
      balance(watch.counts),
      element("p", { class: "facts soft" }, facts.filter(Boolean).map((fact) => element("span", {}, fact))),
      watch.filter && element("p", { class: "remark" }, say("watch.within", { filter: watch.filter })),
      asked.has(watch.id)
        ? element("p", { class: "actions" },
          button(say("watch.delete.sure"), "delete", () => remove(watch), { class: "danger" }),
          button(say("watch.delete.keep"), "keep", () => {
            asked.delete(watch.id);
            renderRows();
          }))
        : element("p", { class: "actions" },
          button(say(alerts ? "watch.close" : "watch.open"), "open", () => toggle(watch, !alerts),
            { "aria-expanded": alerts ? "true" : "false" }),
          button(say("watch.delete"), "delete", () => {
            asked.add(watch.id);
            renderRows();
          })),
      alerts && alerts.element);
  }

  return {
    element: view,
    title: () => say("view.watches"),
    render,
    show({ q = "" }) {
      const isOther = q !== state.q;
      state.q = q;
      if (isOther) Object.assign(state, { preview: null, previewError: null });
      if (input.value.trim() !== q) input.value = q;
      renderDraft();
      if (q !== "" && !state.preview) run();
      load();
      keepLoading();
    },
    leave() {
      running?.abort();
      clearInterval(clock);
      for (const alerts of open.values()) alerts.leave();
      open.clear();
    },
  };
}

/// matched = acknowledged + pending + dead, as it is.
function balance({ matched, acknowledged, pending, dead }) {
  const parts = [["acknowledged", acknowledged], ["pending", pending], ["dead", dead]];
  return element("p", { class: "watch-balance" },
    element("span", {}, sayCount("watch.matched", matched)), element("span", { class: "sign" }, " = "),
    parts.map(([name, count], index) => [
      index > 0 && element("span", { class: "sign" }, " + "),
      element("span", { class: name === "pending" && count > 0 ? "pending" : null }, say(`watch.${name}`, { count: number(count) })),
    ]));
}

