// Page/inbox.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let inboxJS = #"""
// The inbox: files go in, and each is followed until it can be searched or its failure is known.

import { Refusal, search, submissionState, submit } from "./api.js";
import { announce, element, replaceIn } from "./dom.js";
import { adviceWords, codeWords, warningWords } from "./names.js";
import { reasonLine, sentences } from "./notices.js";
import { filterToken } from "./query.js";
import { searchHash } from "./routes.js";
import { language, number, say, sayCount, size } from "./words.js";

/// Files that are sent at the same time.
const SENDERS = 3;
/// Files asked after in one round, and the pause between rounds in milliseconds.
const ROUND = 20;
const PAUSE = 250;
/// After so long the page says that a file takes longer than usual, in milliseconds.
const SLOW = 30_000;
/// Files taken from one drop, and entries kept in the list.
const MOST_FILES = 1000;
/// A dropped folder is read to this depth.
const MOST_DEPTH = 8;

const STAGES = ["accepted", "parsed", "searchable"];
const FINAL = new Set(["searchable", "dead", "dropped", "failed"]);

/// Media types by the end of the name, for files whose type the browser does not know.
const TYPES = {
  txt: "text/plain", md: "text/markdown", markdown: "text/markdown", html: "text/html", htm: "text/html",
  json: "application/json", ndjson: "application/x-ndjson", csv: "text/csv", xml: "application/xml",
};

export function mediaType(file) {
  return file.type || TYPES[file.name.split(".").at(-1).toLowerCase()] || "";
}

export function makeInbox() {
  const view = element("div", { class: "view inbox" });
  const entries = [];
  let year = "";
  let note = "";
  let sending = 0;
  let isFollowing = false;
  let list = null;

  // Taking files

  function take(files) {
    const taken = [...files].slice(0, MOST_FILES);
    note = files.length > taken.length ? say("inbox.skipped", { count: number(MOST_FILES) }) : "";
    for (const file of taken.reverse()) {
      entries.unshift({ file, year, key: randomKey(), stage: "waiting", state: null, error: null, since: 0, total: null });
    }
    entries.splice(MOST_FILES);
    renderList();
    pump();
  }

  function pump() {
    for (const entry of entries.filter((candidate) => candidate.stage === "waiting").reverse()) {
      if (sending >= SENDERS) return;
      send(entry);
    }
  }

  async function send(entry) {
    sending += 1;
    become(entry, "sending");
    try {
      const receipt = await submit(entry.file, { type: mediaType(entry.file), key: entry.key, year: entry.year });
      const { submission, isDuplicate } = receipt;
      Object.assign(entry, { submission, isDuplicate, since: performance.now(), error: null });
      become(entry, "accepted");
      follow();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      entry.error = error;
      become(entry, "failed");
    } finally {
      sending -= 1;
      pump();
    }
  }

  /// Asks after all unfinished files, round by round, until none is left.
  async function follow() {
    if (isFollowing) return;
    isFollowing = true;
    for (;;) {
      const open = entries.filter((entry) => STAGES.includes(entry.stage) && !FINAL.has(entry.stage));
      if (open.length === 0) break;
      await Promise.all(open.slice(-ROUND).map(askAfter));
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    isFollowing = false;
  }

  async function askAfter(entry) {
    try {
      entry.state = await submissionState(entry.submission);
      entry.error = null;
      const isSlow = performance.now() - entry.since > SLOW;
      if (entry.state.stage !== entry.stage || isSlow !== entry.isSlow) {
        entry.isSlow = isSlow;
        become(entry, entry.state.stage);
      }
      if (entry.stage === "searchable") await countItems(entry);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const isNew = entry.error?.code !== error.code;
      entry.error = error;
      if (error.code === "not-found") entry.stage = "failed";
      if (isNew) renderList();
    }
  }

  async function countItems(entry) {
    try {
      const reply = await search({ q: filterToken("file", entry.file.name, language()), limit: 0 });
      entry.total = reply.total;
      renderList();
    } catch (error) {
      // The file is searchable all the same; only its number of items stays unsaid.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  function become(entry, stage) {
    entry.stage = stage;
    if (FINAL.has(stage)) announce(say("inbox.done", { name: entry.file.name, stage: say(`stage.${stage}`) }));
    renderList();
  }

  // What is shown

  function render() {
    const chooser = element("input", {
      type: "file", id: "files", class: "unseen", multiple: true,
      on: { change: () => { take(chooser.files); chooser.value = ""; } },
    });
    const complaint = element("p", { id: "year-complaint", class: "complaint", hidden: true }, say("inbox.year.wrong"));
    const yearBox = element("input", {
      type: "text", id: "year", inputmode: "numeric", maxlength: "4", autocomplete: "off",
      "aria-describedby": "year-complaint",
      on: { input: () => {
        const text = yearBox.value.trim();
        const isGood = text === "" || /^(19|20)\d\d$|^2100$/.test(text);
        complaint.hidden = isGood;
        yearBox.setAttribute("aria-invalid", isGood ? "false" : "true");
        year = isGood ? text : "";
      } },
    });
    yearBox.value = year;
    const zone = element("div", { class: "zone" },
      chooser,
      element("p", {}, say("inbox.drop")),
      element("label", { for: "files", class: "button strong" }, say("inbox.choose")));
    list = element("div", { class: "entries" });
    view.replaceChildren(
      element("h1", { tabindex: "-1" }, say("inbox.title")),
      element("p", { class: "lead" }, say("inbox.intro")),
      zone,
      element("p", { class: "field" }, element("label", { for: "year" }, say("inbox.year")), " ", yearBox), complaint,
      element("h2", {}, say("inbox.list")),
      list);
    renderList();
  }

  function renderList() {
    replaceIn(list,
      note && element("p", { class: "notice warn" }, note),
      entries.length === 0
        ? element("p", { class: "soft" }, say("inbox.none"))
        : element("ol", { class: "rows" }, entries.map(row)));
  }

  function row(entry) {
    const again = entry.stage === "failed" && element("button", {
      type: "button", "data-key": `again ${entry.key}`, on: { click: () => { become(entry, "waiting"); pump(); } },
    }, say("inbox.again"));
    return element("li", { class: `row stage-${entry.stage}` },
      element("div", { class: "row-head" },
        element("strong", { class: "file" }, entry.file.name),
        element("span", { class: "soft" }, size(entry.file.size)),
        entry.total !== null && element("span", {}, sayCount("inbox.items", entry.total))),
      progress(entry),
      remarks(entry),
      element("p", { class: "actions" },
        entry.stage === "searchable" && element("a", {
          href: searchHash({ q: filterToken("file", entry.file.name, language()) }), "data-key": `view ${entry.key}`,
        }, say("inbox.view")),
        entry.stage === "dead" && element("a", { href: "#/dead", "data-key": `dead ${entry.key}` }, say("inbox.todead")),
        again));
  }

  return {
    element: view,
    title: () => say("view.inbox"),
    render,
    show() {},
    take,
  };
}

function progress(entry) {
  const reached = STAGES.indexOf(entry.stage);
  const broken = { dead: 1, dropped: 1, failed: 0 }[entry.stage];
  return element("ol", { class: "stages", "aria-label": say("inbox.stages") }, STAGES.map((stage, index) => {
    const isBroken = index === broken;
    const isDone = broken === undefined ? index <= reached : index < broken;
    const isNext = broken === undefined && index === reached + 1;
    const isUnsent = isNext && reached < 0;
    const words = say(`stage.${isBroken || isUnsent ? entry.stage : stage}`);
    const kind = isBroken ? "broken" : isDone ? "done" : isNext ? "next" : "ahead";
    return element("li", { class: kind, "aria-current": isNext || isBroken ? "step" : null }, words);
  }));
}

function remarks(entry) {
  const letters = entry.state?.deadLetters ?? [];
  const warnings = entry.state?.warnings ?? [];
  const advice = entry.stage === "dead" && letters[0] && adviceWords(letters[0].reason);
  return [
    entry.error && element("div", { class: "remark bad" },
      element("p", {}, element("strong", {}, codeWords(entry.error.code))), sentences(entry.error)),
    entry.isDuplicate && element("p", { class: "remark" }, say("inbox.duplicate")),
    entry.isSlow && !FINAL.has(entry.stage) && element("p", { class: "remark" }, say("inbox.slow")),
    letters.length > 0 && element("div", { class: "remark bad" },
      entry.stage !== "dead" && entry.stage !== "dropped" && element("p", {}, say("inbox.partly")),
      letters.map(reasonLine),
      advice && element("p", { class: "fix" }, element("strong", {}, `${say("error.fix")} `), advice)),
    warnings.length > 0 && element("p", { class: "remark" },
      `${say("inbox.warnings")} `, warnings.map(warningWords).join(language() === "zh" ? "；" : "; ")),
  ];
}

/// Names a submission, so that sending it again after a lost answer changes nothing.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/// The files of a drop; folders are read through.
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0 || entries.every((entry) => entry.isFile)) return [...transfer.files];
  const files = [];
  for (const entry of entries) await gather(entry, files, 0);
  return files;
}

async function gather(entry, files, depth) {
  if (files.length > MOST_FILES || depth > MOST_DEPTH) return;
  if (entry.isFile) files.push(await new Promise((resolve, reject) => { entry.file(resolve, reject); }));
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (;;) {
    const part = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (part.length === 0) return;
    for (const child of part) await gather(child, files, depth + 1);
  }
}

"""#
}
