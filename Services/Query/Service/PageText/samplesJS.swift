// Page/samples.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let samplesJS = #"""
// The last minute of status replies, and what follows from two of them.

/// Samples kept: one minute.
const KEPT = 60;
/// A rate is taken over so many samples.
const SPAN = 5;

export function makeSamples() {
  const all = [];
  return {
    all,
    add(time, reply) {
      all.push({ time, reply });
      if (all.length > KEPT) all.shift();
    },
  };
}

export const latest = (samples) => samples.at(-1);

/// A counter's growth per second at each sample but the first; 0 where it went back, as after a restart.
export function rates(samples, counter) {
  return samples.slice(1).map((sample, index) => {
    const before = samples[Math.max(0, index + 1 - SPAN)];
    const growth = counter(sample.reply) - counter(before.reply);
    return Math.max(0, (growth / (sample.time - before.time)) * 1000);
  });
}

/// A sum over all collections.
export function total(reply, value) {
  return (reply.ingest?.collections ?? []).reduce((sum, collection) => sum + value(collection), 0);
}

"""#
}
