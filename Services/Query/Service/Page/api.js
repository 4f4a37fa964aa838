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

/// The address of a digest in some form, for links that save it.
export const digestAddress = (parameters) => address(`${documents}/digest`, parameters);

export const digest = (parameters, signal) => ask(digestAddress(parameters), { signal });
export const figures = (parameters, signal) => ask(address(`${documents}/figures`, parameters), { signal });

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
