// Queues as bars and rates as lines, each over the last minute.

import { drawing, element } from "./dom.js";
import { latest, rates, total } from "./samples.js";
import { number, say } from "./words.js";

const RATES = [
  ["accepted", (reply) => total(reply, ({ counts }) => counts.accepted)],
  ["parsed", (reply) => total(reply, ({ counts }) => counts.parsed)],
  ["searchable", (reply) => total(reply, ({ counts }) => counts.searchable + counts.superseded)],
  ["searches", (reply) => reply.counters.query_searches_total ?? 0],
];

const QUEUES = [
  ["parse", (reply) => total(reply, (collection) => collection.waitingForParse)],
  ["leased", (reply) => total(reply, (collection) => collection.leasedForParse)],
  ["index", (reply) => total(reply, (collection) => collection.waitingForIndex)],
  ["queries", (reply) => reply.queriesRunning],
  ["dead", (reply) => total(reply, ({ counts }) => counts.deadLettered)],
];

/// Samples that a line has room for, and its height in its own units.
const ROOM = 60;
const HEIGHT = 20;
/// A queue shorter than this never fills its bar.
const LEAST_SCALE = 10;

export function rateRows(samples) {
  return element("dl", { class: "rates" }, RATES.map(([name, counter]) => {
    const values = rates(samples, counter);
    const now = values.at(-1) ?? 0;
    return element("div", {},
      element("dt", {}, say(`rate.${name}`)),
      element("dd", {}, element("span", { class: "figure" }, rateWords(now)), line(values)));
  }));
}

export function queueRows(samples) {
  return element("dl", { class: "queues" }, QUEUES.map(([name, depth]) => {
    const values = samples.map((sample) => depth(sample.reply));
    const now = depth(latest(samples).reply);
    const most = Math.max(...values);
    const share = now / Math.max(most, LEAST_SCALE);
    return element("div", { class: `queue ${name}` },
      element("dt", {}, say(`queue.${name}`)),
      element("dd", {},
        element("span", { class: "figure" }, number(now)),
        element("span", { class: "track", "aria-hidden": "true" },
          element("span", { class: "level", size: { width: `${(share * 100).toFixed(1)}%` } })),
        element("small", { class: "soft" }, say("queue.peak", { count: number(most) }))));
  }));
}

function rateWords(value) {
  return value > 0 && value < 10 ? value.toFixed(1) : number(Math.round(value));
}

function line(values) {
  const most = Math.max(...values, 1);
  const points = values.map((value, index) => {
    const x = ROOM - values.length + index + 0.5;
    return `${x},${(HEIGHT - 1 - (value / most) * (HEIGHT - 2)).toFixed(1)}`;
  });
  const frame = { class: "line", viewBox: `0 0 ${ROOM} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  return drawing("svg", frame,
    drawing("polyline", { points: points.join(" ") }));
}
