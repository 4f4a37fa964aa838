// Pure functions on query text, dates and ranges: no document, no network.

/// The fields that the page filters by, with the names that the query language knows them by.
export const FIELDS = {
  department: { zh: "部门", names: ["department", "部门", "单位", "dept"] },
  source: { zh: "来源", names: ["source", "来源", "出处"] },
  district: { zh: "区", names: ["district", "区", "地区", "区县"] },
  format: { zh: "格式", names: ["format", "格式"] },
  language: { zh: "语言", names: ["language", "语言", "lang"] },
  flag: { zh: "标记", names: ["flag", "标记", "flags"] },
  file: { zh: "文件", names: ["file", "文件"] },
  date: { zh: "日期", names: ["date", "日期", "发布于", "发布日期", "published"] },
};

/// The fields whose values are counted beside the results, in their order.
export const FACETS = ["department", "source", "district", "format", "language", "flag"];

const QUOTES = /[\\"“”„‟〝〞＂]/g;
const CLOSING = { '"': /["“”„‟〝〞＂]/, "「": /」/, "『": /』/ };
const OR_WORDS = new Set(["OR", "ＯＲ", "或者"]);

/// `部门:"上海市公安局"`
export function filterToken(field, value, language) {
  const name = language === "zh" ? FIELDS[field].zh : field;
  return `${name}:"${value.replace(QUOTES, (sign) => `\\${sign}`)}"`;
}

/// The same for a field of a declared collection, by any of its names.
export function fieldToken(name, value) {
  return `${name}:"${String(value).replace(QUOTES, (sign) => `\\${sign}`)}"`;
}

/// The parts of a query at its top level: {text, start, end}, and whether one of them is an OR.
export function split(query) {
  const parts = [];
  const signs = Array.from(query);
  let start = -1;
  let depth = 0;
  let closing = null;
  let hasOr = false;
  let offset = 0;
  const finish = (end) => {
    if (start < 0) return;
    const text = query.slice(start, end);
    if (OR_WORDS.has(text)) hasOr = true;
    parts.push({ text, start, end });
    start = -1;
  };
  for (let index = 0; index < signs.length; index += 1) {
    const sign = signs[index];
    const isSpace = /\s/.test(sign);
    if (start < 0 && !isSpace) start = offset;
    if (sign === "\\") {
      offset += sign.length + (signs[index + 1]?.length ?? 0);
      index += 1;
      continue;
    }
    if (closing) {
      if (closing.test(sign)) closing = null;
    } else if (CLOSING['"'].test(sign)) closing = CLOSING['"'];
    else if (CLOSING[sign]) closing = CLOSING[sign];
    else if (sign === "(" || sign === "（") depth += 1;
    else if (sign === ")" || sign === "）") depth = Math.max(0, depth - 1);
    else if (depth === 0 && (sign === "|" || sign === "｜")) hasOr = true;
    else if (depth === 0 && isSpace) finish(offset);
    offset += sign.length;
  }
  finish(query.length);
  return { parts, hasOr };
}

/// The filters that stand at the top level of a query: {field, value, text, isNegated}. None where the query has an OR.
export function filters(query) {
  const { parts, hasOr } = split(query);
  if (hasOr) return [];
  return parts.flatMap(({ text }) => {
    const match = /^([-－!！]?)([^:：<>=≥≤"“(]+)([:：]|[<>=≥≤]+)(.+)$/su.exec(text);
    const field = match && Object.keys(FIELDS).find((key) => FIELDS[key].names.includes(match[2].toLowerCase()));
    if (!field) return [];
    const sign = /[:：]/.test(match[3]) ? "" : match[3];
    return [{ field, value: sign + unquoted(match[4]), text, isNegated: match[1] !== "" }];
  });
}

function unquoted(text) {
  const inner = /^["“](.*)["”]$/su.exec(text);
  return inner ? inner[1].replace(/\\(.)/gsu, "$1") : text;
}

/// The query without this part.
export function without(query, text) {
  const { parts } = split(query);
  const kept = parts.filter((part) => part.text !== text);
  return kept.map((part) => part.text).join(" ");
}

/// The query with one more condition that every hit must meet.
export function withPart(query, text) {
  const { parts, hasOr } = split(query);
  if (parts.length === 0 || (parts.length === 1 && /^[*＊]$/.test(parts[0].text))) return text;
  return hasOr ? `(${query.trim()}) ${text}` : `${query.trim()} ${text}`;
}

/// A condition that holds for every date whose year is known.
export const ANY_YEAR = ">=1000";

/// The query without its conditions on the date.
export function withoutDates(query) {
  const dated = filters(query).filter((filter) => filter.field === "date");
  return dated.reduce((text, filter) => without(text, filter.text), query);
}

/// The query for bulletins of these months or years only, `first` to `last`; other conditions on the date go. A month
/// without a year, `--02`, is that of bulletins whose year is not known.
export function withDates(query, first, last, language) {
  const name = language === "zh" ? FIELDS.date.zh : "date";
  const dated = withPart(withoutDates(query), `${name}:${first === last ? first : `${first}..${last}`}`);
  return first.startsWith("--") ? withPart(dated, `-${name}${ANY_YEAR}`) : dated;
}

/// Cuts `text` at ranges of Unicode scalars: [{text, isMarked}]. Ranges outside the text, or out of order, are ignored.
export function cut(text, ranges) {
  const scalars = Array.from(text);
  const pieces = [];
  let done = 0;
  const push = (start, end, isMarked) => {
    if (end > start) pieces.push({ text: scalars.slice(start, end).join(""), isMarked });
  };
  for (const [start, end] of ranges ?? []) {
    if (!(start >= done && end > start && end <= scalars.length)) continue;
    push(done, start, false);
    push(start, end, true);
    done = end;
  }
  push(done, scalars.length, false);
  return pieces;
}

/// A range of UTF-8 bytes of `text` as a range of its UTF-16 units. A bound inside a character moves outward.
export function unitsOfBytes(text, [lower, upper]) {
  const encoder = new TextEncoder();
  let bytes = 0;
  let units = 0;
  let start = null;
  let end = null;
  for (const scalar of text) {
    const next = bytes + encoder.encode(scalar).length;
    if (start === null && next > lower) start = units;
    if (end === null && bytes >= upper) end = units;
    bytes = next;
    units += scalar.length;
  }
  return [start ?? units, Math.max(start ?? units, end ?? units)];
}

/// Reads ISO 8601 as the API truncates it: 2020-02-08, 2020-02, 2020, --02-08, --02, with or without a time.
export function readDate(text) {
  const match = /^(?:(\d{4})|-)(?:-(\d{2}))?(?:-(\d{2}))?(?:T(\d{2}:\d{2}))?/.exec(text ?? "");
  if (!match) return null;
  const [year, month, day] = match.slice(1, 4).map((part) => (part === undefined ? null : Number(part)));
  return year === null && month === null ? null : { year, month, day, time: match[4] ?? null };
}

/// Empty months in a row that a timeline draws; longer gaps are left out, and seen as such.
const MOST_EMPTY = 3;

/// The buckets of a histogram as groups to draw: [{year, bars: [{key, month, count}], isAfterGap}].
///
/// `year` is null where it is unknown, and "" for a group of whole years; `month` is null where only the year is known.
/// More than `limit` bars are drawn by years.
export function timeline(buckets, limit = 60) {
  const months = new Map();
  const bareYears = new Map();
  const unknown = new Map();
  const add = (map, key, count) => map.set(key, (map.get(key) ?? 0) + count);
  for (const { value, count } of buckets ?? []) {
    const date = readDate(value);
    if (!date) continue;
    if (date.year === null) add(unknown, date.month, count);
    else if (date.month === null) add(bareYears, date.year, count);
    else add(months, date.year * 12 + date.month - 1, count);
  }
  let groups = byMonths(months, bareYears);
  if (groups.reduce((sum, group) => sum + group.bars.length, 0) > limit) groups = [byYears(months, bareYears)];
  if (unknown.size > 0) {
    const bars = [];
    for (let month = Math.min(...unknown.keys()); month <= Math.max(...unknown.keys()); month += 1) {
      bars.push({ key: `--${twoDigits(month)}`, month, count: unknown.get(month) ?? 0 });
    }
    groups.push({ year: null, bars, isAfterGap: false });
  }
  return groups;
}

function byYears(months, bareYears) {
  const counts = new Map(bareYears);
  for (const [place, count] of months) {
    const year = Math.floor(place / 12);
    counts.set(year, (counts.get(year) ?? 0) + count);
  }
  const bars = [];
  for (let year = Math.min(...counts.keys()); year <= Math.max(...counts.keys()); year += 1) {
    bars.push({ key: fourDigits(year), month: null, count: counts.get(year) ?? 0 });
  }
  return { year: "", bars, isAfterGap: false };
}

/// A place is a month's number since the year 0. A bare year stands at its January, before the month.
function byMonths(months, bareYears) {
  const entries = [
    ...[...bareYears].map(([year, count]) => ({ place: year * 12, isBare: true, count })),
    ...[...months].map(([place, count]) => ({ place, isBare: false, count })),
  ].sort((one, other) => one.place - other.place || Number(other.isBare) - Number(one.isBare));
  const groups = [];
  const add = ({ place, isBare, count }, isAfterGap) => {
    const year = Math.floor(place / 12);
    const month = isBare ? null : (place % 12) + 1;
    if (isAfterGap || groups.at(-1)?.year !== year) groups.push({ year, bars: [], isAfterGap });
    groups.at(-1).bars.push({ key: isBare ? fourDigits(year) : `${fourDigits(year)}-${twoDigits(month)}`, month, count });
  };
  entries.forEach((entry, index) => {
    const next = index > 0 ? entries[index - 1].place + 1 : entry.place;
    const isAfterGap = entry.place - next > MOST_EMPTY;
    for (let place = next; place < entry.place && !isAfterGap; place += 1) add({ place, isBare: false, count: 0 }, false);
    add(entry, isAfterGap);
  });
  return groups;
}

const twoDigits = (number) => String(number).padStart(2, "0");
const fourDigits = (number) => String(number).padStart(4, "0");
