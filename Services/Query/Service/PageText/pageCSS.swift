// Page/page.css as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let pageCSS = #"""
/* The page's look. Light and dark follow the system; one accent; lines and space instead of boxes.
   Sizes are in rem, so that the reader's own text size holds. Colours meet 4.5:1 for text and 3:1 for controls. */

:root {
  color-scheme: light dark;
  --ground: #fbfcfc;
  --raised: #ffffff;
  --ink: #1a1e22;
  --soft: #59636d;
  --line: #dde2e6;
  --edge: #78828b;
  --accent: #1d4f91;
  --on-accent: #ffffff;
  --accent-wash: #e8eff8;
  --mark: #ffe694;
  --on-mark: #1a1e22;
  --good: #1b6b3f;
  --warn: #855000;
  --warn-wash: #fdf5e3;
  --bad: #ab2416;
  --bad-wash: #fdf0ee;
  --fate-searchable: #2f6f9f;
  --fate-superseded: #9db8cc;
  --fate-dead: #b5483b;
  --fate-dropped: #a8a8a8;
  --fate-flight: #d9a441;
  --sans: -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei",
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Noto Sans Mono CJK SC", monospace;
  --measure: 42rem;
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b;
    --raised: #1d2125;
    --ink: #e3e6e9;
    --soft: #a3adb6;
    --line: #31373d;
    --edge: #76818b;
    --accent: #92bbf0;
    --on-accent: #0f1d30;
    --accent-wash: #1e2c3f;
    --mark: #62510f;
    --on-mark: #fff3cd;
    --good: #83d3a5;
    --warn: #efc06a;
    --warn-wash: #2b2415;
    --bad: #ff9f93;
    --bad-wash: #331d1a;
    --fate-searchable: #6fa8d6;
    --fate-superseded: #3f5568;
    --fate-dead: #d9776a;
    --fate-dropped: #6b6b6b;
    --fate-flight: #e0b35a;
  }
}

/* Ground */

* { box-sizing: border-box; }

html { font-size: 100%; }

body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: flex;
  flex-direction: column;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.7 var(--sans);
  text-autospace: normal;
  line-break: strict;
  overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%;
}

h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.5rem; line-height: 1.4; font-weight: 600; }
h2 { font-size: 1.125rem; line-height: 1.5; font-weight: 600; }
h3 { font-size: 1rem; line-height: 1.5; font-weight: 600; }
ul, ol { list-style: none; }
small { font-size: .8125rem; font-weight: 400; }
code { font-family: var(--mono); }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
mark { background: var(--mark); color: var(--on-mark); border-radius: 2px; }
.soft, .waiting { color: var(--soft); }
.well { color: var(--good); }
.unwell { color: var(--bad); }
[hidden] { display: none !important; }

:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
main:focus, h1:focus, h2:focus { outline: none; }

.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

.skip { position: absolute; left: -999rem; top: .5rem; z-index: 2; padding: .25rem .75rem; background: var(--raised); }
.skip:focus { left: .5rem; }

/* Controls */

button, .button, input, select { font: inherit; color: inherit; }

button, .button {
  display: inline-block;
  min-height: 2.25rem;
  padding: .2rem .9rem;
  border: 1px solid var(--edge);
  border-radius: 4px;
  background: var(--raised);
  cursor: pointer;
}
button:hover, .button:hover { border-color: var(--ink); }
.strong, .strong:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.strong:hover { filter: brightness(1.1); }
.danger { color: var(--bad); border-color: var(--bad); }
.plain, .plain:hover { border-color: transparent; background: none; color: var(--accent); }
.plain:hover { text-decoration: underline; }

input[type="search"], input[type="text"], select {
  min-height: 2.25rem;
  padding: .2rem .6rem;
  border: 1px solid var(--edge);
  border-radius: 4px;
  background: var(--raised);
}
input::placeholder { color: var(--soft); opacity: 1; }
input[aria-invalid="true"] { border-color: var(--bad); }
input[type="search"]::-webkit-search-cancel-button { cursor: pointer; }
.complaint { color: var(--bad); font-size: .875rem; }

summary { cursor: pointer; color: var(--soft); font-size: .875rem; min-height: 1.75rem; }
summary:hover { color: var(--ink); }

/* Frame */

.masthead { border-bottom: 1px solid var(--line); background: var(--raised); }
.masthead-inner, main, .footer { width: 100%; max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
.masthead-inner { display: flex; align-items: center; gap: .25rem 1.75rem; min-height: 3.5rem; }
.brand { color: var(--ink); font-size: 1.25rem; font-weight: 700; text-decoration: none; }
.brand:lang(zh) { letter-spacing: .08em; }
#navigation { display: flex; flex: 1; gap: 1.5rem; }
#navigation a { padding: .9rem 0 .75rem; color: var(--soft); text-decoration: none; border-bottom: 2px solid transparent; }
#navigation a:hover { color: var(--ink); }
#navigation a[aria-current] { color: var(--ink); border-color: var(--accent); }
#language { padding: 0 .25rem; font-size: .875rem; }
main { flex: 1; padding-top: 1.75rem; padding-bottom: 3rem; }
.footer { padding-top: 1rem; padding-bottom: 1.5rem; color: var(--soft); font-size: .8125rem; }
.dragging main { outline: 2px dashed var(--accent); outline-offset: -.5rem; }

.lead { color: var(--soft); max-width: var(--measure); }

.notice { max-width: var(--measure); margin: 1rem 0; padding: .75rem 1rem; border-left: 3px solid var(--line); }
.notice.bad { border-color: var(--bad); background: var(--bad-wash); }
.notice.warn { border-color: var(--warn); background: var(--warn-wash); }
.notice-title { font-size: 1rem; color: var(--bad); }
.notice button { margin-top: .5rem; }
.fix strong { margin-right: .25em; }
.original { color: var(--soft); font-size: .8125rem; }
.mistake-label { font-size: .875rem; color: var(--soft); }
.mistake { font-family: var(--mono); font-size: 1.0625rem; white-space: pre-wrap; padding: .1rem 0 .4rem; }
.wrong { text-decoration: underline wavy var(--bad) 1.5px; text-underline-offset: .3em; }
.wrong.gap { display: inline-block; width: 1ch; border-bottom: 2px solid var(--bad); }

/* Search */

.box { display: flex; gap: .5rem; }
.box input { flex: 1; min-width: 0; min-height: 2.75rem; padding: .2rem .9rem; font-size: 1.0625rem; }
.box input:focus-visible { outline-offset: -1px; }
.box input, .examples dt, .chip, .nothing li, .mistake { text-autospace: no-autospace; }
.box button { min-height: 2.75rem; padding: .2rem 1.25rem; }
.box { position: relative; }
.suggestions { position: absolute; z-index: 2; top: 100%; left: 0; right: 0; max-width: 44rem; max-height: 60vh; overflow-y: auto; margin: .25rem 0 0; padding: .25rem 0; list-style: none; background: var(--raised); border: 1px solid var(--edge); border-radius: .25rem; }
.suggestions li { display: flex; gap: 1rem; justify-content: space-between; padding: .45rem .9rem; cursor: pointer; }
.suggestions small { flex: none; color: var(--soft); }
.suggestions [aria-selected="true"], .suggestions li:hover { background: var(--accent-wash); }
.results { margin-top: 1.5rem; }
.results[aria-busy="true"] .answer { opacity: .55; transition: opacity .15s; }

.start h2 { margin: 2rem 0 .5rem; }
.examples > div { display: grid; grid-template-columns: minmax(12rem, 18rem) 1fr; gap: 0 1.5rem; padding: .45rem 0; border-bottom: 1px solid var(--line); max-width: 48rem; }
.examples dd { color: var(--soft); }

.answer { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
@media (min-width: 56rem) {
  .answer.has-facets { grid-template-columns: 14rem minmax(0, 1fr); gap: 3rem; }
  .refine > summary { display: none; }
}
.found { max-width: 49rem; min-width: 0; }
.found > .notice { margin-top: 0; }
.found-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1rem; }
.sort { color: var(--soft); font-size: .875rem; }
.sort select { min-height: 2rem; padding: 0 .3rem; color: var(--ink); }
.answer-line { font-size: .8125rem; color: var(--soft); }
.answer-line summary { font-size: .8125rem; font-variant-numeric: tabular-nums; }
.answer-line[open] { padding-bottom: .75rem; }

.chips { display: flex; flex-wrap: wrap; gap: .5rem; padding: .5rem 0; }
.chip { min-height: 1.9rem; padding: 0 .6rem; border-color: var(--accent); background: var(--accent-wash); font-size: .875rem; text-align: left; }
.cross { margin-left: .5em; color: var(--soft); }

.hits { border-top: 1px solid var(--line); }
.hits > li { border-bottom: 1px solid var(--line); }
.hit { padding: 1.1rem 0 .9rem; scroll-margin: 1rem; }
.hit:focus-visible { outline-offset: 6px; }
.hit h3 { font-size: 1.125rem; line-height: 1.5; text-wrap: pretty; }
.facts, .origin { display: flex; flex-wrap: wrap; gap: 0 1.25rem; font-size: .875rem; }
.facts { margin: .15rem 0 .25rem; font-variant-numeric: tabular-nums; }
.basis { margin-left: .4em; color: var(--soft); }
.origin { margin-top: .25rem; color: var(--soft); }
.flags { display: flex; flex-wrap: wrap; gap: .25rem .5rem; padding-top: .35rem; font-size: .8125rem; }
.flags li { padding: 0 .5rem; border: 1px solid var(--warn); border-radius: 3px; color: var(--warn); }
.hit details { margin-top: .35rem; }
.hit details a { font-size: .875rem; }
.context { padding: .25rem 0 .25rem 1rem; border-left: 2px solid var(--line); }
.context p + p { margin-top: .5rem; }
.evidence { display: flex; flex-wrap: wrap; gap: 0 1.5rem; padding: .5rem 0 .25rem; font-size: .8125rem; }
.evidence > div { display: flex; gap: .4rem; }
.evidence dt { color: var(--soft); white-space: nowrap; }

.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.5rem; padding-top: .25rem; }
.sides h4 { margin: 0; color: var(--soft); font-size: .875rem; font-weight: 600; }
.sides p + p { margin-top: .35rem; }
.sides pre { margin: 0; max-height: 28rem; overflow: auto; white-space: pre-wrap; font: .875rem/1.65 var(--mono); padding: .35rem .75rem; border-left: 2px solid var(--line); }

.pages { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; padding-top: 1.25rem; font-variant-numeric: tabular-nums; }
.off { color: var(--soft); }
.nothing { max-width: var(--measure); padding-top: .5rem; }
.nothing ul { padding-top: .25rem; }
.nothing li span { margin-left: .75em; }

.facets { font-size: .875rem; min-width: 0; }
.refine[open] { padding-bottom: .5rem; }
.facet + .facet { margin-top: 1.25rem; }
.facet h2 { font-size: .875rem; padding-bottom: .15rem; border-bottom: 1px solid var(--line); }
.facet-value {
  display: flex;
  justify-content: space-between;
  gap: .75rem;
  width: 100%;
  min-height: 1.75rem;
  padding: .15rem .4rem;
  margin: 1px 0;
  border-color: transparent;
  background: none;
  line-height: 1.45;
  text-align: left;
}
.facet-value:hover { background: var(--accent-wash); border-color: transparent; }
.facet-value[aria-pressed="true"] { background: var(--accent-wash); box-shadow: inset 2px 0 var(--accent); }
.facet-value .count { color: var(--soft); font-variant-numeric: tabular-nums; }
.facet details summary { padding: .1rem .4rem; font-size: .8125rem; }

/* Timeline */

.timeline { padding: .75rem 0 1rem; }
.timeline h3 { font-size: .875rem; }
.timeline h3 small { color: var(--soft); }
.timeline-bars { display: flex; align-items: flex-end; overflow-x: auto; touch-action: pan-x pan-y; user-select: none; padding: 2px; }
.timeline-group { flex: 0 1 auto; min-width: 0; }
.timeline-group + .timeline-group { margin-left: .75rem; }
.timeline-group.after-gap { position: relative; margin-left: 2.5rem; }
.timeline-group.after-gap::before { content: "⋯"; content: "⋯" / ""; position: absolute; left: -1.75rem; bottom: 2.1rem; color: var(--soft); }
.timeline-row { display: flex; align-items: flex-end; }
.timeline-year { min-height: 1.4em; font-size: .8125rem; color: var(--soft); white-space: nowrap; }
.bar { flex: 1 1 2.25rem; display: flex; flex-direction: column; min-width: .5rem; max-width: 2.75rem; min-height: 0; padding: 0 1px; border: 0; border-radius: 0; background: none; }
.bar-room { display: flex; flex-direction: column; justify-content: flex-end; height: 5.25rem; border-bottom: 1px solid var(--edge); }
.bar-fill { width: 100%; max-width: 1.75rem; height: calc(var(--share) * 4rem); min-height: 2px; margin: 0 auto; background: var(--fate-searchable); }
.bar-count { text-align: center; font-size: .75rem; line-height: 1.25rem; color: var(--soft); }
.bar-month { text-align: center; font-size: .75rem; line-height: 1.6; color: var(--soft); white-space: nowrap; }
.bar:hover .bar-fill, .bar.swept .bar-fill, .bar[aria-pressed="true"] .bar-fill { background: var(--ink); }
.bar:hover .bar-month, .bar[aria-pressed="true"] .bar-month { color: var(--ink); }

/* Digest and figures */

.lenses { display: flex; gap: 1.5rem; margin-bottom: 1.25rem; border-bottom: 1px solid var(--line); }
.lenses a { padding: .3rem 0; color: var(--soft); text-decoration: none; border-bottom: 2px solid transparent; margin-bottom: -1px; }
.lenses a:hover { color: var(--ink); }
.lenses a[aria-current] { color: var(--ink); border-color: var(--accent); }
.choices { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding-top: .75rem; }
.results[aria-busy] .sheet, .results[aria-busy] .figure-board { opacity: .55; }

.sheet, .figure-board { max-width: 44rem; }
.sheet header h2 { font-size: 1.5rem; line-height: 1.4; }
.sheet header .actions { padding-top: .75rem; }
.sheet .actions .button { min-height: 2rem; padding: 0 .75rem; color: var(--ink); text-decoration: none; line-height: 1.9rem; }
.sheet-group { margin-top: 2.25rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.125rem; }
.entry { padding: 1.1rem 0 .25rem; scroll-margin: 1rem; }
.entry h4 { margin: 0; font-size: 1.0625rem; line-height: 1.5; text-wrap: pretty; }
.entry h4 span { font-weight: 400; font-variant-numeric: tabular-nums; }
.prose { text-align: justify; line-height: 1.8; }
.prose:lang(zh) { text-indent: 2em; }
.entry .origin { margin-top: .35rem; }
.doubt { margin-top: .35rem; padding-left: .75rem; border-left: 2px solid var(--warn); color: var(--warn); font-size: .875rem; }
.gaps { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; }

.figure-rows { margin-top: 1rem; border-top: 1px solid var(--line); }
.figure-row { padding: .9rem 0; border-bottom: 1px solid var(--line); }
.figure-head { display: grid; grid-template-columns: 8rem minmax(0, 1fr) 9rem; align-items: baseline; gap: 0 1rem; }
.figure-quote { font-size: 1.25rem; line-height: 1.5; font-variant-numeric: tabular-nums; text-autospace: no-autospace; }
.scale { align-self: center; position: relative; height: .5rem; background: var(--line); }
.stripe { position: absolute; top: 0; bottom: 0; left: calc(var(--from) * 100%); width: calc((var(--to) - var(--from)) * 100%); min-width: 3px; background: var(--fate-superseded); }
.stripe.point { background: var(--fate-searchable); }
.trend { margin: 1.25rem 0; }
.trend figcaption { font-size: .875rem; color: var(--soft); }
.trend svg { display: block; width: 100%; height: auto; }
.trend text { font-size: 12px; fill: var(--soft); }
.trend .quote { fill: var(--ink); font-size: 13px; }
.trend .axis { stroke: var(--edge); }
.trend .reach { stroke: var(--fate-superseded); stroke-width: 6; }
.trend .exact { fill: var(--fate-searchable); }
.trend .open { fill: var(--ground); stroke: var(--fate-searchable); stroke-width: 2; }
.sums { padding-top: 1rem; color: var(--soft); font-size: .875rem; }

/* Records */

.board:empty { display: none; }
.board { padding: .5rem 0 1rem; max-width: 36rem; }
.board-rows { font-size: .875rem; }
.board-rows > div { display: grid; grid-template-columns: minmax(6rem, 12rem) minmax(0, 1fr); gap: 0 1rem; padding: .15rem 0; }
.board-rows dd { display: grid; grid-template-columns: minmax(0, 1fr) 4rem; gap: 1rem; }
.board-rows .count { text-align: right; font-variant-numeric: tabular-nums; }
.records { border-collapse: collapse; font-size: .875rem; }
.records th { text-align: left; font-weight: 600; white-space: nowrap; color: var(--soft); }
.records th, .records td { padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.records td { max-width: 20rem; font-variant-numeric: tabular-nums; }
.records .basis { white-space: nowrap; }

/* Inbox and dead letters */

.inbox h2, .part h2 { margin-top: 2.25rem; }
.zone { margin: 1.25rem 0; padding: 2rem 1rem; max-width: 48rem; border: 1px dashed var(--edge); border-radius: 6px; text-align: center; background: var(--raised); }
.zone .button { margin-top: .5rem; }
.zone input:focus-visible + p + .button { outline: 2px solid var(--accent); outline-offset: 2px; }
.field input { width: 5em; }
.entries { max-width: 48rem; margin-top: .5rem; }
.rows { border-top: 1px solid var(--line); }
.row { padding: .9rem 0; border-bottom: 1px solid var(--line); }
.row-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
.row-head h2 { margin: 0; font-size: 1rem; }
.stages { display: flex; flex-wrap: wrap; gap: .1rem; padding: .25rem 0; font-size: .875rem; }
.stages li { display: flex; align-items: center; color: var(--soft); }
.stages li + li::before { content: ""; width: 1.75rem; height: 1px; margin: 0 .5rem; background: var(--edge); }
.stages .done { color: var(--good); }
.stages .done::after { content: "✓"; content: "✓" / ""; margin-left: .25em; }
.stages .broken { color: var(--bad); font-weight: 600; }
.stages .next { color: var(--ink); }
.remark { font-size: .875rem; color: var(--soft); }
.remark.bad { color: inherit; }
.remark.bad { padding-left: .75rem; border-left: 2px solid var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem 1rem; padding-top: .25rem; }
.actions:empty { display: none; }
.actions a { font-size: .875rem; }
.outcome { font-weight: 600; }

/* Watches */

.watches h2 { margin-top: 2.25rem; }
.draft { margin-top: 1.5rem; }
.draft:empty { margin: 0; }
.preview { max-width: 44rem; padding-bottom: .5rem; }
.preview h2 { margin-top: 0; }
.preview h3 { margin-top: 1rem; }
#preview-until { width: 8.5em; min-height: 2rem; }
.preview-total { padding-top: .75rem; font-variant-numeric: tabular-nums; }
.days { padding-top: .5rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
.days > div, .days dd { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); align-items: center; gap: 0 1rem; }
.days dd { grid-template-columns: minmax(0, 1fr) 5ch; }
.lines { padding-top: .25rem; }
.lines > li { padding: .2rem 0; }
.misses li + li { margin-top: .25rem; }
.misses .lines { padding-left: 1rem; border-left: 2px solid var(--line); font-size: .875rem; }
.row-head h3 { margin: 0; }
.row-head code { color: var(--soft); font-size: .875rem; }
.watch-balance { font-variant-numeric: tabular-nums; }
.watch-balance .pending { font-weight: 600; }
.alerts { margin-top: .5rem; padding: .25rem 0 .25rem 1rem; border-left: 2px solid var(--line); }
.alerts h4 { margin: .75rem 0 0; font-size: .875rem; }
.alerts .lines > li { padding: .5rem 0; }
.alerts .lines > li + li { border-top: 1px solid var(--line); }
.alert-title { font-weight: 600; }
.live { font-size: .8125rem; }

/* Status */

.verdict { margin-top: .25rem; }
.board { font-variant-numeric: tabular-nums; }
.rates { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 2rem; padding-top: .5rem; }
.rates dt, .queues dt { color: var(--soft); font-size: .875rem; }
.rates dd { display: flex; align-items: center; gap: .75rem; }
.rates .figure { min-width: 3ch; font-size: 1.375rem; line-height: 1.5; }
.line { flex: 1; min-width: 0; height: 2rem; border-bottom: 1px solid var(--line); }
.line polyline { fill: none; stroke: var(--fate-searchable); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.queue { display: grid; grid-template-columns: 9rem 1fr; align-items: center; gap: 0 1rem; padding: .3rem 0; }
.queue dd { display: grid; grid-template-columns: 5ch minmax(4rem, 1fr) 11rem; align-items: center; gap: 0 1rem; }
.queue .figure { text-align: right; }
.track { display: block; height: .75rem; background: var(--line); }
.level { display: block; height: 100%; min-width: 0; background: var(--fate-searchable); transition: width .3s; }
.queue.dead .level { background: var(--fate-dead); }
.balance + .balance { margin-top: 1.25rem; }
.balance h3 { font-weight: 400; color: var(--soft); font-size: .875rem; }
.stack { display: flex; gap: 2px; height: 1rem; margin: .35rem 0 .5rem; background: var(--ground); }
.stack .fate { flex: 0 0 4px; }
.equation { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.equation dt { font-size: .8125rem; color: var(--soft); }
.equation dt::before { content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .4em; background: var(--swatch, transparent); }
.equation .accepted dt::before { display: none; }
.equation dd { font-size: 1.125rem; }
.sign { color: var(--soft); }
.searchable { --swatch: var(--fate-searchable); }
.superseded { --swatch: var(--fate-superseded); }
.deadLettered { --swatch: var(--fate-dead); }
.dropped { --swatch: var(--fate-dropped); }
.inFlight { --swatch: var(--fate-flight); }
.fate { background: var(--swatch); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; font-size: .875rem; }
th, td { padding: .35rem 1.25rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; vertical-align: baseline; white-space: nowrap; }
thead th { color: var(--soft); font-size: .8125rem; }
.n { text-align: right; }
.problems .notice { margin: .5rem 0; }

/* Narrow */

@media (max-width: 40rem) {
  .masthead-inner, main, .footer { padding-left: 1rem; padding-right: 1rem; }
  .masthead-inner { flex-wrap: wrap; column-gap: 1rem; padding-top: .25rem; }
  .brand { flex: 1; }
  #navigation { order: 1; flex-basis: 100%; justify-content: space-between; gap: .5rem; }
  #navigation a { padding: .35rem 0; }
  main { padding-top: 1.25rem; }
  .box button { padding: .2rem 1rem; }
  .examples > div { grid-template-columns: 1fr; }
  .figure-head { grid-template-columns: 1fr; }
  .sides { grid-template-columns: 1fr; }
  .scale { width: 100%; margin: .25rem 0; }
  .queue { grid-template-columns: 1fr; }
  .days > div { grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0 .5rem; }
  .queue dd { grid-template-columns: 5ch minmax(4rem, 1fr); }
  .queue small { grid-column: 2; }
  .queue .figure { text-align: left; }
  #keys { display: none; }
}

@media (hover: none) { #keys { display: none; } }

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}

@media (forced-colors: active) {
  .bar-fill, .level, .fate { forced-color-adjust: none; }
}

@media print {
  .masthead, .box, .choices, .lenses, .actions, .facets, .pages, .footer, .timeline, .hit details, .sort { display: none; }
  .answer.has-facets { grid-template-columns: 1fr; }
}

"""#
}
