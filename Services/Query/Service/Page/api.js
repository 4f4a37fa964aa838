// The gateway's HTTP API. Every failure is a `Refusal` with the API's code, sentence and fix.

import { say } from "./words.js";

export const COLLECTION = "bulletins";

/// How long an answer may take before the page gives up, in milliseconds.
const PATIENCE = 15_000;

/// What the API refused, or why it was not reached (code `unreachable`).
export class Refusal extends Error {
  constructor({ code, message, fix, range }, status) {
    super(message);
    this.code = code;
    this.fix = fix;
    this.range = range;
    this.status = status;
  }
}

/// An address with its parameters; those without a value are left out.
export function address(path, parameters = {}) {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const query = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  return query ? `${path}?${query}` : path;
}

async function ask(path, { signal, patience = PATIENCE, ...options } = {}) {
  const stop = new AbortController();
  let isLate = false;
  const clock = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, patience);
  signal?.addEventListener("abort", () => stop.abort());
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, signal: stop.signal });
    body = await response.json().catch((error) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const reason = isLate ? say("error.slow", { seconds: patience / 1000 }) : say("error.unreachable");
    throw new Refusal({ code: "unreachable", message: reason, fix: say("error.unreachable.fix") }, 0);
  } finally {
    clearTimeout(clock);
  }
  if (response.ok && body !== undefined) return body;
  const unnamed = {
    code: "internal",
    message: say("error.shape", { status: response.status }),
    fix: say("error.shape.fix"),
  };
  throw new Refusal(body?.error ?? unnamed, response.status);
}

const documents = `/v1/collections/${COLLECTION}`;
const submission = (id) => `/v1/submissions/${encodeURIComponent(id)}`;

export function search(parameters, signal) {
  return ask(address(`${documents}/search`, parameters), { signal });
}

export function suggest(parameters, signal) {
  return ask(address(`${documents}/suggest`, parameters), { signal });
}

// Declared collections

export const collections = (signal) => ask("/v1/collections", { signal });
const records = (name) => `/v1/collections/${encodeURIComponent(name)}`;
export const collection = (name, signal) => ask(records(name), { signal });
export const searchRecords = (name, parameters, signal) => ask(address(`${records(name)}/search`, parameters), { signal });

/// Follows the counts of a collection by a facet until the stream ends; `counted` is called with each board.
export function followBoard(name, parameters, signal, counted) {
  return followEvents(address(`${records(name)}/board/events`, parameters), signal, { board: counted });
}

/// The address of a digest in some form, for links that save it.
export const digestAddress = (parameters) => address(`${documents}/digest`, parameters);

export const digest = (parameters, signal) => ask(digestAddress(parameters), { signal });
export const figures = (parameters, signal) => ask(address(`${documents}/figures`, parameters), { signal });

const one = (id) => `${documents}/documents/${encodeURIComponent(id)}`;

/// A document or one item, whole.
export const readDocument = (id) => ask(one(id));

/// The bytes that an item was read from.
export const original = {
  address: (id) => `${one(id)}/original`,
  async text(id) {
    const response = await fetch(`${one(id)}/original`);
    const bytes = await response.arrayBuffer();
    if (!response.ok) throw new Refusal(JSON.parse(new TextDecoder().decode(bytes)).error, response.status);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("gb18030").decode(bytes);
    }
  },
};

/// Hands a file in; answers its receipt once the disk has it.
export function submit(file, { type, key, year }) {
  const parameters = { source: file.name, key, "hint.year": year, wait: "accepted" };
  const headers = type ? { "Content-Type": type } : {};
  return ask(address(`${documents}/documents`, parameters), { method: "POST", body: file, headers, patience: 120_000 });
}

export const submissionState = (id) => ask(submission(id));
export const retry = (id) => ask(`${submission(id)}/retry`, { method: "POST" });
export const drop = (id) => ask(`${submission(id)}/drop`, { method: "POST" });
export const deadLetters = (from, limit) => ask(address(`${documents}/dead-letters`, { from, limit }));
export const status = (signal) => ask("/v1/status", { signal });

// Watches

/// Watches asked for at once.
const MOST_WATCHES = 1000;
const watch = (id) => `/v1/watches/${encodeURIComponent(id)}`;
const sent = (body) => ({ method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

export const watches = () => ask(address("/v1/watches", { limit: MOST_WATCHES }));
export const makeWatch = (body) => ask("/v1/watches", sent(body));
export const deleteWatch = (id) => ask(watch(id), { method: "DELETE" });
export const previewWatch = (parameters, signal) => ask(address("/v1/watches/preview", parameters), { signal });
export const alerts = (id, parameters) => ask(address(`${watch(id)}/alerts`, parameters));
export const acknowledge = (id, body) => ask(`${watch(id)}/ack`, sent(body));
export const retryAlerts = (id, sequences) => ask(`${watch(id)}/retry`, sent({ alerts: sequences }));

/// Follows a watch's server-sent events behind a sequence until the stream ends. `opened` is called once it is open, `alert`
/// with each alert.
export function follow(id, after, signal, { opened, alert }) {
  return followEvents(address(`${watch(id)}/events`, { after }), signal, { opened, alert });
}

/// Follows server-sent events until the stream ends. `opened` is called once it is open, another handler with the data of each
/// event of its name.
async function followEvents(target, signal, { opened, ...handlers }) {
  let response;
  try {
    response = await fetch(target, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Refusal({ code: "unreachable", message: say("error.unreachable"), fix: say("error.unreachable.fix") }, 0);
  }
  if (!response.ok) {
    const body = await response.json().catch(() => undefined);
    throw new Refusal(body?.error ?? { code: "internal", message: say("error.shape", { status: response.status }) }, response.status);
  }
  opened?.();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (signal.aborted) throw error;
      return;
    }
    if (part.done) return;
    text += part.value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: ?(.*)/s)));
      if (Object.hasOwn(handlers, fields.event)) handlers[fields.event](JSON.parse(fields.data));
    }
  }
}
