// What is common to the views of one query: the box, and the links between hits, digest and figures.

import { onEnter } from "./composition.js";
import { element } from "./dom.js";
import { lensHash } from "./routes.js";
import { say } from "./words.js";

const LENSES = ["search", "digest", "figures", "watches"];

/// Links to the same query's hits, digest and figures, and to a watch for it.
export function lensLinks(here, q) {
  return element("nav", { class: "lenses", "aria-label": say("lens.navigation") }, LENSES.map((lens) => element("a", {
    href: lensHash(lens, { q }), "aria-current": lens === here ? "page" : null, "data-key": `lens ${lens}`,
  }, say(`lens.${lens}`))));
}

/// The box of a view, with what the view puts behind it. `enter` is called with the query.
export function queryBox(id, q, enter, ...choices) {
  const input = element("input", {
    type: "search", id, name: "q", "aria-label": say("search.label"), placeholder: say("search.placeholder"),
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search", maxlength: "4096",
  });
  input.value = q;
  const form = element("form", { role: "search", class: "box" },
    input, element("button", { type: "submit", class: "strong" }, say("search.go")));
  onEnter(form, input, () => enter(input.value.trim()));
  return { input, part: [form, choices.length > 0 && element("div", { class: "choices" }, choices)] };
}

/// A choice of a few words.
export function choice(id, label, names, chosen, change) {
  return element("label", { class: "sort", for: id }, `${label} `, element("select", {
    id, on: { change: (event) => change(event.target.value) },
  }, names.map(([value, words]) => element("option", { value, selected: value === chosen }, words))));
}
