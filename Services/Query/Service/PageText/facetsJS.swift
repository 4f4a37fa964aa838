// Page/facets.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let facetsJS = #"""
// Narrowing down: the values of fields with their counts, and the conditions that a query already has.

import { element } from "./dom.js";
import { valueWords } from "./names.js";
import { ANY_YEAR, FACETS, filters, filterToken, withPart, without } from "./query.js";
import { language, monthWords, number, say } from "./words.js";

/// Values shown of one field before the reader asks for more.
const SHOWN = 6;
/// Values shown at most.
const MOST = 60;
const WIDE = "(min-width: 56rem)";

/// `total` is the number of hits. A field that has one value for all of them could narrow nothing, and is left out.
/// `change` is called with the new query.
export function facetList(facets, total, query, change) {
  const chosen = filters(query).filter((filter) => !filter.isNegated);
  const divides = (field) => {
    const counts = facets[field] ?? [];
    const isHeld = chosen.some((filter) => filter.field === field);
    return counts.length > 1 || (counts.length === 1 && (isHeld || counts[0].count < total));
  };
  const groups = FACETS.filter(divides).map((field) => facet(field, facets[field], query, chosen, change));
  if (groups.length === 0) return null;
  const fold = element("details", { class: "refine", "data-key": "refine", open: matchMedia(WIDE).matches },
    element("summary", { "data-key": "refine-summary" }, say("search.refine")), groups);
  return element("aside", { class: "facets", "aria-label": say("search.refine") }, fold);
}

function facet(field, counts, query, chosen, change) {
  const id = `facet-${field}`;
  const button = ({ value, count }) => {
    const held = chosen.find((filter) => filter.field === field && filter.value === value);
    const words = valueWords(field, value);
    const label = say(held ? "facet.remove" : "facet.add", { value: words, count: number(count) });
    const next = held ? without(query, held.text) || "*" : withPart(query, filterToken(field, value, language()));
    return element("li", {}, element("button", {
      type: "button", class: "facet-value", "aria-pressed": held ? "true" : "false", "aria-label": label,
      "data-key": `${field} ${value}`, on: { click: () => change(next) },
    }, element("span", { class: "value" }, words), element("span", { class: "count" }, number(count))));
  };
  const known = counts.slice(0, MOST);
  const rest = known.slice(SHOWN);
  return element("section", { class: "facet", "aria-labelledby": id },
    element("h2", { id }, say(`facet.${field}`)),
    element("ul", {}, known.slice(0, SHOWN).map(button)),
    rest.length > 0 && element("details", { "data-key": `more ${field}` },
      element("summary", { "data-key": `more-summary ${field}` }, say("search.more", { count: number(rest.length) })),
      element("ul", {}, rest.map(button))));
}

/// The conditions of a query, each with a button that takes it out; null where there is none.
export function filterChips(query, change) {
  const found = filters(query);
  if (found.length === 0) return null;
  return element("ul", { class: "chips", "aria-label": say("search.filters") }, found.map((filter) => {
    const text = conditionWords(filter);
    return element("li", {}, element("button", {
      type: "button", class: "chip", "aria-label": say("search.filters.remove", { text }), "data-key": `chip ${filter.text}`,
      on: { click: () => change(without(query, filter.text) || "*") },
    }, text, element("span", { "aria-hidden": "true", class: "cross" }, "×")));
  }));
}

function conditionWords({ field, value, isNegated }) {
  if (field === "date" && isNegated && value === ANY_YEAR) return say("month.group.unknown");
  const name = say(`facet.${field}`);
  const words = field === "date" ? value.split("..").map(monthWords).join(" – ") : valueWords(field, value);
  return `${isNegated ? say("facet.not", { name }) : name} ${words}`;
}

"""#
}
