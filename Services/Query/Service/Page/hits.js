// The hits of a search: title, date, department, sources and flags, each with what it rests on.

import { Refusal, original, readDocument, search } from "./api.js";
import { element } from "./dom.js";
import { basisWords, flagWords } from "./names.js";
import { sentences } from "./notices.js";
import { cut, filterToken, readDate } from "./query.js";
import { searchHash } from "./routes.js";
import { dateWords, language, number, say } from "./words.js";

/// The longest snippet that the API gives.
const LONG_SNIPPET = 1000;
/// Formats whose originals are text; the others are saved, not shown.
const TEXT_FORMATS = new Set(["text", "markdown", "html", "json", "ndjson", "csv", "feed"]);

/// A text with its marks, as text nodes and <mark> elements.
export function marked({ text, marks }) {
  return cut(text, marks).map((piece) => (piece.isMarked ? element("mark", {}, piece.text) : piece.text));
}

/// `first` is the place of the first hit shown among all, `size` how many are asked for at once.
export function hitList(reply, { q, sort, first, size }) {
  return element("ol", { class: "hits", start: first + 1 }, reply.hits.map((hit, index) => element("li", {},
    hitArticle(hit, `hit-${index}`, { q, sort, first, size }))));
}

function hitArticle(hit, id, place) {
  const comma = language() === "zh" ? "、" : ", ";
  const hasTitle = hit.title.text !== "";
  return element("article", { class: "hit", tabindex: "-1", "aria-labelledby": id, "data-key": hit.id },
    element("h3", { id, class: hasTitle ? null : "soft" }, hasTitle ? marked(hit.title) : say("hit.untitled")),
    element("p", { class: "facts" }, dateOf(hit), departmentOf(hit)),
    hit.snippet.text !== "" && element("p", { class: "snippet" }, marked(hit.snippet)),
    element("p", { class: "origin" },
      hit.sources.length > 0 && element("span", {}, `${say("hit.source")} `, hit.sources.join(comma)),
      hit.file && element("span", { class: "file" }, `${say("hit.file")} `, hit.file)),
    hit.flags.length > 0 && element("ul", { class: "flags" }, hit.flags.map((flag) => element("li", {}, flagWords(flag)))),
    details(hit, place),
    comparison(hit),
    copies(hit));
}

/// Hits that say nearly the same, folded under this one.
function copies(hit) {
  if (!hit.copies || hit.copies.length === 0) return null;
  const comma = language() === "zh" ? "、" : ", ";
  return element("details", { "data-key": `copies ${hit.id}`, class: "copies" },
    element("summary", { "data-key": `copies-summary ${hit.id}` }, say("hit.copies", { count: number(hit.copies.length) })),
    element("ul", {}, hit.copies.map((copy) => element("li", { class: "origin" },
      dateOf(copy), element("span", {}, copy.sources.join(comma) || say("hit.nosource")),
      element("span", { class: "file" }, copy.file ?? copy.id)))));
}

/// The item as it was read, and beside it the bytes that it was read from. Both are fetched when this is first opened.
function comparison(hit) {
  const sides = element("div", { class: "sides" });
  const part = element("details", {
    "data-key": `original ${hit.id}`, class: "comparison",
    on: { toggle: () => { if (part.open && !sides.hasChildNodes()) compare(sides, hit); } },
  },
  element("summary", { "data-key": `original-summary ${hit.id}` }, say("hit.compare")), sides);
  return part;
}

async function compare(container, hit) {
  container.replaceChildren(element("p", { class: "waiting" }, say("hit.reading")));
  try {
    const reply = await readDocument(hit.id);
    const item = reply.items[0];
    const own = element("section", { "aria-label": say("hit.item") },
      element("h4", {}, say("hit.item")),
      element("p", {}, element("strong", {}, item.title || say("hit.untitled"))),
      item.body.split("\n").filter(Boolean).map((line) => element("p", {}, line)));
    const source = element("section", { "aria-label": say("hit.original") },
      element("h4", {}, say("hit.original"), " ", element("a", { href: original.address(hit.id), download: true }, say("hit.save"))),
      TEXT_FORMATS.has(reply.format)
        ? element("pre", { tabindex: "0" }, await original.text(hit.id))
        : element("p", { class: "soft" }, say("hit.original.other", { format: reply.format })));
    container.replaceChildren(own, source);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    container.replaceChildren(...sentences(error).filter(Boolean));
  }
}

function dateOf(hit) {
  const date = readDate(hit.date);
  return element("span", {},
    date ? element("time", { datetime: hit.date }, dateWords(date)) : element("span", { class: "soft" }, say("hit.nodate")),
    date && basis(hit.dateBasis));
}

function departmentOf(hit) {
  return hit.department && element("span", {}, hit.department, basis(hit.departmentBasis));
}

function basis(rule) {
  return rule && element("small", { class: "basis" }, say("hit.basis", { basis: basisWords(rule) }));
}

/// Unfolds to a longer part of the text and to what identifies the item. The text is fetched when it is first opened.
function details(hit, place) {
  const text = element("div", { class: "context" });
  const facts = [
    [say("hit.identity"), element("code", {}, hit.id)],
    [say("hit.place"), say("hit.place.bytes", { lower: number(hit.range.lower), upper: number(hit.range.upper) })],
    [say("hit.score"), hit.score.toFixed(3)],
  ];
  const sameFile = hit.file && searchHash({ q: filterToken("file", hit.file, language()) });
  const part = element("details", {
    "data-key": `details ${hit.id}`,
    on: { toggle: () => { if (part.open && !text.hasChildNodes()) unfold(text, hit, place); } },
  },
  element("summary", { "data-key": `summary ${hit.id}` }, say("hit.details")),
  text,
  element("dl", { class: "evidence" }, facts.map(([name, value]) => element("div", {},
    element("dt", {}, name), element("dd", {}, value)))),
  sameFile && element("p", {}, element("a", { href: sameFile }, say("hit.samefile"))));
  return part;
}

async function unfold(container, hit, { q, sort, first, size }) {
  container.replaceChildren(element("p", { class: "waiting" }, say("hit.reading")));
  try {
    const reply = await search({ q, sort, limit: size, offset: first, snippet: LONG_SNIPPET });
    const same = reply.hits.find((other) => other.id === hit.id) ?? null;
    container.replaceChildren(...paragraphs(same));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    container.replaceChildren(...sentences(error).filter(Boolean));
  }
}

function paragraphs(hit) {
  if (!hit) return [element("p", { class: "soft" }, say("hit.changed"))];
  const lines = [[]];
  for (const piece of cut(hit.snippet.text, hit.snippet.marks)) {
    const parts = piece.text.split("\n");
    parts.forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part !== "") lines.at(-1).push(piece.isMarked ? element("mark", {}, part) : part);
    });
  }
  return lines.filter((line) => line.length > 0).map((line) => element("p", {}, line));
}

/// Moves the focus to the next or the previous hit; false where there is none.
export function moveBetweenHits(container, step) {
  const hits = [...container.querySelectorAll(".hit")];
  const here = hits.indexOf(document.activeElement?.closest(".hit"));
  const next = hits[here < 0 ? (step > 0 ? 0 : -1) : here + step];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}
