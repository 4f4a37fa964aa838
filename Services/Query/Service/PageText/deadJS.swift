// Page/dead.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let deadJS = #"""
// The dead letters: what could not be parsed, why, and two ways to be done with it.

import { Refusal, deadLetters, drop, retry, submissionState } from "./api.js";
import { announce, element, replaceIn } from "./dom.js";
import { adviceWords } from "./names.js";
import { reasonLine, refusalBox, sentences } from "./notices.js";
import { instant, say, sayCount, size } from "./words.js";

/// Letters asked for at once.
const PAGE_SIZE = 50;
/// How often, and with what pause in milliseconds, the page asks what a retry came to.
const ASKS = 40;
const PAUSE = 250;

export function makeDeadLetters() {
  const view = element("div", { class: "view dead" });
  const state = { phase: "loading", letters: [], error: null, hasMore: false, outcomes: new Map() };
  let list = null;

  async function load(from = 0) {
    if (from === 0 && state.letters.length === 0) state.phase = "loading";
    renderList();
    try {
      const { dead } = await deadLetters(from, PAGE_SIZE);
      state.letters = from === 0 ? dead : [...state.letters, ...dead];
      Object.assign(state, { phase: "done", error: null, hasMore: dead.length === PAGE_SIZE });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      Object.assign(state, { phase: "failed", error });
    }
    renderList();
  }

  /// The place in the list after the last letter shown: names of submissions end in their offset.
  const nextOffset = () => Number(state.letters.at(-1).submission.split("-").at(-1)) + 1;

  async function settle(letter, work) {
    try {
      const stage = await work();
      const name = nameOf(letter);
      state.outcomes.set(letter.submission, { stage });
      announce(say("dead.outcome", { name, stage: say(`stage.${stage}`) }));
      if (stage === "dead") await load();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      state.outcomes.set(letter.submission, { error });
    }
    renderList();
  }

  const begin = (letter, outcome) => {
    state.outcomes.set(letter.submission, outcome);
    renderList();
  };

  function tryAgain(letter) {
    begin(letter, { stage: "retrying" });
    return settle(letter, async () => {
      let { stage } = await retry(letter.submission);
      for (let asked = 0; asked < ASKS && (stage === "accepted" || stage === "parsed"); asked += 1) {
        await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
        ({ stage } = await submissionState(letter.submission));
      }
      return stage === "accepted" || stage === "parsed" ? "slow" : stage;
    });
  }

  function giveUp(letter) {
    begin(letter, { stage: "dropping" });
    return settle(letter, async () => (await drop(letter.submission)).stage);
  }

  // What is shown

  function render() {
    list = element("div", { class: "entries" });
    view.replaceChildren(
      element("h1", { tabindex: "-1" }, say("dead.title")), element("p", { class: "lead" }, say("dead.intro")), list);
    renderList();
  }

  function renderList() {
    if (state.phase === "failed") return replaceIn(list, refusalBox(state.error, { again: () => load() }));
    if (state.phase === "loading") return replaceIn(list, element("p", { class: "waiting" }, say("dead.loading")));
    if (state.letters.length === 0) return replaceIn(list, element("p", { class: "soft" }, say("dead.none")));
    return replaceIn(list,
      element("ol", { class: "rows" }, state.letters.map(row)),
      state.hasMore && element("p", {}, element("button", {
        type: "button", "data-key": "more", on: { click: () => load(nextOffset()) },
      }, say("dead.more"))));
  }

  function row(letter) {
    const outcome = state.outcomes.get(letter.submission) ?? {};
    const advice = letter.deadLetters[0] && adviceWords(letter.deadLetters[0].reason);
    const attempts = letter.deadLetters.reduce((most, part) => Math.max(most, part.attempts), 0);
    const facts = [
      size(letter.byteCount), letter.description.contentType, instant(letter.diedAt), sayCount("dead.attempts", attempts),
      letter.retries > 0 && say("dead.retries", { count: letter.retries }), letter.submission,
    ].filter(Boolean);
    return element("li", { class: "row" },
      element("div", { class: "row-head" }, element("h2", { class: "file" }, nameOf(letter))),
      element("p", { class: "facts soft" }, facts.map((fact) => element("span", {}, fact))),
      letter.deadLetters.map(reasonLine),
      advice && element("p", { class: "fix" }, element("strong", {}, `${say("dead.advice")} `), advice),
      outcome.error && element("div", { class: "remark bad" }, sentences(outcome.error)),
      actions(letter, outcome.stage));
  }

  function actions(letter, stage) {
    const button = (words, key, click, kind) => element("button", {
      type: "button", class: kind, "data-key": `${key} ${letter.submission}`, on: { click },
      "aria-label": `${words} ${nameOf(letter)}`,
    }, words);
    if (stage === "retrying" || stage === "dropping") return element("p", { class: "actions waiting" }, say(`dead.${stage}`));
    if (stage === "asked") {
      return element("p", { class: "actions" },
        button(say("dead.drop.sure"), "drop", () => giveUp(letter), "danger"),
        button(say("dead.drop.keep"), "keep", () => begin(letter, {})));
    }
    if (stage && stage !== "dead") return element("p", { class: "actions outcome" }, say(`stage.${stage}`));
    return element("p", { class: "actions" },
      button(say("dead.retry"), "retry", () => tryAgain(letter)),
      button(say("dead.drop"), "drop", () => begin(letter, { stage: "asked" })));
  }

  return {
    element: view,
    title: () => say("view.dead"),
    render,
    show() {
      const isSettled = (letter) => ["searchable", "dropped"].includes(state.outcomes.get(letter.submission)?.stage);
      state.letters = state.letters.filter((letter) => !isSettled(letter));
      state.outcomes.clear();
      load();
    },
  };
}

function nameOf(letter) {
  return letter.description.sourceAddress ?? letter.description.identity;
}

"""#
}
