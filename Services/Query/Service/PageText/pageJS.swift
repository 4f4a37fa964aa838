// Page/page.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let pageJS = #"""
// The page's start: which view is shown, the language, the keyboard, and files dropped anywhere.

import { makeCollections } from "./page/collections.js";
import { makeDeadLetters } from "./page/dead.js";
import { makeDigest } from "./page/digest.js";
import { makeFigures } from "./page/figures.js";
import { droppedFiles, makeInbox } from "./page/inbox.js";
import { readHash } from "./page/routes.js";
import { makeSearch } from "./page/search.js";
import { makeStatus } from "./page/status.js";
import { makeWatches } from "./page/watches.js";
import { language, say, setLanguage } from "./page/words.js";

const LANGUAGE_KEY = "kuaibao-language";

const views = {
  search: makeSearch(), digest: makeDigest(), figures: makeFigures(), watches: makeWatches(), inbox: makeInbox(),
  collections: makeCollections(), dead: makeDeadLetters(), status: makeStatus(),
};
/// Views of one query; they stand under one entry of the navigation.
const LENSES = ["search", "digest", "figures"];
const main = document.getElementById("main");
let current = null;

function show() {
  const { view: name, parameters } = readHash(location.hash);
  const view = views[name] ?? views.search;
  const isOther = view !== current;
  if (isOther) {
    current?.leave?.();
    current = view;
    main.replaceChildren(view.element);
    scrollTo(0, 0);
  }
  view.show(parameters);
  retitle();
  for (const link of document.querySelectorAll("#navigation a")) {
    const isHere = views[link.dataset.view] === view || link.dataset.view === "search" && LENSES.some((lens) => views[lens] === view);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (isOther && view !== views.search && document.activeElement !== document.body) view.element.querySelector("h1")?.focus();
}

function retitle() {
  document.title = `${current.title()} · ${say("title")}`;
}

// Language

function speak(wanted) {
  setLanguage(wanted);
  document.documentElement.lang = language() === "zh" ? "zh-Hans" : "en";
  document.getElementById("skip").textContent = say("skip");
  document.getElementById("keys").textContent = say("keys");
  document.getElementById("navigation").setAttribute("aria-label", say("navigation"));
  document.querySelector(".brand").textContent = say("title");
  for (const link of document.querySelectorAll("#navigation a")) link.textContent = say(`view.${link.dataset.view}`);
  const button = document.getElementById("language");
  button.textContent = say("language.other");
  button.lang = language() === "zh" ? "en" : "zh-Hans";
  for (const view of Object.values(views)) view.render();
}

function remembered() {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    return null;
  }
}

document.getElementById("language").addEventListener("click", () => {
  const wanted = language() === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(LANGUAGE_KEY, wanted);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  speak(wanted);
  retitle();
});

// Keyboard

addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = document.activeElement?.matches("input, select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    if (current === views.search) views.search.focusBox();
    else {
      location.hash = views.search.address();
      addEventListener("hashchange", () => views.search.focusBox(), { once: true });
    }
  } else if (current === views.search && views.search.key(event)) {
    event.preventDefault();
  } else if (event.key === "Enter" && document.activeElement?.matches(".hit")) {
    const part = document.activeElement.querySelector(":scope > details");
    part.open = !part.open;
  }
});

// Files dropped anywhere go to the inbox

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;

function mark(change) {
  depth = Math.max(0, depth + change);
  document.body.classList.toggle("dragging", depth > 0);
}

addEventListener("dragenter", (event) => { if (carriesFiles(event)) mark(1); });
addEventListener("dragleave", (event) => { if (carriesFiles(event)) mark(-1); });
addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(-depth);
  const files = await droppedFiles(event.dataTransfer);
  location.hash = "#/inbox";
  views.inbox.take(files);
});

speak(remembered());
addEventListener("hashchange", show);
show();

"""#
}
