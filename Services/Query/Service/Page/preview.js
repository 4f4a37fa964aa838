// A dry run: what a watch would have said of each day, and what it misses by one condition.

import { choice } from "./lenses.js";
import { element } from "./dom.js";
import { marked } from "./hits.js";
import { readDate } from "./query.js";
import { dateWords, number, say, sayCount } from "./words.js";

const SPANS = ["7", "30", "90", "366"];
/// Days that are shown as bars at most; the newest.
const MOST_DAYS = 31;

/// `change` is called with the number of days and the last day.
export function previewPart(preview, { days, until, change }) {
  const spans = SPANS.map((span) => [span, sayCount("preview.days", Number(span))]);
  const last = element("input", {
    type: "text", id: "preview-until", inputmode: "numeric", maxlength: "10", placeholder: say("preview.today"),
    "data-key": "preview-until",
    on: { change: (event) => change(days, event.target.value.trim() || undefined) },
  });
  last.value = until ?? "";
  return element("section", { class: "preview", "aria-labelledby": "preview" },
    element("h2", { id: "preview", tabindex: "-1" }, say("preview.title")),
    element("div", { class: "choices" },
      choice("preview-days", say("preview.span"), spans, days ?? "30", (value) => change(value, until)),
      element("label", { class: "sort", for: "preview-until" }, `${say("preview.until")} `, last)),
    element("p", { class: "preview-total" }, say("preview.total", {
      from: dateWords(readDate(preview.from)), to: dateWords(readDate(preview.to)), count: number(preview.total),
    })),
    preview.everyItem && element("p", { class: "notice warn" }, say("preview.every")),
    dayBars(preview.days),
    preview.listed < preview.total && element("p", { class: "soft" }, say("preview.listed", { count: number(preview.listed) })),
    preview.hits.length > 0 && element("details", { "data-key": "preview-hits" },
      element("summary", {}, say("preview.newest", { count: number(preview.hits.length) })),
      element("ol", { class: "lines" }, preview.hits.map(line))),
    misses(preview.misses));
}

function dayBars(all) {
  const shown = all.slice(0, MOST_DAYS);
  if (shown.length === 0) return null;
  const most = Math.max(...shown.map(({ count }) => count));
  return element("dl", { class: "days" }, shown.map(({ day, count }) => element("div", {},
    element("dt", {}, dateWords(readDate(day))),
    element("dd", {}, element("span", { class: "track", "aria-hidden": "true" },
      element("span", { class: "level", size: { width: `${(count / most * 100).toFixed(2)}%` } })), number(count)))));
}

function misses(list) {
  if (list.length === 0) return null;
  return element("section", { class: "misses", "aria-labelledby": "misses" },
    element("h3", { id: "misses" }, say("preview.misses")),
    element("ul", {}, list.map((miss) => element("li", {},
      element("p", {}, say(`preview.miss.${miss.change}`), " ", element("code", {}, miss.part), " ",
        element("span", { class: "soft" }, sayCount("preview.more", miss.total))),
      element("ol", { class: "lines" }, miss.hits.map(line))))));
}

function line(hit) {
  const date = readDate(hit.date);
  return element("li", {},
    element("span", { class: "soft" }, date ? dateWords(date) : say("hit.nodate")), " ",
    hit.title.text === "" ? element("span", { class: "soft" }, say("hit.untitled")) : marked(hit.title));
}
