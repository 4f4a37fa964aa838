// Page/digest.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let digestJS = #"""
// The digest view: what a query finds, compiled, with its doubts, duplicates and gaps, and as a file to save.

import { digest, digestAddress, Refusal } from "./api.js";
import { announce, element, replaceIn } from "./dom.js";
import { choice, lensLinks, queryBox } from "./lenses.js";
import { basisWords } from "./names.js";
import { mistakeBox, refusalBox } from "./notices.js";
import { readDate } from "./query.js";
import { lensHash } from "./routes.js";
import { dateWords, language, number, say, sayCount } from "./words.js";

const GROUPINGS = ["date", "department", "source", "district"];
const EXTENTS = ["body", "summary", "title"];
const FORMATS = ["docx", "markdown", "text", "html"];
/// Doubts about the text itself; others say what was inferred or is missing.
const GRAVE = new Set(["wrong-body", "repeated-clause", "count-mismatch", "contradiction"]);
/// What the basis beside a date or department says already.
const TOLD = new Set(["year-inferred", "year-unknown", "date-unknown", "department-inferred"]);

export function makeDigest() {
  const view = element("div", { class: "view digest" });
  const state = { q: "", by: "department", text: "body", phase: "start", reply: null, error: null };
  let running = null;
  let input = null;
  let results = null;

  const go = (change) => { location.hash = lensHash("digest", { ...state, ...change }); };

  async function run() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    Object.assign(state, { phase: "loading" });
    renderResults();
    try {
      const reply = await digest({ q: state.q, by: state.by, text: state.text, format: "json" }, signal);
      if (signal.aborted) return;
      Object.assign(state, { phase: "done", reply, error: null });
      announce(sayCount("search.found", reply.taken - reply.merged));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { phase: "failed", reply: null, error });
    }
    renderResults();
  }

  function render() {
    const names = (list, prefix) => list.map((name) => [name, say(`${prefix}.${name}`)]);
    const box = queryBox("digest-query", state.q, (q) => go({ q }),
      choice("digest-by", say("digest.by"), names(GROUPINGS, "digest.by"), state.by, (by) => go({ by })),
      choice("digest-text", say("digest.text"), names(EXTENTS, "digest.text"), state.text, (text) => go({ text })));
    input = box.input;
    results = element("div", { class: "results" });
    view.replaceChildren(element("h1", { class: "unseen", tabindex: "-1" }, say("lens.digest")), ...box.part.filter(Boolean), results);
    renderResults();
  }

  function renderResults() {
    results.dataset.shown = state.phase === "done" ? lensHash("digest", state) : "";
    results.toggleAttribute("aria-busy", state.phase === "loading");
    if (state.phase === "loading" && !results.hasChildNodes()) {
      return replaceIn(results, element("p", { class: "waiting" }, say("search.busy")));
    }
    if (state.phase === "failed") return replaceIn(results, lensLinks("digest", state.q), failure());
    if (state.phase === "done") return replaceIn(results, lensLinks("digest", state.q), sheet(state.reply));
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

  function sheet(reply) {
    const count = reply.taken - reply.merged;
    return element("article", { class: "sheet", "aria-labelledby": "digest-title" },
      !reply.complete && element("p", { class: "notice warn", role: "alert" }, say("search.incomplete.why")),
      element("header", {},
        element("h2", { id: "digest-title", tabindex: "-1", "data-landing": true }, reply.title),
        element("p", { class: "soft" }, summary(reply, count).join(" · ")),
        count > 0 && exports()),
      reply.groups.map(group),
      gaps(reply.gaps));
  }

  function exports() {
    const link = (format) => element("a", {
      class: "button", download: true, "data-format": format,
      href: digestAddress({ q: state.q, by: state.by, text: state.text, format, download: true }),
    }, say(`digest.format.${format}`));
    const paper = digestAddress({ q: state.q, by: state.by, text: state.text, format: "html" });
    return element("p", { class: "actions", "aria-label": say("digest.export") }, FORMATS.map(link),
      element("a", { class: "button", href: paper, target: "_blank", rel: "noopener" }, say("digest.print")));
  }

  return {
    element: view,
    title: () => `${state.q} · ${say("lens.digest")}`,
    render,
    show({ q = "", by, text }) {
      const wanted = {
        q, by: GROUPINGS.includes(by) ? by : "department", text: EXTENTS.includes(text) ? text : "body",
      };
      const isSame = state.phase === "done" && Object.keys(wanted).every((key) => state[key] === wanted[key]);
      Object.assign(state, wanted);
      if (!isSame) state.phase = "loading";
      render();
      if (!isSame) run();
    },
    leave() { running?.abort(); },
  };
}

function summary(reply, count) {
  const parts = [sayCount("search.found", count)];
  if (reply.merged > 0) parts.push(say("digest.merged", { count: number(reply.merged) }));
  if (reply.total > reply.taken) parts.push(say("digest.taken", { total: number(reply.total), taken: number(reply.taken) }));
  if (reply.firstDay && language() === "zh") {
    parts.push(reply.firstDay === reply.lastDay ? reply.firstDay : `${reply.firstDay}至${reply.lastDay}`);
  }
  return parts;
}

function group({ name, entries }, index) {
  const id = `digest-group-${index}`;
  return element("section", { "aria-labelledby": id },
    element("h3", { id, class: "sheet-group" }, name, element("small", { class: "soft" }, ` ${number(entries.length)}`)),
    entries.map(entryPart));
}

function entryPart(entry) {
  const id = `entry-${entry.number}`;
  const comma = language() === "zh" ? "、" : ", ";
  const date = readDate(entry.dateText);
  const grave = entry.doubts.filter(({ code }) => GRAVE.has(code));
  const light = entry.doubts.filter(({ code }) => !GRAVE.has(code) && !TOLD.has(code));
  return element("article", { class: "entry", id, "aria-labelledby": `${id}-title` },
    element("h4", { id: `${id}-title` }, element("span", { class: "soft" }, `${entry.number} `), entry.title || say("hit.untitled")),
    element("p", { class: "facts" },
      element("span", {}, date ? element("time", { datetime: entry.dateText }, dateWords(date)) : say("hit.nodate"),
        date && basis(entry.dateBasis)),
      entry.department && element("span", {}, entry.department, basis(entry.departmentBasis))),
    entry.paragraphs.map((text) => element("p", { class: "prose" }, text)),
    entry.isAbridged && entry.paragraphs.length > 0 && element("p", { class: "soft" }, say("digest.abridged")),
    element("p", { class: "origin" },
      entry.sources.length > 0 && element("span", {}, `${say("hit.source")} `, entry.sources.join(comma)),
      entry.file && element("span", { class: "file" }, `${say("hit.file")} `, entry.file, " ",
        say("hit.place.bytes", { lower: number(entry.range.lower), upper: number(entry.range.upper) }))),
    grave.map((doubt) => element("p", { class: "doubt" }, element("strong", {}, `${say("digest.doubt")} `), doubt.words,
      doubt.other && [" ", element("a", { href: `#entry-${doubt.other}`, on: { click: (event) => jump(event, doubt.other) } },
        say("digest.other", { number: doubt.other }))])),
    light.length > 0 && element("p", { class: "origin" }, light.map(({ words }) => element("span", {}, words))),
    duplicates(entry));
}

function basis(found) {
  return found && element("small", { class: "basis" }, say("hit.basis", { basis: basisWords(found.rule) }));
}

/// The page's own addresses stand behind the sign, so the entry is gone to by hand.
function jump(event, target) {
  event.preventDefault();
  const entry = document.getElementById(`entry-${target}`);
  entry.tabIndex = -1;
  entry.focus({ preventScroll: true });
  entry.scrollIntoView({ block: "start" });
}

function duplicates(entry) {
  if (entry.duplicates.length === 0) return null;
  return element("details", { "data-key": `duplicates ${entry.id}` },
    element("summary", {}, say("digest.duplicates", { count: number(entry.duplicates.length) })),
    element("ul", {}, entry.duplicates.map((one) => element("li", { class: "origin" },
      element("span", {}, one.sources.join("、") || say("hit.nodate")), one.day && element("span", {}, one.day),
      element("span", { class: "file" }, one.file ?? one.id)))));
}

function gaps(list) {
  const kinds = ["days", "months", "department"].map((kind) => [kind, list.filter((gap) => gap.kind === kind)]);
  const parts = kinds.filter(([, found]) => found.length > 0).map(([kind, found]) => element("p", {},
    element("strong", {}, `${say(`digest.gap.${kind}`)} `), found.map(({ words }) => words).join("、")));
  return parts.length > 0 && element("footer", { class: "gaps" }, parts);
}

"""#
}
