// Page/names.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let namesJS = #"""
// Names that the services use, in words: rules of evidence, flags, warnings, formats, languages, error codes.
// A name that is not known here is shown as it is.

import { language } from "./words.js";

const BASIS = {
  "date-heading": ["日期标题", "the date heading"],
  "heading": ["部门标题", "the department heading"],
  "date-line": ["文首日期", "the date line"],
  "page-title": ["页面标题", "the page title"],
  "title-element": ["网页标题", "the page's title element"],
  "label": ["文中标签", "a label in the text"],
  "signature": ["落款", "the signature"],
  "front-matter": ["文件头", "the front matter"],
  "meta": ["网页元数据", "the page's metadata"],
  "hint": ["提交者所注", "the sender's hint"],
  "source": ["来源", "the source"],
  "quoted-source": ["文中引述", "a source quoted in the text"],
  "source-in-text": ["文中来源", "a source named in the text"],
  "story-head": ["电头", "the story's head"],
  "year-in-document": ["文件内其他年份", "a year elsewhere in the document"],
  "year-of-heading": ["前文标题的年份", "the year of an earlier heading"],
  "year-of-item": ["本篇发布年份", "the year of the item"],
  "day-of-month": ["文中日期", "a day in the text"],
  "cross-document": ["其他文件", "other documents"],
};

const FLAGS = {
  "wrong-body": ["正文疑似错贴", "body may belong to another item"],
  "same-body": ["正文与另一篇相同", "same body as another item"],
  "duplicate": ["与另一篇重复", "repeats another item"],
  "near-duplicate": ["与另一篇近似", "nearly repeats another item"],
  "title-not-in-body": ["标题词不见于正文", "title words absent from the body"],
  "other-organ": ["正文机构与来源不符", "body names another organ than the source"],
  "ocr-spaces": ["扫描件，字间有空格", "scanned: spaces inside words"],
  "ocr-repaired": ["扫描件，已修补", "scanned: repaired"],
  "repeated-clause": ["条款重复", "a clause is repeated"],
  "count-mismatch": ["条数与所列不符", "stated count differs from the list"],
  "title-only": ["只有标题", "title only"],
  "no-body": ["没有正文", "no body"],
  "no-title": ["没有标题", "no title"],
  "shared-source": ["来源由几篇共用", "source shared by several items"],
  "inferred-year": ["年份为推断", "year inferred"],
  "inferred-department": ["部门为推断", "department inferred"],
  "unknown-year": ["年份不明", "year unknown"],
  "contradiction": ["与另一篇数字矛盾", "figures contradict another item"],
  "follow-up": ["又讯", "follow-up"],
};

const WARNINGS = {
  "no-date": ["有的篇没有日期", "some items have no date"],
  "unknown-year": ["有的日期没有年份", "some dates have no year"],
  "no-source": ["有的篇没有来源", "some items name no source"],
  "no-title": ["有的篇没有标题", "some items have no title"],
  "no-items": ["没有拆出任何一篇", "no item was found"],
  "items-beyond-limit": ["篇数超过上限，其余未收", "more items than the limit; the rest was left out"],
  "replaced-sequences": ["有的字节无法解码", "some bytes could not be decoded"],
};

const FORMATS = {
  text: ["纯文本", "plain text"],
  markdown: ["Markdown", "Markdown"],
  html: ["网页", "HTML"],
  json: ["JSON", "JSON"],
  ndjson: ["NDJSON", "NDJSON"],
  csv: ["CSV", "CSV"],
  feed: ["订阅源", "feed"],
};

const LANGUAGES = {
  "zh-Hans": ["简体中文", "Chinese, simplified"],
  "zh-Hant": ["繁体中文", "Chinese, traditional"],
  "zh": ["中文", "Chinese"],
  "en": ["英文", "English"],
  "ja": ["日文", "Japanese"],
  "ko": ["韩文", "Korean"],
  "fr": ["法文", "French"],
  "de": ["德文", "German"],
  "ru": ["俄文", "Russian"],
  "es": ["西班牙文", "Spanish"],
  "und": ["语言不明", "undetermined"],
};

const CODES = {
  "invalid-request": ["请求有误", "The request is wrong"],
  "invalid-query": ["检索式有误", "The query has a mistake"],
  "query-too-complex": ["检索式过于复杂", "The query is too complex"],
  "not-allowed": ["不允许", "Not allowed"],
  "not-found": ["没有找到", "Not found"],
  "unknown-collection": ["没有这个合集", "No such collection"],
  "conflict": ["与另一改动冲突", "Conflict with another change"],
  "empty-document": ["文件里没有可检索的内容", "The document is empty"],
  "document-too-large": ["文件太大", "The document is too large"],
  "unreadable-document": ["文件读不懂", "The document cannot be read"],
  "unsupported-format": ["不支持的格式", "The format is not read"],
  "parser-failed": ["解析失败", "The parser failed on it"],
  "busy": ["服务繁忙", "The service is busy"],
  "not-ready": ["服务尚未就绪", "The service is not ready"],
  "deadline-exceeded": ["超过时限", "The deadline has passed"],
  "disk-full": ["磁盘已满", "The disk is full"],
  "corrupt": ["数据损坏", "Data is damaged"],
  "unavailable": ["服务不可用", "The service is unavailable"],
  "internal": ["内部错误", "Internal error"],
  "unreachable": ["连不上网关", "The gateway cannot be reached"],
};

const ADVICE = {
  "unsupported-format": [
    "转换成纯文本、Markdown 或 HTML 后重新提交，再放弃这一份",
    "hand it in again as plain text, Markdown or HTML, then drop this one",
  ],
  "unreadable-document": [
    "用编辑器另存为 UTF-8 后重新提交；若已升级解析程序，直接重试",
    "save it as UTF-8 and hand it in again; after an upgrade of the parser, retry",
  ],
  "empty-document": [
    "打开看看是否只有图片或空白；附上文字后重新提交",
    "see whether it holds only pictures or blanks, and hand it in with its text",
  ],
  "document-too-large": ["拆成几份再提交", "split it and hand in the parts"],
  "internal": ["重试；若仍失败，请连同日志报告", "retry; if it fails again, report it with the log"],
};

function lookup(table, name) {
  const entry = Object.hasOwn(table, name) ? table[name] : null;
  return entry ? entry[language() === "zh" ? 0 : 1] : null;
}

export const basisWords = (rule) => lookup(BASIS, rule) ?? rule;
export const flagWords = (flag) => lookup(FLAGS, flag) ?? flag;
export const warningWords = (warning) => lookup(WARNINGS, warning) ?? warning;
export const codeWords = (code) => lookup(CODES, code) ?? code;

/// What to do about a dead letter; null where only its message tells.
export const adviceWords = (reason) => lookup(ADVICE, reason);

/// A facet's value as people say it.
export function valueWords(field, value) {
  if (field === "format") return lookup(FORMATS, value) ?? value;
  if (field === "language") return lookup(LANGUAGES, value) ?? value;
  if (field === "flag") return flagWords(value);
  return value;
}

"""#
}
