// Suggestions below the search box: a combobox with a list, as the ARIA practices describe it.
//
// What is completed is the word before the caret, where the caret is at the end. While an input method composes nothing is
// asked and no key is taken. Keys: ↑ ↓ choose, Enter takes what is chosen, Escape closes the list.

import { suggest } from "./api.js";
import { belongsToComposition } from "./composition.js";
import { announce, element } from "./dom.js";
import { say, sayCount } from "./words.js";

/// How long the reader's hands may rest before the page asks, in milliseconds.
const REST = 90;
const MOST = 8;

/// The word that is being typed, and what stands before it; nothing inside of quotes or behind a field's colon.
export function lastWord(text) {
  const quotes = [...text].filter((sign) => "\"“”「」『』".includes(sign)).length;
  const [, before, word] = /^(.*?(?:^|[\s　()（）|｜]))([^\s　()（）|｜]*)$/su.exec(text) ?? ["", text, ""];
  if (quotes % 2 === 1 || /["“”「」『』:：\\]/u.test(word)) return { before: text, word: "" };
  const sign = /^[-－!！]/u.exec(word)?.[0] ?? "";
  return { before: before + sign, word: word.slice(sign.length) };
}

/// Attaches suggestions to `input`; `take` gets the whole query with a suggestion in it. Returns the list's element.
export function suggestions(input, take) {
  const list = element("ul", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": say("suggest.label"), hidden: true });
  let found = [];
  let chosen = -1;
  let clock = null;
  let running = null;
  let isComposing = false;
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions",
  })) input.setAttribute(name, value);

  function close() {
    clearTimeout(clock);
    running?.abort();
    found = [];
    draw();
  }

  function draw() {
    chosen = -1;
    list.replaceChildren(...found.map((one, index) => element("li", {
      id: `suggestion-${index}`, role: "option", "aria-selected": "false",
      on: {
        // The box keeps the focus.
        mousedown: (event) => event.preventDefault(),
        click: () => accept(index),
      },
    }, element("span", {}, one.text), element("small", {}, kind(one)))));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    chosen = index;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    if (chosen < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[chosen].id);
    return list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function accept(index) {
    const query = lastWord(input.value).before + found[index].query;
    close();
    take(query);
  }

  async function ask() {
    const { word } = lastWord(input.value);
    running?.abort();
    if (word === "" || isComposing || input.selectionStart !== input.value.length) return close();
    running = new AbortController();
    const { signal } = running;
    try {
      const reply = await suggest({ q: word, limit: MOST }, signal);
      if (signal.aborted || document.activeElement !== input) return undefined;
      found = reply.suggestions;
      draw();
      if (found.length > 0) announce(sayCount("suggest.found", found.length));
    } catch {
      // Without suggestions the box is a box; a search tells what is wrong.
      if (!signal.aborted) close();
    }
    return undefined;
  }

  function later() {
    clearTimeout(clock);
    clock = setTimeout(ask, REST);
  }

  input.addEventListener("compositionstart", () => {
    isComposing = true;
    close();
  });
  input.addEventListener("compositionend", () => {
    isComposing = false;
    later();
  });
  input.addEventListener("input", () => { if (!isComposing) later(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (belongsToComposition(event, isComposing) || found.length === 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose((chosen + 1 + step + found.length + 1) % (found.length + 1) - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) accept(chosen);
    else return;
    event.preventDefault();
    // The page's own keys would move between hits.
    event.stopPropagation();
  });
  input.form?.addEventListener("submit", close);
  return list;
}

function kind(one) {
  const name = say(`facet.${one.field}`);
  if (one.count !== undefined) return `${name} · ${one.count}`;
  return one.date ? `${name} · ${one.date}` : name;
}
