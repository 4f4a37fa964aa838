// Hits by month as bars. One bar, or several dragged over, become a condition on the date.

import { element } from "./dom.js";
import { filters, timeline, withDates, withoutDates } from "./query.js";
import { language, monthLabel, monthWords, number, say } from "./words.js";

/// Bars up to which each has its count above it and its month below.
const LABELLED = 24;

/// `change` is called with the new query.
export function timelineChart(histogram, query, change) {
  const groups = timeline(histogram);
  const bars = groups.flatMap((group) => group.bars);
  const held = filters(query).find((filter) => filter.field === "date" && !filter.isNegated);
  // One bar for everything says nothing and narrows nothing.
  if (bars.length < (held ? 1 : 2)) return null;
  const most = Math.max(...bars.map((bar) => bar.count));
  const isLabelled = bars.length <= LABELLED;
  const buttons = [];
  const kind = (group) => (group.isAfterGap ? "timeline-group after-gap" : "timeline-group");
  const chart = element("div", { class: "timeline-bars" }, groups.map((group) => element("div", { class: kind(group) },
    element("div", { class: "timeline-row" }, group.bars.map((bar) => {
      const below = bar.month !== null ? monthLabel(bar.month) : group.year === "" ? bar.key : "";
      const button = barButton(bar, most, { below, isLabelled, isHeld: holds(held, bar.key), index: buttons.length });
      buttons.push(button);
      return button;
    })),
    element("div", { class: "timeline-year" }, groupLabel(group)))));
  const isByYear = groups.some((group) => group.year === "");
  const choose = (first, last) => {
    const isSame = held && held.value === (first === last ? first : `${first}..${last}`);
    change(isSame ? withoutDates(query) || "*" : withDates(query, first, last, language()));
  };
  respond(chart, buttons, bars, choose);
  return element("section", { class: "timeline", "aria-labelledby": "timeline" },
    element("h3", { id: "timeline" }, say(isByYear ? "search.timeline.years" : "search.timeline"),
      element("small", {}, ` ${say("search.timeline.hint")}`)),
    chart);
}

function barButton(bar, most, { below, isLabelled, isHeld, index }) {
  const name = bar.key.startsWith("--") ? say("month.unknown", { month: monthWords(bar.key) }) : monthWords(bar.key);
  const label = say("month.count", { name, count: number(bar.count) });
  return element("button", {
    type: "button", class: "bar", "aria-label": label, title: label, "aria-pressed": isHeld ? "true" : "false",
    tabindex: index === 0 ? "0" : "-1", "data-key": `bar ${bar.key}`,
  },
  element("span", { class: "bar-room", "aria-hidden": "true" },
    isLabelled && bar.count > 0 && element("span", { class: "bar-count" }, number(bar.count)),
    bar.count > 0 && element("span", { class: "bar-fill", size: { "--share": (bar.count / most).toFixed(4) } })),
  isLabelled && element("span", { class: "bar-month", "aria-hidden": "true" }, below));
}

function groupLabel({ year }) {
  if (year === null) return say("month.group.unknown");
  return year === "" ? "" : monthWords(String(year).padStart(4, "0"));
}

function holds(filter, key) {
  if (!filter) return false;
  const [first, last = first] = filter.value.split("..");
  return first <= key && key <= last;
}

/// A click or Enter chooses one bar; dragging, or Shift with a click, chooses from one to another; arrows move.
function respond(chart, buttons, bars, choose) {
  let start = -1;
  let end = -1;
  const kind = (index) => bars[index].key.startsWith("--");
  const isRange = () => start >= 0 && end >= 0 && kind(start) === kind(end) && !(kind(start) && start !== end);
  const paint = () => buttons.forEach((button, index) => {
    const isIn = start >= 0 && start !== end && isRange() && index >= Math.min(start, end) && index <= Math.max(start, end);
    button.classList.toggle("swept", isIn);
  });
  const at = (event) => buttons.indexOf(document.elementFromPoint(event.clientX, event.clientY)?.closest(".bar"));
  const clear = () => {
    start = -1;
    end = -1;
    paint();
  };
  chart.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = at(event);
    end = start;
  });
  chart.addEventListener("pointermove", (event) => {
    if (start < 0) return;
    const here = at(event);
    if (here >= 0) end = here;
    paint();
  });
  chart.addEventListener("pointercancel", clear);
  chart.addEventListener("pointerup", () => {
    const [first, last] = [Math.min(start, end), Math.max(start, end)];
    const isSwept = isRange() && first !== last;
    clear();
    if (isSwept) choose(bars[first].key, bars[last].key);
  });
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(bars[index].key, bars[index].key));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const next = buttons[index + step];
      if (!next) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
}
