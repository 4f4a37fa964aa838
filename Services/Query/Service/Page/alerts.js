// The alerts of one watch, as they come: those that wait, with acknowledgement, and the dead letters with a retry.

import { Refusal, acknowledge, alerts, follow, retryAlerts } from "./api.js";
import { announce, element, replaceIn } from "./dom.js";
import { flagWords } from "./names.js";
import { sentences } from "./notices.js";
import { filterToken, readDate } from "./query.js";
import { searchHash } from "./routes.js";
import { dateWords, instant, language, say, sayCount } from "./words.js";

/// Alerts that are shown at once; the oldest first.
const MOST = 50;
/// After a stream that ended, how long until the next, in milliseconds.
const PAUSE = 1000;

/// `changed` is called when the watch's balance may have changed.
export function watchAlerts(watch, { changed }) {
  const view = element("div", { class: "alerts" });
  const state = { waiting: [], dead: [], isLive: false, error: null };
  const stop = new AbortController();

  async function settle(work) {
    try {
      await work();
      state.error = null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      state.error = error;
    }
    changed();
    render();
  }

  const acknowledgeOne = (alert) => settle(async () => {
    await acknowledge(watch.id, { alerts: [alert.sequence] });
    state.waiting = state.waiting.filter((other) => other !== alert);
    announce(say("alert.acknowledged", { title: titleOf(alert) }));
  });

  const acknowledgeAll = () => settle(async () => {
    const last = state.waiting.at(-1).sequence;
    await acknowledge(watch.id, { through: last });
    state.waiting = state.waiting.filter(({ sequence }) => sequence > last);
    announce(say("alert.acknowledged.all"));
  });

  const tryAgain = (alert) => settle(async () => {
    await retryAlerts(watch.id, [alert.sequence]);
    state.dead = state.dead.filter((other) => other !== alert);
  });

  async function listen() {
    let last = 0;
    while (!stop.signal.aborted) {
      try {
        state.dead = (await alerts(watch.id, { dead: true, limit: MOST })).alerts;
        render();
        await follow(watch.id, last, stop.signal, {
          opened: () => {
            state.isLive = true;
            render();
          },
          alert: (alert) => {
            last = alert.sequence;
            state.waiting.push(alert);
            announce(say("alert.new", { title: titleOf(alert) }));
            changed();
            render();
          },
        });
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        if (error.code === "not-found") return;
      }
      state.isLive = false;
      render();
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
  }

  function render() {
    const shown = state.waiting.slice(0, MOST);
    replaceIn(view,
      element("p", { class: state.isLive ? "live well" : "live soft", role: "status" }, say(state.isLive ? "alert.live" : "alert.connecting")),
      state.error && element("div", { class: "remark bad" }, sentences(state.error)),
      shown.length === 0
        ? element("p", { class: "soft" }, say("alert.none"))
        : [element("ol", { class: "lines" }, shown.map(waitingLine)),
          state.waiting.length > MOST && element("p", { class: "soft" }, sayCount("alert.further", state.waiting.length - MOST)),
          element("p", { class: "actions" }, element("button", {
            type: "button", class: "strong", "data-key": `all ${watch.id}`, on: { click: acknowledgeAll },
          }, say("alert.acknowledge.all")))],
      state.dead.length > 0 && [
        element("h4", {}, say("alert.dead")), element("ol", { class: "lines" }, state.dead.map(deadLine)),
      ]);
  }

  function waitingLine(alert) {
    return element("li", { class: "alert", "data-sequence": String(alert.sequence) }, body(alert),
      element("p", { class: "actions" }, element("button", {
        type: "button", "data-key": `ack ${watch.id} ${alert.sequence}`, on: { click: () => acknowledgeOne(alert) },
        "aria-label": `${say("alert.acknowledge")} ${titleOf(alert)}`,
      }, say("alert.acknowledge"))));
  }

  function deadLine(alert) {
    return element("li", { class: "alert" }, body(alert),
      element("p", { class: "remark bad" }, say("alert.dead.why", { reason: alert.reason, attempts: alert.attempts })),
      element("p", { class: "actions" }, element("button", {
        type: "button", "data-key": `retry ${watch.id} ${alert.sequence}`, on: { click: () => tryAgain(alert) },
        "aria-label": `${say("dead.retry")} ${titleOf(alert)}`,
      }, say("dead.retry"))));
  }

  render();
  listen();
  return { element: view, render, leave: () => stop.abort() };
}

const titleOf = ({ item }) => item.title || say("hit.untitled");

function body({ item, matchedAt }) {
  const date = readDate(item.date);
  const comma = language() === "zh" ? "、" : ", ";
  const address = item.file && searchHash({ q: filterToken("file", item.file, language()) });
  return [
    element("p", { class: "alert-title" }, address ? element("a", { href: address }, titleOf({ item })) : titleOf({ item })),
    element("p", { class: "facts" }, element("span", {}, date ? dateWords(date) : say("hit.nodate")),
      item.department && element("span", {}, item.department),
      item.sources.length > 0 && element("span", {}, item.sources.join(comma)),
      element("span", { class: "soft" }, instant(matchedAt))),
    item.excerpt !== "" && element("p", { class: "snippet" }, item.excerpt),
    item.flags.length > 0 && element("ul", { class: "flags" }, item.flags.map((flag) => element("li", {}, flagWords(flag)))),
  ];
}
