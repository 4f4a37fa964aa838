// Page/words.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let wordsJS = #"""
// The page's words in both languages, and how names that the services use are said.

const WORDS = {
  "title": ["快报", "Kuaibao"],
  "skip": ["跳到正文", "Skip to content"],
  "navigation": ["主导航", "Main"],
  "view.search": ["检索", "Search"],
  "view.watches": ["关注", "Watches"],
  "view.collections": ["集合", "Collections"],
  "view.inbox": ["收件", "Inbox"],
  "view.dead": ["死信", "Dead letters"],
  "view.status": ["状态", "Status"],
  "language.other": ["English", "中文"],
  "keys": [
    "快捷键：/ 到检索框，j k 或 ↑ ↓ 在结果间移动，Enter 展开",
    "Keys: / to the search box, j k or ↑ ↓ between hits, Enter to open",
  ],

  "search.label": ["检索公报", "Search bulletins"],
  "search.placeholder": ["词、“短语”、部门:…、日期:2020-02", "words, “phrases”, department:…, date:2020-02"],
  "search.go": ["检索", "Search"],
  "search.busy": ["检索中…", "Searching…"],
  "search.intro": ["在公报中检索：有日期，有出处，可溯原文。", "Bulletins with their dates, sources and originals."],
  "search.holdings": [
    "现有 {items} 篇，来自 {documents} 份文件。",
    "{items} items from {documents} documents are searchable.",
  ],
  "search.holdings.none": ["库中尚无公报。", "There are no bulletins yet."],
  "search.holdings.add": ["去收件", "Hand some in"],
  "search.examples": ["示例", "Examples"],
  "example.run": ["四个字连写，繁简、全半角不论", "these four characters in a row, in either script"],
  "example.boolean": ["其一即可，且不含“隔离”", "one of the two, and without the third"],
  "example.slop": ["短语，中间可隔四个字", "a phrase that allows four other characters inside"],
  "example.field": ["只在标题里找", "in titles only"],
  "example.date": ["某来源某日的公报，年份不明的也在内", "one source on one day, unknown years included"],
  "example.flag": ["正文疑似错贴的公报", "items whose body may belong to another item"],
  "search.all": ["全部公报", "All bulletins"],
  "search.found": ["共 {total} 篇", "{total} items"],
  "search.found.one": ["共 1 篇", "1 item"],
  "search.sort": ["排序", "Sort by"],
  "sort.relevance": ["相关程度", "relevance"],
  "sort.newest": ["日期，由新到旧", "date, newest first"],
  "sort.oldest": ["日期，由旧到新", "date, oldest first"],
  "search.corrections": ["您是不是要找：", "Did you mean:"],
  "search.none": ["没有找到", "Nothing was found"],
  "search.none.filters": ["去掉一个条件再试：", "Try without one of the conditions:"],
  "search.none.words": [
    "换个说法；去掉引号；或在词之间写 OR，例如 复工 OR 复产。",
    "Use other words, leave out quotation marks, or put OR between words, as in 复工 OR 复产.",
  ],
  "search.pages": ["分页", "Pages"],
  "search.previous": ["上一页", "Previous"],
  "search.next": ["下一页", "Next"],
  "search.page": ["第 {page} 页，共 {pages} 页", "page {page} of {pages}"],
  "search.page.end": ["只能翻到前 10 000 篇，请缩小范围。", "Only the first 10,000 can be paged to; narrow the search."],
  "search.filters": ["已加的条件", "Conditions"],
  "search.filters.remove": ["去掉条件 {text}", "Remove condition {text}"],
  "search.refine": ["缩小范围", "Narrow down"],
  "search.more": ["其余 {count} 个", "{count} more"],
  "search.timeline": ["按月", "By month"],
  "search.timeline.years": ["按年", "By year"],
  "search.timeline.hint": ["点选一个月，或拖选一段", "Choose a month, or drag over several"],
  "search.understood": ["理解为", "Understood as"],
  "search.version": ["版本 {version}", "version {version}"],
  "search.complete": ["结果完整", "complete"],
  "search.incomplete": ["结果不完整", "incomplete"],
  "search.incomplete.why": [
    "有部分索引没有应答，以下只是已应答部分的结果。请稍后重试，或到“状态”看缺了哪个检索进程。",
    "A part of the index did not answer, so these are the hits of the rest. Try again, or see Status for the worker that is missing.",
  ],
  "search.took": ["用时 {time}", "{time}"],
  "search.workers": ["{count} 个检索进程应答", "{count} search workers answered"],
  "search.workers.one": ["1 个检索进程应答", "1 search worker answered"],
  "search.worker.line": ["{name}：{segments} 个索引段，{time}", "{name}: {segments} segments, {time}"],
  "timing.parse": ["解析", "parse"],
  "timing.statistics": ["统计", "statistics"],
  "timing.search": ["检索", "search"],
  "timing.fetch": ["取文", "fetch"],

  "records.all": ["全部集合", "All collections"],
  "records.none": ["还没有集合。", "No collection is declared."],
  "records.count": ["{count} 条记录", "{count} records"],
  "records.found": ["共 {total} 条", "{total} records"],
  "records.found.one": ["共 1 条", "1 record"],
  "records.board": ["实时计数", "Live counts"],
  "records.board.none": ["不计", "none"],
  "records.live": ["实时：共 {total} 条", "live: {total} records"],
  "records.age": ["{time}前", "{time} ago"],
  "records.yes": ["是", "yes"],
  "records.no": ["否", "no"],

  "lens.navigation": ["同一检索式的三种看法", "Three views of one query"],
  "lens.search": ["条目", "Items"],
  "lens.digest": ["汇编", "Digest"],
  "lens.figures": ["数字", "Figures"],
  "lens.watches": ["关注", "Watch"],

  "digest.by": ["分组", "Group by"],
  "digest.by.date": ["日期", "date"],
  "digest.by.department": ["部门", "department"],
  "digest.by.source": ["来源", "source"],
  "digest.by.district": ["地区", "district"],
  "digest.text": ["正文", "Text"],
  "digest.text.body": ["全文", "whole"],
  "digest.text.summary": ["摘录", "chosen sentences"],
  "digest.text.title": ["只要标题", "titles only"],
  "digest.export": ["存为文件", "Save as a file"],
  "digest.format.docx": ["Word 文档", "Word"],
  "digest.format.markdown": ["Markdown", "Markdown"],
  "digest.format.text": ["纯文本", "Plain text"],
  "digest.format.html": ["网页", "HTML"],
  "digest.print": ["打印版", "For printing"],
  "digest.merged": ["另并入同文 {count} 篇", "{count} duplicates merged"],
  "digest.taken": ["检得 {total} 篇，只取前 {taken} 篇", "the first {taken} of {total}"],
  "digest.abridged": ["以上为摘录，句句原文。", "Chosen sentences, verbatim."],
  "digest.doubt": ["存疑", "Doubt"],
  "digest.other": ["看第 {number} 条", "See entry {number}"],
  "digest.duplicates": ["另有 {count} 处同文", "{count} more with the same text"],
  "digest.gap.days": ["没有条目的日期", "Days without an item"],
  "digest.gap.months": ["没有条目的月份", "Months without an item"],
  "digest.gap.department": ["没有条目的部门", "Departments without an item"],

  "figures.none": ["没有数字", "No figures"],
  "figures.found": ["{total} 个数字", "{total} figures"],
  "figures.found.one": ["1 个数字", "1 figure"],
  "figures.read": ["读了 {taken} 篇，共检得 {total} 篇", "{taken} of {total} items read"],
  "figures.left": ["另有 {count} 个未列", "{count} not shown"],
  "figures.unnamed": ["没有以检索词为名的数字；以下是这些条目里的全部数字。", "No figure is named so; these are all figures of the items."],
  "figures.contradiction": ["说法不一", "Contradiction"],
  "figures.mentions": ["文中 {count} 处", "stated {count} times"],
  "figures.dated.figure": ["据该句", "from the sentence"],
  "figures.dated.published": ["据条目日期", "from the item's date"],
  "figures.dated.latest-day": ["据文中最近日期", "from the latest day in the text"],
  "figures.trend": ["随时间的变化（{unit}），{count} 个有日期的数字", "Over time ({unit}), {count} dated figures"],

  "hit.untitled": ["（无标题）", "(untitled)"],
  "hit.nodate": ["日期不明", "date unknown"],
  "hit.noyear": ["{date}（年份不明）", "{date} (year unknown)"],
  "hit.source": ["来源", "Source"],
  "hit.basis": ["据{basis}", "from {basis}"],
  "hit.file": ["文件", "File"],
  "hit.details": ["更多上下文与依据", "More context and evidence"],
  "hit.reading": ["读取中…", "Reading…"],
  "hit.changed": ["索引已更新，请重新检索后再展开。", "The index has changed; search again to open this."],
  "hit.identity": ["标识", "Identity"],
  "hit.place": ["原文位置", "Place in the original"],
  "hit.place.bytes": ["第 {lower}–{upper} 字节", "bytes {lower}–{upper}"],
  "hit.score": ["得分", "Score"],
  "hit.compare": ["原文对照", "Beside its original"],
  "hit.item": ["条目", "The item"],
  "hit.original": ["原文", "The original"],
  "hit.save": ["另存", "Save"],
  "hit.original.other": ["这种格式（{format}）的原文请另存后打开。", "The original ({format}) is to be saved and opened."],
  "hit.copies": ["另有 {count} 处同文", "{count} more with the same text"],
  "hit.nosource": ["来源不明", "source unknown"],
  "hit.samefile": ["同一文件的各篇", "All items of this file"],

  "suggest.label": ["建议", "Suggestions"],
  "suggest.found": ["{total} 条建议，用上下键选择", "{total} suggestions; choose with the arrow keys"],
  "suggest.found.one": ["1 条建议，用下键选择", "1 suggestion; choose with the down arrow"],
  "facet.title": ["标题", "Title"],
  "facet.department": ["部门", "Department"],
  "facet.source": ["来源", "Source"],
  "facet.district": ["区", "District"],
  "facet.format": ["格式", "Format"],
  "facet.language": ["语言", "Language"],
  "facet.flag": ["标记", "Flag"],
  "facet.date": ["日期", "Date"],
  "facet.file": ["文件", "File"],
  "facet.not": ["不含 {name}", "not {name}"],
  "facet.add": ["{value}，{count} 篇：只看这些", "{value}, {count} items: show only these"],
  "facet.remove": ["{value}，{count} 篇：去掉此条件", "{value}, {count} items: remove this condition"],

  "month.known": ["{year}年{month}月", "{month} {year}"],
  "month.unknown": ["{month}（年份不明）", "{month} (year unknown)"],
  "month.any": ["{month}月", "{month}"],
  "month.year": ["{year}年", "{year}"],
  "month.count": ["{name}：{count} 篇", "{name}: {count} items"],
  "month.group.unknown": ["年份不明", "Year unknown"],

  "mistake.place": ["错在画线处：", "The mistake is underlined:"],
  "mistake.go": ["改这里", "Edit this"],
  "error.fix": ["怎么办", "What helps"],
  "error.again": ["重试", "Try again"],
  "error.original": ["接口原文", "The API says"],
  "error.unreachable": ["网关没有应答", "the gateway did not answer"],
  "error.unreachable.fix": [
    "检查网络，并确认 query --role gateway 正在运行，然后重试",
    "check the network and that query --role gateway is running, then try again",
  ],
  "error.slow": ["等了 {seconds} 秒，网关没有应答", "the gateway did not answer within {seconds} seconds"],
  "error.shape": ["网关的应答（HTTP {status}）读不懂", "the gateway's answer (HTTP {status}) could not be read"],
  "error.shape.fix": ["确认这个地址上运行的是快报网关", "check that a Kuaibao gateway runs at this address"],

  "inbox.title": ["收件", "Inbox"],
  "inbox.intro": [
    "纯文本、Markdown 或 HTML，UTF-8 或国标编码。一份文件可含多篇公报，会自动拆分；同名文件替换旧版。",
    "Plain text, Markdown or HTML, in UTF-8 or GB 18030. One file may hold many bulletins and is split; a file of the same name replaces the older one.",
  ],
  "inbox.drop": ["把文件拖到这里", "Drop files here"],
  "inbox.choose": ["选择文件", "Choose files"],
  "inbox.year": ["文中没写年份时按此年（可不填）", "Year to assume where the text has none (optional)"],
  "inbox.year.wrong": ["年份应是 1900 到 2100 之间的四位数", "The year is four digits, 1900 to 2100"],
  "inbox.list": ["本次收件", "Handed in"],
  "inbox.none": ["还没有收到文件。", "No files yet."],
  "inbox.stages": ["进度", "Progress"],
  "stage.waiting": ["等待发送", "waiting"],
  "stage.sending": ["发送中", "sending"],
  "stage.accepted": ["已接收", "accepted"],
  "stage.parsed": ["已解析", "parsed"],
  "stage.searchable": ["可检索", "searchable"],
  "stage.dead": ["未能解析", "dead letter"],
  "stage.dropped": ["已放弃", "dropped"],
  "stage.failed": ["未被接收", "not accepted"],
  "stage.slow": ["仍在处理", "still under way"],
  "inbox.slow": [
    "已安全入库，但处理比平时慢。到“状态”看队列卡在哪一步。",
    "It is safely stored, but takes longer than usual. See Status for the queue that is stuck.",
  ],
  "inbox.duplicate": ["这次发送先前已收到，没有重复入库。", "This had been received before; nothing was stored twice."],
  "inbox.items": ["{count} 篇", "{count} items"],
  "inbox.items.one": ["1 篇", "1 item"],
  "inbox.view": ["查看各篇", "Show the items"],
  "inbox.warnings": ["提醒", "Note"],
  "inbox.partly": ["有一部分未能解析：", "A part could not be parsed:"],
  "inbox.todead": ["到死信处理", "Go to the dead letters"],
  "inbox.again": ["再发一次", "Send again"],
  "inbox.skipped": ["只接收前 {count} 个文件", "only the first {count} files were taken"],
  "inbox.done": ["{name}：{stage}", "{name}: {stage}"],

  "dead.title": ["死信", "Dead letters"],
  "dead.intro": [
    "未能解析的文件原样保存在这里。改正原因后可以重试，也可以放弃。",
    "Documents that could not be parsed are kept here whole. Retry them after the cause is mended, or drop them.",
  ],
  "dead.loading": ["读取中…", "Loading…"],
  "dead.none": ["没有死信：收到的文件都已解析。", "There are none: everything that came in was parsed."],
  "dead.more": ["再看一些", "More"],
  "dead.retry": ["重试", "Retry"],
  "dead.drop": ["放弃", "Drop"],
  "dead.drop.sure": ["确定放弃，不再重试", "Drop it for good"],
  "dead.drop.keep": ["留着", "Keep it"],
  "dead.retrying": ["重试中…", "Retrying…"],
  "dead.dropping": ["放弃中…", "Dropping…"],
  "dead.dropped": ["{name} 已放弃", "{name} was dropped"],
  "dead.outcome": ["{name}：{stage}", "{name}: {stage}"],
  "dead.attempts": ["试过 {count} 次", "tried {count} times"],
  "dead.attempts.one": ["试过 1 次", "tried once"],
  "dead.retries": ["重试过 {count} 次", "retried {count} times"],
  "dead.advice": ["怎么办", "What helps"],

  "watch.title": ["关注", "Watches"],
  "watch.intro": [
    "关注是常设的检索：新条目一符合就提醒，直到确认为止。先试运行，看过去会有多少提醒。",
    "A watch is a standing query: each new item that matches is told of until it is acknowledged. Try it on the past first.",
  ],
  "watch.list": ["已有的关注", "Watches that there are"],
  "watch.loading": ["读取中…", "Loading…"],
  "watch.none": ["还没有关注。在上面写检索式，试运行后新建。", "There are none. Write a query above, try it, and make one."],
  "watch.trying": ["试运行中…", "Trying it…"],
  "watch.name": ["名称", "Name"],
  "watch.create": ["新建关注", "Make the watch"],
  "watch.made": ["已关注 {name}", "watching {name}"],
  "watch.deleted": ["{name} 已删除", "{name} was deleted"],
  "watch.within": ["限于 {filter}", "within {filter}"],
  "watch.open": ["看提醒", "Show alerts"],
  "watch.close": ["收起", "Close"],
  "watch.delete": ["删除", "Delete"],
  "watch.delete.sure": ["确定删除，提醒一并删除", "Delete it with its alerts"],
  "watch.delete.keep": ["留着", "Keep it"],
  "watch.kind.stream": ["事件流", "stream"],
  "watch.kind.webhook": ["推送", "webhook"],
  "watch.kind.digest": ["每日汇编", "daily digest"],
  "watch.kind.mail": ["每日邮件", "daily mail"],
  "watch.matched": ["符合 {count} 篇", "{count} matched"],
  "watch.acknowledged": ["已确认 {count}", "{count} acknowledged"],
  "watch.pending": ["待确认 {count}", "{count} pending"],
  "watch.dead": ["死信 {count}", "{count} dead"],

  "alert.live": ["正在接收", "Receiving"],
  "alert.connecting": ["连接中…", "Connecting…"],
  "alert.none": ["没有待确认的提醒。", "No alert waits."],
  "alert.new": ["新提醒：{title}", "New alert: {title}"],
  "alert.acknowledge": ["确认", "Acknowledge"],
  "alert.acknowledge.all": ["全部确认", "Acknowledge all"],
  "alert.acknowledged": ["已确认：{title}", "Acknowledged: {title}"],
  "alert.acknowledged.all": ["已全部确认", "All are acknowledged"],
  "alert.further": ["另有 {count} 条未列", "{count} more are not shown"],
  "alert.dead": ["死信", "Dead letters"],
  "alert.dead.why": ["试过 {attempts} 次：{reason}", "tried {attempts} times: {reason}"],

  "preview.title": ["试运行", "Dry run"],
  "preview.span": ["时段", "Span"],
  "preview.days": ["{count} 天", "{count} days"],
  "preview.until": ["截止", "Until"],
  "preview.today": ["今天", "today"],
  "preview.total": ["{from}至{to}，会有 {count} 条提醒。", "{from} to {to}: {count} alerts."],
  "preview.every": [
    "这个检索式没有必需的词，每个新条目都要比对。可行，但慢一些。",
    "This query needs no word, so every new item is compared with it. That works, but takes more.",
  ],
  "preview.listed": ["按日只数了最新的 {count} 条。", "Only the newest {count} are counted by day."],
  "preview.newest": ["最新 {count} 条", "The newest {count}"],
  "preview.misses": ["差一点就符合的", "Near misses"],
  "preview.miss.without": ["如果不要求", "Without"],
  "preview.miss.apart": ["如果允许分开写", "With other words inside"],
  "preview.miss.any-number": ["如果不限数值", "With any number"],
  "preview.miss.included": ["如果不排除", "Not excluding"],
  "preview.more": ["多 {count} 条", "{count} more"],
  "preview.more.one": ["多 1 条", "1 more"],

  "status.title": ["状态", "Status"],
  "status.loading": ["读取中…", "Loading…"],
  "status.well": ["运行正常", "All is well"],
  "status.problems": ["有 {count} 个问题", "{count} problems"],
  "status.problems.one": ["有 1 个问题", "1 problem"],
  "status.stale": ["下面是 {seconds} 秒前的情况。", "What follows is {seconds} seconds old."],
  "status.incomplete": ["收件网关没有应答，下面缺它的部分。", "The ingest gateway does not answer, so its part is missing."],
  "status.since": ["{release} 版，已运行 {time}", "release {release}, up {time}"],
  "status.release": ["{release} 版", "release {release}"],
  "status.flow": ["每秒", "Per second"],
  "rate.accepted": ["接收文件", "documents accepted"],
  "rate.parsed": ["解析文件", "documents parsed"],
  "rate.searchable": ["文件入索引", "documents indexed"],
  "rate.searches": ["检索", "searches"],
  "status.queues": ["队列", "Queues"],
  "queue.parse": ["待解析", "waiting for a parser"],
  "queue.leased": ["解析中", "being parsed"],
  "queue.index": ["待入索引", "waiting for the index"],
  "queue.queries": ["检索中", "searches under way"],
  "queue.dead": ["死信", "dead letters"],
  "queue.peak": ["一分钟内最多 {count}", "at most {count} in the last minute"],
  "status.balance": ["文件去向", "What became of the documents"],
  "balance.accepted": ["已接收", "accepted"],
  "balance.searchable": ["可检索", "searchable"],
  "balance.superseded": ["已被替换", "superseded"],
  "balance.deadLettered": ["死信", "dead"],
  "balance.dropped": ["已放弃", "dropped"],
  "balance.inFlight": ["处理中", "in flight"],
  "balance.closed": ["账目平衡，无一遗漏", "The count balances: none is lost"],
  "balance.open": ["账目差 {count}，请运行 kuaibao check", "The count is off by {count}: run kuaibao check"],
  "status.collection": ["合集", "Collection"],
  "status.items": ["篇数", "Items"],
  "status.segments": ["索引段", "Segments"],
  "status.version.ledger": ["账本版本", "Version in the ledger"],
  "status.version.search": ["检索所见版本", "Version that searches see"],
  "status.collections": ["合集与版本", "Collections and versions"],
  "status.behind": ["落后 {count}", "{count} behind"],
  "status.workers": ["工作进程", "Workers"],
  "worker.kind": ["类别", "Kind"],
  "worker.parse": ["解析", "parse"],
  "worker.search": ["检索", "search"],
  "worker.index": ["索引", "index"],
  "worker.name": ["名称", "Name"],
  "worker.held": ["在手", "Held"],
  "worker.held.of": ["{held} / {window}", "{held} of {window}"],
  "worker.finished": ["已完成", "Done"],
  "worker.silent": ["上次来信", "Last heard"],
  "worker.ago": ["{time}前", "{time} ago"],
  "worker.none": ["还没有工作进程加入。", "No worker has joined yet."],
  "status.partitions": ["分区", "Partitions"],
  "partition.number": ["分区", "Partition"],
  "partition.holder": ["持有者", "Holder"],
  "partition.nobody": ["无人持有", "nobody"],
  "partition.checkpoint": ["已入索引 / 已收", "Indexed / received"],
  "partition.epoch": ["任期", "Epoch"],
  "worker.partitions": ["{count} 个分区", "{count} partitions"],
  "worker.partitions.one": ["1 个分区", "1 partition"],

  "time.ms": ["{n} 毫秒", "{n} ms"],
  "time.s": ["{n} 秒", "{n} s"],
  "time.min": ["{n} 分钟", "{n} min"],
  "time.h": ["{n} 小时", "{n} h"],
  "time.d": ["{n} 天", "{n} d"],
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

let chosen = "zh";

/// `zh` or `en`.
export const language = () => chosen;

export function setLanguage(value) {
  chosen = value === "en" ? "en" : "zh";
}

/// A sentence with its {places} filled.
export function say(key, values = {}) {
  const entry = WORDS[key];
  if (!entry) return key;
  return entry[chosen === "zh" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/// The form for one where English has one.
export function sayCount(key, count, values = {}) {
  const form = count === 1 && WORDS[`${key}.one`] ? `${key}.one` : key;
  return say(form, { count: number(count), total: number(count), ...values });
}

/// A whole number with its thousands set apart.
export function number(value) {
  return new Intl.NumberFormat(chosen === "zh" ? "zh-CN" : "en-GB").format(value);
}

/// A number of milliseconds.
export function duration(milliseconds) {
  if (milliseconds < 1000) return say("time.ms", { n: milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds) });
  const seconds = milliseconds / 1000;
  if (seconds < 60) return say("time.s", { n: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  if (seconds < 3600) return say("time.min", { n: Math.floor(seconds / 60) });
  if (seconds < 86_400) return say("time.h", { n: Math.floor(seconds / 3600) });
  return say("time.d", { n: Math.floor(seconds / 86_400) });
}

/// A number of bytes.
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/// A date that `readDate` has read: 2020年2月8日, 2月8日（年份不明）.
export function dateWords(date) {
  if (!date) return say("hit.nodate");
  const { year, month, day, time } = date;
  let text;
  if (chosen === "zh") {
    text = (year === null ? "" : `${year}年`) + (month === null ? "" : `${month}月`) + (day === null ? "" : `${day}日`);
  } else {
    text = [day, month === null ? null : MONTHS[month - 1], year].filter((part) => part !== null).join(" ");
  }
  if (time) text += ` ${time}`;
  return year === null ? say("hit.noyear", { date: text }) : text;
}

/// A month by its key: 2020-02, 2020, --02, which is a month of any year.
export function monthWords(key) {
  const match = /^(?:(\d{4})|-)(?:-(\d{2}))?$/.exec(key);
  if (!match) return key;
  const month = match[2] && (chosen === "zh" ? Number(match[2]) : MONTHS[Number(match[2]) - 1]);
  if (!match[1]) return say("month.any", { month });
  return month ? say("month.known", { year: match[1], month }) : say("month.year", { year: match[1] });
}

/// The name of a month to stand below its bar.
export const monthLabel = (month) => (chosen === "zh" ? `${month}月` : MONTHS[month - 1]);

/// An instant, in milliseconds since 1970, in the reader's own zone.
export function instant(milliseconds) {
  const options = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(chosen === "zh" ? "zh-CN" : "en-GB", options).format(new Date(milliseconds));
}

"""#
}
