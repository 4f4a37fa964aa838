// Page/status.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let statusJS = #"""
// The status view: queues, workers, partitions and the balance of documents, refreshed each second.

import { Refusal, status } from "./api.js";
import { announce, element, redraw } from "./dom.js";
import { refusalBox } from "./notices.js";
import { problemParts, sentence } from "./sentences.js";
import { latest, makeSamples } from "./samples.js";
import { queueRows, rateRows } from "./gauges.js";
import { duration, number, say, sayCount } from "./words.js";

/// Milliseconds between two looks.
const PERIOD = 1000;

/// What becomes of documents, in the order of the balance.
const FATES = ["searchable", "superseded", "deadLettered", "dropped", "inFlight"];

export function makeStatus() {
  const view = element("div", { class: "view status" });
  const samples = makeSamples();
  let failure = null;
  let timer = null;
  let lastProblems = "";
  let heading = null;
  let board = null;
  let asking = null;

  async function look() {
    clearTimeout(timer);
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      samples.add(performance.now(), await status(signal));
      failure = null;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      failure = error;
    }
    if (signal.aborted) return;
    draw();
    if (!document.hidden) timer = setTimeout(look, PERIOD);
  }

  const stop = () => {
    clearTimeout(timer);
    asking?.abort();
  };

  document.addEventListener("visibilitychange", () => {
    if (!view.isConnected) return;
    if (document.hidden) stop();
    else look();
  });

  function render() {
    heading = element("div", { class: "verdict" });
    board = element("div", { class: "board" });
    view.replaceChildren(element("h1", { tabindex: "-1" }, say("status.title")), heading, board);
    draw();
  }

  function draw() {
    const sample = latest(samples.all);
    if (failure) {
      if (heading.dataset.failure !== failure.message) {
        heading.replaceChildren(refusalBox(failure, { again: look }), element("p", { class: "stale" }));
        heading.dataset.failure = failure.message;
      }
      const age = sample ? say("status.stale", { seconds: Math.round((performance.now() - sample.time) / 1000) }) : "";
      heading.querySelector(".stale").textContent = age;
      return;
    }
    if (heading.dataset.failure !== undefined) {
      delete heading.dataset.failure;
      heading.replaceChildren();
    }
    if (!sample) return void redraw(board, element("p", { class: "waiting" }, say("status.loading")));
    const reply = sample.reply;
    redraw(heading, verdict(reply));
    redraw(board,
      flow(samples.all), queues(samples.all), balances(reply), collections(reply), workers(reply), partitions(reply));
    const problems = reply.problems.join("\n");
    if (problems !== lastProblems) announce(verdictWords(reply));
    lastProblems = problems;
  }

  return {
    element: view,
    title: () => say("view.status"),
    render,
    show: look,
    leave: stop,
  };
}

const isWell = (reply) => reply.problems.length === 0 && reply.complete;

function verdictWords(reply) {
  return isWell(reply) ? say("status.well") : sayCount("status.problems", Math.max(1, reply.problems.length));
}

function ageWords({ release, ingest }) {
  if (!ingest) return say("status.release", { release });
  return say("status.since", { release, time: duration(Math.max(0, Date.now() - ingest.startedAt)) });
}

function verdict(reply) {
  return [
    element("p", { class: isWell(reply) ? "well" : "unwell" },
      element("strong", {}, verdictWords(reply)), " ", element("span", { class: "soft" }, ageWords(reply))),
    reply.problems.length > 0 && element("ul", { class: "problems" }, reply.problems.map((problem) => {
      const [what, fix] = problemParts(problem);
      return element("li", { class: "notice warn" }, element("p", {}, sentence(what)),
        fix && element("p", { class: "fix" }, element("strong", {}, `${say("error.fix")} `), sentence(fix)));
    })),
    !reply.complete && element("p", { class: "notice warn" }, say("status.incomplete")),
  ];
}

function part(key, ...content) {
  return element("section", { "aria-labelledby": `part-${key}`, class: `part ${key}` },
    element("h2", { id: `part-${key}` }, say(`status.${key}`)), content);
}

const flow = (samples) => part("flow", rateRows(samples));
const queues = (samples) => part("queues", queueRows(samples));

function balances(reply) {
  return reply.ingest && part("balance", reply.ingest.collections.map((collection) => {
    const { counts } = collection;
    const sum = FATES.reduce((total, fate) => total + counts[fate], 0);
    const isClosed = sum === counts.accepted;
    return element("div", { class: "balance" },
      element("h3", {}, collection.name),
      element("div", { class: "stack", "aria-hidden": "true" }, FATES.filter((fate) => counts[fate] > 0).map((fate) =>
        element("span", { class: `fate ${fate}`, size: { "flex-grow": String(counts[fate]) } }))),
      element("dl", { class: "equation" },
        term("accepted", counts.accepted, "="),
        FATES.map((fate, index) => term(fate, counts[fate], index < FATES.length - 1 ? "+" : ""))),
      element("p", { class: isClosed ? "well" : "unwell" },
        isClosed ? say("balance.closed") : say("balance.open", { count: number(counts.accepted - sum) })));
  }));
}

function term(fate, count, sign) {
  return element("div", { class: fate }, element("dt", {}, say(`balance.${fate}`)),
    element("dd", {}, number(count), sign && element("span", { class: "sign" }, ` ${sign}`)));
}

function table(heads, rows) {
  const names = heads.map(([key]) => say(key));
  return element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": names.join(", ") },
    element("table", {},
      element("thead", {}, element("tr", {}, heads.map(([, kind], index) =>
        element("th", { scope: "col", class: kind }, names[index])))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((cell, index) => element(index === 0 ? "th" : "td",
        index === 0 ? { scope: "row" } : { class: heads[index][1] }, cell)))))));
}

function collections(reply) {
  if (!reply.ingest) return null;
  const heads = [
    ["status.collection"], ["status.items", "n"], ["status.segments", "n"], ["status.version.ledger", "n"],
    ["status.version.search", "n"],
  ];
  return part("collections", table(heads, reply.ingest.collections.map((collection) => {
    const seen = reply.searchVersions[collection.name];
    const behind = collection.version - (seen ?? 0);
    const lag = behind > 0 && element("span", { class: "soft" }, ` ${say("status.behind", { count: number(behind) })}`);
    return [
      collection.name, number(collection.liveItems), number(collection.segments), String(collection.version),
      [seen === undefined ? "–" : String(seen), lag],
    ];
  })));
}

function workers(reply) {
  const line = (kind, worker) => [
    say(`worker.${kind}`), worker.name, say("worker.held.of", { held: number(worker.held), window: number(worker.window) }),
    number(worker.finished), say("worker.ago", { time: duration(worker.silentMilliseconds) }),
  ];
  const holders = new Map();
  for (const { holder } of reply.ingest?.partitions ?? []) if (holder) holders.set(holder, (holders.get(holder) ?? 0) + 1);
  const rows = [
    ...(reply.ingest?.parseWorkers ?? []).map((worker) => line("parse", worker)),
    ...[...holders].map(([name, held]) => [say("worker.index"), name, sayCount("worker.partitions", held), "–", "–"]),
    ...reply.searchWorkers.map((worker) => line("search", worker)),
  ];
  const heads = [["worker.kind"], ["worker.name"], ["worker.held", "n"], ["worker.finished", "n"], ["worker.silent", "n"]];
  return part("workers", rows.length === 0 ? element("p", { class: "soft" }, say("worker.none")) : table(heads, rows));
}

function partitions(reply) {
  if (!reply.ingest) return null;
  const heads = [
    ["partition.number"], ["partition.holder"], ["partition.checkpoint", "n"], ["status.segments", "n"],
    ["partition.epoch", "n"],
  ];
  return part("partitions", table(heads, reply.ingest.partitions.map((one) => [
    `${one.collection} ${one.partition}`,
    one.holder ?? element("span", { class: "unwell" }, say("partition.nobody")),
    `${number(one.checkpoint)} / ${number(one.next)}`, number(one.segments), String(one.epoch),
  ])));
}

"""#
}
