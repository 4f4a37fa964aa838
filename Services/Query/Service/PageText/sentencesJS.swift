// Page/sentences.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let sentencesJS = #"""
// The services speak English. These are their sentences in Chinese; one that is not here is shown as it came.

import { language } from "./words.js";

const SENTENCES = [
  // Mistakes in a query, and what helps.
  [/^there is no field (.+?); did you mean (.+)\?$/, "没有$1这个字段，是不是“$2”？"],
  [/^there is no field (.+)$/, "没有$1这个字段"],
  [/^use one of (.+), or quote the text to search for it as it is$/, "可用字段：$1；若要按原样检索，请加引号"],
  [/^the bracket is not closed$/, "括号没有闭合"],
  [/^add \) where the group ends, or put the text in quotes$/, "在这一组末尾加 )，或给文字加引号"],
  [/^the closing bracket has no opening one$/, "多了一个右括号"],
  [/^remove it, or put the text in quotes$/, "去掉它，或给文字加引号"],
  [/^the brackets are empty$/, "括号里没有内容"],
  [/^put a term between \( and \)$/, "在 ( ) 之间写上要找的词"],
  [/^the quote is not closed$/, "引号没有闭合"],
  [/^add (.+) where the phrase ends$/, "在短语末尾加 $1"],
  [/^the quotes are empty$/, "引号里没有内容"],
  [/^write the (?:phrase|value) between them$/, "在引号之间写上内容"],
  [/^(.+) needs a term after it$/, "$1 后面缺一个词"],
  [/^(.+) needs a term before it$/, "$1 前面缺一个词"],
  [/^add a term, or write (.+) to search for it$/, "补上一个词；若要检索它本身，写作 $1"],
  [/^remove it, or write (.+) to search for (?:the word|one)$/, "去掉它；若要检索它本身，写作 $1"],
  [/^(.+) has no word or character to search for$/, "$1里没有可检索的字词"],
  [/^add a word$/, "补上一个词"],
  [/^(.+) is not a date$/, "$1不是日期"],
  [/^the range (.+) ends before it begins$/, "范围$1的终点早于起点"],
  [/^swap its dates$/, "把两个日期对调"],
  [/^swap its ends$/, "把两端对调"],
  [/^(.+) names no year, so it cannot bound a range$/, "$1没有年份，不能作范围的一端"],
  [/^put the year before it, as in (.+)$/, "前面写上年份，例如 $1"],
  [/^(.+) is not a number$/, "$1不是数字"],
  [/^a \* can only stand at the end of a word$/, "* 只能放在词尾"],
  [/^move it to the end, or write (.+) to search for the sign$/, "移到词尾；若要检索这个符号，写作 $1"],
  [/^(\w+) has words, which cannot be greater or smaller$/, "字段 $1 是文字，不能比大小"],
  [/^(\w+) is compared as a whole, so its value takes no ~$/, "字段 $1 整体比较，不能用 ~"],
  [/^remove the ~$/, "去掉 ~"],
  [/^write (\S+):value$/, "写作 $1:值"],
  [/^(.+) mistakes cannot be allowed in a word$/, "一个词里不能容许$1处错误"],
  [/^write ~1 or ~(\d+)$/, "写 ~1 或 ~$1"],
  [/^(.+) has no value after it$/, "$1后面缺值"],
  [/^the comparison of (.+) has no value$/, "$1的比较缺值"],
  [/^the comparison has nothing before it$/, "比较号前面缺字段或指标"],
  [/^write a field or a subject first, as in (.+)$/, "先写字段或指标，例如 $1"],
  [/^write one, or quote the text to search for it$/, "补上值；若要按原样检索，请加引号"],
  [/^a term cannot begin with (.+)$/, "词不能以 $1 开头"],
  [/^the query has more than (\d+) terms$/, "检索式超过 $1 个词"],
  [/^split it into several queries$/, "拆成几次检索"],
  [/^the query has (\d+) bytes, more than (\d+)$/, "检索式有 $1 字节，上限 $2"],
  [/^shorten it, or send several queries$/, "缩短它，或分几次检索"],
  [/^brackets and negations are more than (\d+) deep$/, "括号和否定超过 $1 层"],
  [/^write the query flatter$/, "减少嵌套"],
  [/^figures are not indexed in this collection; leave the condition out$/, "这个合集没有为数字建索引，请去掉这个条件"],
  [/^narrow the query; for damage run kuaibao check$/, "缩小检索范围；若疑数据损坏，运行 kuaibao check"],

  // The state of the services.
  [/^the ledger was not reached yet$/, "还没有连上账本"],
  [/^the ledger does not answer$/, "账本没有应答"],
  [/^searches go on with the versions known, documents are refused$/, "检索照常，用的是已知版本；暂不接收文件"],
  [/^no query worker has joined$/, "没有检索进程加入"],
  [/^no parse worker has joined$/, "没有解析进程加入"],
  [/^no index worker holds a partition$/, "没有索引进程持有分区"],
  [/^start (.+)$/, "启动 $1"],
  [/^wait for \/health\/ready$/, "等 /health/ready 就绪"],
  [/^wait, or start what is missing$/, "稍候，或启动缺少的进程"],
  [/^ask again in a moment$/, "稍后再试"],
  [/^ask again$/, "再试一次"],

  // Documents.
  [/^a body of more than (\d+) bytes$/, "文件超过 $1 字节"],
  [/^send less at once(?:, or raise the setting (.+))?$/, "分几次提交，或调高设置 document-bytes"],
  [/^the document is (.+), which is not read$/, "这是 $1，不支持"],
  [/^the format (.+) is not read$/, "不支持 $1 格式"],
  [/^send text, Markdown or HTML$/, "请提交纯文本、Markdown 或 HTML"],
  [/^convert it to text, Markdown or HTML first$/, "先转换成纯文本、Markdown 或 HTML"],
  [/^nothing to search for was found in it$/, "里面没有可检索的内容"],
  [/^there is no submission (.+)$/, "没有 $1 这次提交"],
  [/^run kuaibao check$/, "运行 kuaibao check"],
];

/// A service's sentence for the reader: in Chinese where that is known.
export function sentence(text) {
  return translation(text) ?? text;
}

/// The Chinese of a service's sentence, or null where the page speaks English or the sentence is not known.
export function translation(text) {
  if (language() !== "zh") return null;
  for (const [pattern, chinese] of SENTENCES) {
    if (pattern.test(text)) return text.replace(pattern, chinese);
  }
  return null;
}

/// A problem of the status, `what: what helps`, as its two parts; the second is empty where it has none.
export function problemParts(text) {
  const colon = text.indexOf(": ");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 2)];
}

"""#
}
