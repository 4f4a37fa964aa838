// How failures look: what kind, the API's sentence, what helps, and for a query the place of the mistake.

import { element } from "./dom.js";
import { codeWords } from "./names.js";
import { unitsOfBytes } from "./query.js";
import { sentence, translation } from "./sentences.js";
import { say } from "./words.js";

/// A failure with its fix. `again` is called by the button to try again, where that can help.
export function refusalBox(error, { again } = {}) {
  return element("div", { class: "notice bad", role: "alert" },
    element("h2", { class: "notice-title" }, codeWords(error.code)),
    sentences(error),
    again && element("p", {}, element("button", { type: "button", on: { click: again } }, say("error.again"))));
}

/// A wrong query with the mistake underlined. `edit` is called with its range in UTF-16 units.
export function mistakeBox(error, query, edit) {
  const [start, end] = unitsOfBytes(query, error.range);
  const place = query.slice(start, end);
  return element("div", { class: "notice bad", role: "alert" },
    element("h2", { class: "notice-title" }, codeWords(error.code)),
    element("p", { class: "mistake-label" }, say("mistake.place")),
    element("p", { class: "mistake", translate: "no" },
      query.slice(0, start),
      element("span", { class: place ? "wrong" : "wrong gap" }, place),
      query.slice(end)),
    sentences(error),
    element("p", {}, element("button", { type: "button", on: { click: () => edit(start, end) } }, say("mistake.go"))));
}

/// Why a document, or a part of it, was given up.
export function reasonLine({ reason, message }) {
  return element("p", {}, element("strong", {}, codeWords(reason)), ` ${sentence(message)}`);
}

/// The API's sentence and fix; with the original below where they could be said in Chinese.
export function sentences({ message, fix }) {
  const known = [message, fix].map((text) => (text ? translation(text) : null));
  const shown = [known[0] ?? message, known[1] ?? fix];
  const isTranslated = known[0] !== null || known[1] !== null;
  return [
    element("p", {}, shown[0]),
    fix && element("p", { class: "fix" }, element("strong", {}, `${say("error.fix")} `), shown[1]),
    isTranslated && element("p", { class: "original" }, `${say("error.original")} `,
      element("q", { lang: "en" }, fix ? `${message}; ${fix}` : message)),
  ];
}
