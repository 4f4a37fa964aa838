#!/usr/bin/env python3
"""Tests the query gateway's page in a real browser: types Chinese through an input method, searches, narrows down, hands
files in, looks at dead letters and at the status, and checks what a person without a mouse, or with a phone, needs.

    Tests/PageTests/page_test.py http://127.0.0.1:8080 --screenshots /tmp/page

It needs Debian's `chromium` and `fonts-noto-cjk`, a running stack, and nothing from the network. The bulletins under
seeds/ are handed in through the page; what else it hands in has names that begin with `page-test`. It ends with status 0
when all is well, else with 1 and a list of what failed.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import urllib.parse

# No __pycache__ in the folder, which is also a target of the Swift package.
sys.dont_write_bytecode = True

from browser import Browser
from session import DESK, FOLDER, Session

SEEDS = FOLDER.parent.parent / "seeds"

BULLETIN = """上海市公安局

2月18日

<img src=x onerror=alert(1)> 页面测试通告

页面测试：本市公安机关推出便民措施，<script>alert(2)</script>页面测试结束。

来源：警民直通车
"""


class PageTest(Session):
    # Steps, in the order of their names

    def step_01_start_page(self):
        self.browser.look(*DESK, "light")
        self.browser.open(self.base + "/")
        self.browser.wait("document.querySelector('.examples a')")
        self.check(self.browser.evaluate("document.documentElement.lang") == "zh-Hans", "the page speaks Chinese first")
        self.check("快报" in self.browser.evaluate("document.title"), "the title names the page")
        self.check(self.browser.evaluate("document.activeElement.id") == "query", "the box has the focus")

    def step_02_pure_functions(self):
        for failure in self.browser.evaluate((FOLDER / "units.js").read_text()):
            self.check(False, failure)
        self.passed += 1

    def step_03_files_are_dropped(self):
        self.browser.drop("main", sorted(SEEDS.glob("*.txt")) + [self.files / "page-test.txt"])
        self.browser.wait(
            "location.hash === '#/inbox' && document.querySelectorAll('.row').length >= 6", "the drop opens the inbox"
        )
        self.browser.wait("document.querySelectorAll('.row.stage-searchable').length >= 6", "all are searchable")
        words = self.browser.evaluate("document.querySelector('.row .stages').innerText")
        self.check(all(word in words for word in ("已接收", "已解析", "可检索")), "the stages are named")
        self.browser.wait(
            "[...document.querySelectorAll('.row-head')].every((head) => /\\d+ 篇/.test(head.innerText))",
            "the items are counted",
        )
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"full inbox {name}")
            self.picture(f"inbox-full-{name}")
        self.browser.look(*DESK, "light")

    def step_04_input_method(self):
        self.browser.go("#/search")
        self.browser.wait("document.activeElement.id === 'query'")
        before, address = self.searches(), self.browser.evaluate("location.hash")
        for text in ("f", "fu", "fug", "fugong"):
            self.browser.compose(text)
        self.browser.key("Enter", code=229)
        self.browser.key("Enter")
        self.check(self.searches() == before, "Enter during the composition does not search")
        self.check(self.browser.evaluate("location.hash") == address, "the address stays")
        self.browser.compose("复工")
        self.browser.insert("复工")
        self.check(
            self.browser.evaluate("document.getElementById('query').value") == "复工",
            "the composition's text is in the box",
        )
        self.check(self.searches() == before, "the end of the composition does not search")
        self.browser.key("Enter")
        self.browser.wait("document.querySelectorAll('.hit').length > 0", "hits")
        self.check(self.searches() == before + 1, "Enter after it searches, once")
        self.check(
            self.browser.evaluate("decodeURIComponent(location.hash)") == "#/search?q=复工", "the address can be shared"
        )
        marks = self.browser.evaluate("[...document.querySelectorAll('.hit mark')].map((mark) => mark.textContent)")
        self.check(marks and all(mark in ("复工", "復工") for mark in marks), f"the marks are the word: {set(marks)}")
        summary = self.browser.evaluate("document.querySelector('.answer-line summary').textContent")
        self.check(
            "版本" in summary and "结果完整" in summary and "毫秒" in summary,
            f"version, completeness and time: {summary}",
        )

    def step_05_hits(self):
        self.browser.evaluate("document.activeElement.blur()")
        self.browser.key("j")
        self.browser.key("j")
        here = "[...document.querySelectorAll('.hit')].indexOf(document.activeElement)"
        self.check(self.browser.evaluate(here) == 1, "j moves to the second hit")
        self.browser.key("k")
        self.check(self.browser.evaluate(here) == 0, "k moves back")
        outline = self.browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        self.check(outline == "solid", "the focus is seen")
        self.browser.key("Enter")
        self.browser.wait("document.activeElement.querySelector('.context p:not(.waiting)')", "Enter opens the context")
        longer = self.browser.evaluate(
            "document.activeElement.querySelector('.context').textContent.length >= document.activeElement.querySelector('.snippet').textContent.length"
        )
        self.check(longer, "the context is at least as long as the snippet")
        self.browser.click("(document.querySelector('.comparison summary'))")
        self.browser.wait("document.querySelector('.comparison[open] .sides pre')", "the original beside the item")
        sides = self.browser.evaluate(
            "(({ children }) => [...children].map((part) => part.innerText.replace(/\\s/g, '')))(document.querySelector('.comparison[open] .sides'))"
        )
        title = self.browser.evaluate("document.querySelector('.hit h3').textContent.replace(/\\s/g, '')")
        self.check(len(sides) == 2 and all(title in side for side in sides), f"both have the title {title}")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"original {name}")
            self.picture(f"original-{name}")
        self.browser.look(*DESK, "light")
        self.browser.evaluate("document.activeElement.blur()")
        self.browser.key("/")
        self.check(self.browser.evaluate("document.activeElement.id") == "query", "/ goes to the box")

    def step_06_facets(self):
        self.search("复工")
        whole = self.total()
        value = "document.querySelector('.facet-value[aria-pressed=false]')"
        name = self.browser.evaluate(f"{value}.querySelector('.value').textContent")
        count = int(self.browser.evaluate(f"{value}.querySelector('.count').textContent"))
        self.browser.click(f"({value})")
        self.browser.wait(
            "document.querySelector('.chip') && document.querySelector('.facet-value[aria-pressed=true]')"
        )
        self.settle()
        self.check(self.total() == count <= whole, f"the facet {name} leaves its {count} items")
        query = self.browser.evaluate("document.getElementById('query').value")
        self.check(query == f'复工 部门:"{name}"', f"the condition is added to the query: {query}")
        self.browser.click(".chip")
        self.browser.wait("!document.querySelector('.chip') && document.querySelector('.found')")
        self.settle()
        self.check(self.total() == whole, "without the condition all are back")
        self.browser.evaluate("history.back()")
        self.browser.wait("document.querySelector('.chip')", "back restores the condition")
        for field in ("source", "district", "format", "language"):
            self.search("复工")
            button = f"(document.querySelector('[aria-labelledby=facet-{field}] .facet-value'))"
            if not self.browser.evaluate(f"Boolean{button}"):
                continue
            count = int(self.browser.evaluate(f"{button}.querySelector('.count').textContent"))
            self.browser.click(button)
            self.browser.wait("document.querySelector('.chip, .notice.bad')")
            self.settle()
            self.check(
                self.browser.evaluate("document.querySelector('.notice.bad')") is None, f"{field} can be a condition"
            )
            if not self.browser.failures:
                self.check(self.total() == count, f"the facet {field} leaves its {count} items")

    def step_06_suggestions(self):
        """What is typed is completed: from the keyboard, from pinyin, and not while the input method composes."""
        options = "[...document.querySelectorAll('#suggestions li')].map((one) => one.firstChild.textContent)"
        value = "document.getElementById('query').value"
        chosen = "document.querySelector('#suggestions [aria-selected=true]')?.firstChild.textContent ?? ''"

        def fresh():
            self.browser.evaluate(f"document.getElementById('query').focus(), {value} = ''")

        self.back_to_search()
        fresh()
        before = self.searches()
        self.browser.insert("公安")
        self.browser.wait("!document.getElementById('suggestions').hidden", "a list for 公安")
        texts = self.browser.evaluate(options)
        self.check("上海市公安局" in texts, f"a department that has the word inside: {texts}")
        self.check(
            self.browser.evaluate("document.getElementById('query').getAttribute('aria-expanded')") == "true",
            "a reader of screens is told of the list",
        )
        self.browser.key("ArrowDown")
        self.check(self.browser.evaluate(chosen) == texts[0], "the arrow chooses the first")
        self.browser.key("ArrowDown")
        self.check(self.browser.evaluate(chosen) == texts[1], "and the second")
        self.browser.key("ArrowUp")
        self.check(self.browser.evaluate(chosen) == texts[0], "and back")
        active = "document.getElementById(document.getElementById('query').getAttribute('aria-activedescendant'))?.firstChild.textContent"
        self.check(self.browser.evaluate(active) == texts[0], "the active one is named")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"suggestions {name}")
            self.picture(f"suggestions-{name}")
        self.browser.look(*DESK, "light")
        self.browser.key("Escape")
        self.check(self.browser.evaluate("document.getElementById('suggestions').hidden"), "Escape closes the list")
        self.check(self.browser.evaluate(value) == "公安", "and leaves what was typed")
        self.check(self.searches() == before, "nothing was searched so far")
        fresh()
        self.browser.insert("shsgaj")
        self.browser.wait(f"({options}).includes('上海市公安局')", "initials find the name")
        place = self.browser.evaluate(options).index("上海市公安局")
        for _ in range(place + 1):
            self.browser.key("ArrowDown")
        self.browser.key("Enter")
        self.browser.wait("document.querySelectorAll('.hit').length > 0", "Enter takes it and searches")
        self.settle()
        self.check("上海市公安局" in self.browser.evaluate(value), f"the query names it: {self.browser.evaluate(value)}")
        self.check(self.browser.evaluate("document.getElementById('suggestions').hidden"), "the list is closed")
        self.back_to_search()
        fresh()
        before = sum("/suggest" in url for _, url in self.browser.requests)
        for text in ("g", "go", "gongan"):
            self.browser.compose(text)
        self.browser.evaluate("new Promise((resolve) => { setTimeout(resolve, 400); })")
        asked = sum("/suggest" in url for _, url in self.browser.requests) - before
        self.check(asked == 0, f"nothing is asked during the composition: {asked}")
        self.check(self.browser.evaluate("document.getElementById('suggestions').hidden"), "and no list is shown")
        self.browser.key("ArrowDown", code=229)
        self.browser.insert("公安")
        self.browser.wait(f"({options}).includes('上海市公安局')", "the composed word is completed")
        self.browser.click("(document.querySelector('#suggestions li'))")
        self.browser.wait("document.querySelectorAll('.hit').length > 0", "a click takes a suggestion")
        self.settle()
        self.back_to_search()

    def step_07_timeline(self):
        self.search("*")
        bars = self.browser.evaluate(
            "[...document.querySelectorAll('.bar')].map((bar) => bar.getAttribute('aria-label'))"
        )
        index = next(place for place, label in enumerate(bars) if not label.endswith("：0 篇"))
        self.browser.click(f"(document.querySelectorAll('.bar')[{index}])")
        self.browser.wait("document.querySelector('.chip') && document.querySelector('.found')")
        self.settle()
        self.check(
            self.total() == int(bars[index].split("：")[-1].replace(" 篇", "")),
            f"a bar leaves its items: {bars[index]}",
        )
        self.check(
            "日期:" in self.browser.evaluate("document.getElementById('query').value"),
            "the bar is a condition on the date",
        )
        self.search("*")
        known = [place for place, label in enumerate(bars) if "不明" not in label]
        if len(known) > 1:
            self.browser.drag(
                f"(document.querySelectorAll('.bar')[{known[0]}])", f"(document.querySelectorAll('.bar')[{known[1]}])"
            )
            self.browser.wait("document.querySelector('.chip')")
            self.check(
                ".." in self.browser.evaluate("document.getElementById('query').value"), "dragging over bars is a range"
            )

    def step_07_digest(self):
        self.search("复工复产")
        items = self.total()
        self.browser.click(".lenses a[href^='#/digest']")
        self.browser.wait("document.querySelectorAll('.entry').length > 0", "the digest of the same query")
        self.check(
            self.browser.evaluate("document.getElementById('digest-query').value") == "复工复产", "the query stays"
        )
        entries = self.browser.evaluate("document.querySelectorAll('.entry').length")
        merged = self.browser.evaluate("document.querySelectorAll('.entry details li').length")
        self.check(entries + merged == items, f"every item is there: {entries} + {merged} of {items}")
        groups = self.browser.evaluate("[...document.querySelectorAll('.sheet-group')].map((part) => part.firstChild.data)")
        self.check("上海市公安局" in groups and groups[-1] == "未标明部门", f"grouped by department: {groups}")
        doubts = self.browser.evaluate("[...document.querySelectorAll('.doubt')].map((part) => part.innerText)")
        self.check(sum("错贴" in text for text in doubts) == 1, f"one wrongly pasted body: {doubts}")
        self.browser.click("(document.querySelector('.doubt a'))")
        self.browser.wait("document.activeElement.matches('.entry')", "the link goes to the other entry")
        before = self.browser.evaluate("location.hash")
        self.browser.evaluate("document.getElementById('digest-query').focus()")
        self.browser.compose("fangkong")
        self.browser.key("Enter")
        self.check(self.browser.evaluate("location.hash") == before, "Enter during the composition compiles nothing")
        self.browser.insert("")
        saved = self.browser.evaluate("""(async () => {
            const result = {};
            for (const link of document.querySelectorAll('.sheet .actions a[data-format]')) {
                const answer = await fetch(link.href);
                const bytes = new Uint8Array(await answer.arrayBuffer());
                result[link.dataset.format] = [
                    answer.status, bytes.length, answer.headers.get('Content-Disposition') ?? '', String.fromCharCode(...bytes.slice(0, 2)),
                ];
            }
            return result;
        })()""")
        self.check(set(saved) == {"docx", "markdown", "text", "html"}, f"forms to save: {set(saved)}")
        for form, (status, size, disposition, _) in saved.items():
            self.check(
                status == 200 and size > 1000 and disposition.startswith("attachment"), f"{form} is saved: {status} {size}"
            )
        self.check(saved.get("docx", ["", "", "", ""])[3] == "PK", "the office document is an archive")
        self.browser.evaluate(
            "(() => { const by = document.getElementById('digest-by'); by.value = 'date'; by.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )
        self.browser.wait(
            "location.hash.includes('by=date') && document.querySelector('.sheet-group')?.textContent.includes('日')",
            "grouped by date",
        )
        self.back_to_search()

    def step_07_figures(self):
        self.browser.go("#/figures?q=" + urllib.parse.quote("复工率"))
        self.browser.wait("document.querySelectorAll('.figure-row').length >= 4", "four populations side by side")
        quotes = self.browser.evaluate("[...document.querySelectorAll('.figure-quote')].map((part) => part.textContent)")
        self.check({"85%", "80%以上"} <= set(quotes), f"also where the indicator is not named: {quotes}")
        marks = self.browser.evaluate("[...document.querySelectorAll('.figure-row mark')].map((part) => part.textContent)")
        self.check(marks == quotes, "each sentence shows its figure")
        self.browser.go("#/figures?q=" + urllib.parse.quote("复工率>高"))
        self.browser.wait("document.querySelector('.notice.bad .wrong')", "a mistake is underlined")
        self.expect_refusal(400)
        self.back_to_search()

    def step_07_watches(self):
        self.search("页面测试 部门:上海市公安局")
        self.browser.click(".lenses a[href^='#/watches']")
        self.browser.wait("document.querySelector('.preview')", "the dry run of the same query")
        self.check(
            self.browser.evaluate("document.getElementById('watch-query').value") == "页面测试 部门:上海市公安局", "the query stays"
        )
        self.browser.go("#/watches?q=" + urllib.parse.quote("复工复产 部门:上海市公安局"))
        self.browser.wait("document.querySelector('.preview-total')")
        self.browser.evaluate(
            "(() => { const last = document.getElementById('preview-until'); last.value = '2020-03-31'; last.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )
        self.browser.wait("document.querySelectorAll('.days dd').length > 0", "days of the past")
        self.browser.wait("document.querySelectorAll('.misses li').length > 0", "near misses")
        days = self.browser.evaluate("[...document.querySelectorAll('.days dd')].map((part) => Number(part.textContent))")
        total = self.browser.evaluate("document.querySelector('.preview-total').textContent")
        self.check(f"会有 {sum(days)} 条" in total, f"the days add up: {days} {total}")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"dry run {name}")
            self.picture(f"preview-{name}")
        self.browser.look(*DESK, "light")
        before = self.browser.evaluate("location.hash")
        self.browser.evaluate("document.getElementById('watch-query').select()")
        self.browser.compose("guanzhu")
        self.browser.key("Enter")
        self.check(self.browser.evaluate("location.hash") == before, "Enter during the composition tries nothing")
        self.browser.insert("页面测试")
        self.browser.key("Enter")
        self.browser.wait("decodeURIComponent(location.hash) === '#/watches?q=页面测试' && document.querySelector('.preview')")
        self.browser.click("(document.querySelector('.draft .strong'))")
        mine = "[...document.querySelectorAll('.watch')].find((row) => row.innerText.includes('页面测试'))"
        self.browser.wait(f"{mine}?.querySelector('.live.well')", "the watch is made, its alerts are live")
        added = self.browser.evaluate("""(async () => (await fetch(
            '/v1/collections/bulletins/documents?identity=page-test-watch&wait=searchable',
            { method: 'POST', body: '关注测试\\n\\n2020年3月2日\\n\\n页面测试：新到一条。\\n' })).status)()""")
        self.check(added == 200, f"a bulletin is handed in: {added}")
        self.browser.wait(f"{mine}.querySelectorAll('.alert').length === 1", "the alert comes by itself")
        text = self.browser.evaluate(f"{mine}.querySelector('.alert').innerText")
        self.check("关注测试" in text and "新到一条" in text, f"what came: {text}")
        self.browser.wait(f"{mine}.querySelector('.watch-balance').textContent.includes('待确认 1')", "it is pending")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"watches {name}")
            self.picture(f"watches-{name}")
        self.browser.look(*DESK, "light")
        self.browser.click(f"({mine}.querySelector('.alert button'))")
        self.browser.wait(
            f"{mine}.querySelectorAll('.alert').length === 0 && {mine}.querySelector('.watch-balance').textContent.includes('已确认 1')",
            "acknowledged",
        )
        self.browser.click(f"({mine}.querySelector('[data-key^=delete]'))")
        self.browser.wait(f"{mine}.querySelector('.danger')", "deleting asks once more")
        self.browser.click(f"({mine}.querySelector('.danger'))")
        self.browser.wait(f"!{mine}", "the watch is gone")
        self.browser.evaluate("""(async () => (await fetch(
            '/v1/collections/bulletins/documents/page-test-watch?wait=searchable', { method: 'DELETE' })).status)()""")
        self.back_to_search()

    def step_08_order_and_pages(self):
        self.search("*")
        self.browser.evaluate(
            "(() => { const sort = document.getElementById('sort'); sort.value = 'newest'; sort.dispatchEvent(new Event('change', { bubbles: true })); })()"
        )
        self.browser.wait("location.hash.includes('sort=newest') && document.querySelector('.hit')")
        dates = self.browser.evaluate("[...document.querySelectorAll('.hit time')].map((time) => time.dateTime)")
        known = [date for date in dates if not date.startswith("-")]
        self.check(known == sorted(known, reverse=True), f"newest first: {known}")
        self.browser.click(".pages a")
        self.browser.wait(
            "location.hash.includes('page=2') && document.querySelector('.hits').start === 11", "the second page"
        )
        self.browser.wait("document.activeElement.id === 'found'", "the focus goes to the top of the page")

    def step_09_mistakes(self):
        self.search("复工 部们:公安局")
        self.expect_refusal(400)
        self.check(
            self.browser.evaluate("document.querySelector('.wrong').textContent") == "部们", "the mistake is underlined"
        )
        text = self.browser.evaluate("document.querySelector('.notice').innerText")
        self.check("怎么办" in text and "there is no field" in text, "the message and the fix are shown")
        self.browser.click(".notice button")
        selected = self.browser.evaluate(
            "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.getElementById('query'))"
        )
        self.check(selected == "部们", "the mistake is selected in the box")
        self.search('"㐀㐁㐂没有这样的话"')
        self.check(
            self.total() == 0 and self.browser.evaluate("document.querySelector('.nothing').innerText.length") > 5,
            "nothing found says what to try",
        )

    def step_10_hostile_text(self):
        self.search("页面测试")
        self.browser.wait("document.querySelector('.hit')")
        text = self.browser.evaluate("document.querySelector('.hits').textContent")
        self.check("<img src=x" in text, "markup in a title stays text")
        self.check(
            self.browser.evaluate("document.querySelectorAll('.hits img, .hits script').length") == 0,
            "no element is made of it",
        )

    def step_11_dead_letters(self):
        self.browser.go("#/inbox")
        self.browser.wait("document.querySelector('.zone')")
        node = self.browser.call("DOM.getDocument")["root"]["nodeId"]
        chooser = self.browser.call("DOM.querySelector", nodeId=node, selector="#files")["nodeId"]
        self.browser.call("DOM.setFileInputFiles", nodeId=chooser, files=[str(self.files / "page-test.pdf")])
        self.browser.wait("document.querySelector('.row.stage-dead .fix')", "the reason and what helps")
        self.browser.click(".row.stage-dead .actions a")
        mine = "[...document.querySelectorAll('.row')].find((row) => row.innerText.includes('page-test.pdf'))"
        self.browser.wait(mine, "the letter is in the list")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"dead letters {name}")
            self.picture(f"dead-{name}")
        self.browser.look(*DESK, "light")
        self.browser.click(f"({mine}.querySelector('.actions button'))")
        self.browser.wait(f"{mine}.querySelectorAll('.actions button').length === 2", "after a retry it is dead again")
        self.browser.click(f"({mine}.querySelectorAll('.actions button')[1])")
        self.browser.wait(f"{mine}.querySelector('.danger')", "dropping asks once more")
        self.browser.click(f"({mine}.querySelector('.danger'))")
        self.browser.wait(f"{mine}.querySelector('.outcome')", "dropped")
        self.browser.go("#/inbox")
        self.browser.go("#/dead")
        self.browser.wait(
            "!document.querySelector('.waiting') && document.querySelector('.dead .entries').children.length > 0"
        )
        self.check(not self.browser.evaluate(f"Boolean({mine})"), "a dropped letter is gone from the list")

    def step_12_status(self):
        self.browser.go("#/status")
        self.browser.wait("document.querySelector('.part.partitions table')")
        asked = sum("/v1/status" in url for _, url in self.browser.requests)
        self.browser.wait_until(
            lambda: sum("/v1/status" in url for _, url in self.browser.requests) > asked, "the status is asked again"
        )
        self.passed += 1
        balance = self.browser.evaluate("document.querySelector('.balance p').className")
        self.check(balance == "well", "the documents' balance is closed")
        numbers = self.browser.evaluate(
            "[...document.querySelectorAll('.balance .equation dd')].map((part) => Number(part.textContent.replace(/\\D/g, '')))"
        )
        self.check(numbers[0] == sum(numbers[1:]) > 0, f"the balance shown adds up: {numbers}")
        self.check(self.browser.evaluate("document.querySelectorAll('.queue').length") == 5, "five queues")
        rows = self.browser.evaluate(
            "[...document.querySelectorAll('.part.workers tbody tr')].map((row) => row.cells[0].textContent)"
        )
        self.check({"解析", "索引", "检索"} <= set(rows), f"workers of each kind: {rows}")
        self.browser.go("#/search")
        self.browser.wait("document.querySelector('.examples')")

    def step_12_z_collections(self):
        """The records of a declared collection: the list, the table, facets, order, and numbers that move."""
        made = self.browser.evaluate("""(async () => {
            const declaration = `collection: page-test-sites
title: 页面测试采样点
identity: site
fields:
  site: {type: keyword, names: [编号], required: true}
  status: {type: keyword, names: [忙闲], values: [空闲, 忙碌], facet: true, live: true}
  queue: {type: integer, names: [排队], sort: true}
  open: {type: boolean, names: [开放]}
  location: {type: point, names: [位置]}
  phone: {type: keyword, names: [电话], personal: true}
`;
            const records = Array.from({ length: 25 }, (_, index) => ({
                site: `S${index}`, status: index < 5 ? "忙碌" : "空闲", queue: index, open: index % 2 === 0, location: "31.2304,121.4737", phone: "13800000000",
            }));
            const send = (path, type, body) => fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
            return [
                (await send("/v1/collections", "application/yaml", declaration)).status,
                (await send("/v1/collections/page-test-sites/documents?wait=searchable", "application/json", JSON.stringify(records))).status,
            ];
        })()""")
        self.check(made == [201, 200], f"a collection with records: {made}")
        self.browser.click("#navigation a[data-view=collections]")
        mine = "[...document.querySelectorAll('.collections h2 a')].find((link) => link.textContent === '页面测试采样点')"
        self.browser.wait(mine, "the collection is in the list")
        self.browser.click(f"({mine})")
        rows = "document.querySelectorAll('.records tbody tr').length"
        self.browser.wait(f"{rows} === 20", "a page of records")
        self.check(self.total() == 25, "all records are counted")
        heads = self.browser.evaluate("[...document.querySelectorAll('.records th')].map((cell) => cell.textContent)")
        self.check(heads == ["编号", "忙闲", "排队", "开放", "位置", "电话"], f"fields in their order and by their names: {heads}")
        cells = self.browser.evaluate("[...document.querySelectorAll('.records tbody tr:first-child td')].map((cell) => cell.innerText)")
        self.check(cells[5] == "***" and "前" in cells[1], f"a personal value is masked, a live one has its age: {cells}")
        place = self.browser.evaluate("document.querySelector('.records a').href")
        self.check(place.startswith("geo:31.23"), f"a place opens the reader's map: {place}")
        self.browser.click("(document.querySelector('.facet-value[aria-label^=忙碌]'))")
        self.browser.wait(f"{rows} === 5 && document.querySelector('.facet-value[aria-pressed=true]')", "a facet narrows")
        self.browser.click("(document.querySelector('.facet-value[aria-pressed=true]'))")
        self.browser.wait(f"{rows} === 20", "and is taken back")
        choose = "((id, value) => { const box = document.getElementById(id); box.value = value; box.dispatchEvent(new Event('change', { bubbles: true })); })"
        self.browser.evaluate(f"{choose}('records-order', '-queue')")
        self.browser.wait("document.querySelector('.records tbody td')?.textContent === 'S24'", "the longest queue first")
        self.browser.evaluate(f"{choose}('records-by', 'status')")
        board = "Object.fromEntries([...document.querySelectorAll('.board-rows > div')].map((row) => [row.querySelector('dt').textContent, row.querySelector('.count').textContent]))"
        self.browser.wait(f"({board})['忙碌'] === '5'", "the board counts")
        changed = self.browser.evaluate("""(async () => (await fetch("/v1/collections/page-test-sites/documents/S24", {
            method: "PATCH", headers: { "Content-Type": "application/json" }, body: '{"status":"忙碌"}' })).status)()""")
        self.check(changed in (200, 202), f"a record is changed: {changed}")
        self.browser.wait(f"({board})['忙碌'] === '6' && ({board})['空闲'] === '19'", "the numbers move by themselves")
        for (width, height), scheme, name in self.looks():
            self.browser.look(width, height, scheme)
            self.accessible(f"collection {name}")
            self.picture(f"collection-{name}")
        self.browser.look(*DESK, "light")
        self.browser.go("#/collections?c=page-test-sites&q=" + urllib.parse.quote("忙:x"))
        self.browser.wait("document.querySelector('.notice.bad .wrong')", "a mistake is underlined")
        self.expect_refusal(400)
        self.browser.go("#/collections?c=page-test-sites&page=2")
        self.browser.wait(f"{rows} === 5", "the second page")
        gone = self.browser.evaluate("(async () => (await fetch('/v1/collections/page-test-sites', { method: 'DELETE' })).status)()")
        self.check(gone == 200, f"the collection is deleted: {gone}")
        self.browser.go("#/collections")
        self.browser.wait(f"document.querySelector('.collections .nothing') || (document.querySelector('.collections .entries') && !({mine}))", "it is gone")
        self.back_to_search()

    def step_13_language(self):
        self.browser.click("#language")
        self.check(self.browser.evaluate("document.documentElement.lang") == "en", "the page speaks English")
        for view in ("search", "watches", "collections", "inbox", "dead", "status", "digest?q=*", "figures?q=*", "search?q=*"):
            self.browser.go(f"#/{view}")
            self.browser.wait("document.querySelector('main .view')")
            self.browser.wait("!document.querySelector('.waiting')")
            words = self.browser.evaluate(
                "[...document.querySelectorAll('h1, h2, label, button:not(.facet-value):not(.chip)')].filter((part) => !part.closest('.hit') && part.id !== 'language').map((part) => part.firstChild?.data ?? '').join(' ')"
            )
            self.check(not any("\u4e00" <= sign <= "\u9fff" for sign in words), f"{view} has no Chinese left: {words}")
        self.picture("english-desk-light")
        self.browser.call("Page.reload")
        self.browser.wait(
            "document.documentElement.lang === 'en' && document.querySelector('.found')", "the choice is remembered"
        )
        self.browser.click("#language")
        self.check(self.browser.evaluate("document.documentElement.lang") == "zh-Hans", "and taken back")

    def step_14_gateway_gone(self):
        self.search("复工")
        offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.browser.call("Network.emulateNetworkConditions", offline=True, **offline)
        self.browser.go("#/search?q=防控")
        self.browser.wait(
            "document.querySelector('.notice.bad')?.innerText.includes('连不上网关')", "the failure is told"
        )
        self.picture("unreachable-desk-light")
        self.browser.call("Network.emulateNetworkConditions", offline=False, **offline)
        self.browser.click(".notice button")
        self.browser.wait("document.querySelector('.hit')", "trying again works")
        self.browser.failures = [line for line in self.browser.failures if "ERR_INTERNET_DISCONNECTED" not in line]

    def step_15_appearance(self):
        views = {
            "start": ("#/search", ".examples a"),
            "results": ("#/search?q=" + urllib.parse.quote("疫情防控"), ".hit"),
            "mistake": ("#/search?q=" + urllib.parse.quote("复工 部们:公安局 日期:2020-02"), ".wrong"),
            "nothing": ("#/search?q=" + urllib.parse.quote('惠州 部门:"上海市公安局"'), ".nothing"),
            "digest": ("#/digest?q=" + urllib.parse.quote("复工复产"), ".entry"),
            "figures": ("#/figures?q=" + urllib.parse.quote("复工率"), ".figure-row"),
            "watches-list": ("#/watches", ".watches .entries > *:not(.waiting)"),
            "inbox": ("#/inbox", ".zone"),
            "status": ("#/status", ".part.partitions table"),
        }
        for view, (address, sign) in views.items():
            for (width, height), scheme, name in self.looks():
                self.browser.look(width, height, scheme)
                self.browser.go(address)
                self.browser.wait(f"document.querySelector({sign!r})")
                self.browser.evaluate("scrollTo(0, 0)")
                self.accessible(f"{view} {name}")
                self.picture(f"{view}-{name}")
                self.browser.go("#/search")
        self.browser.failures = [line for line in self.browser.failures if "400" not in line]

    def step_16_cleaning_up(self):
        gone = self.browser.evaluate("""(async () => {
            const documents = "/v1/collections/bulletins";
            const found = await (await fetch(`${documents}/search?limit=1&q=${encodeURIComponent('文件:"page-test.txt"')}`)).json();
            const identity = encodeURIComponent(found.hits[0].document);
            return (await fetch(`${documents}/documents/${identity}?wait=searchable`, { method: "DELETE" })).status;
        })()""")
        self.check(gone == 200, f"the test's own bulletin is taken out again: {gone}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the gateway's address, for example http://127.0.0.1:8080")
    parser.add_argument("--screenshots", type=pathlib.Path, default=pathlib.Path("page-screenshots"))
    parser.add_argument("--browser", default=shutil.which("chromium") or "chromium")
    options = parser.parse_args()
    base = options.base.rstrip("/")
    options.screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="page-test-") as folder:
        files = pathlib.Path(folder)
        (files / "page-test.txt").write_text(BULLETIN, encoding="utf-8")
        (files / "page-test.pdf").write_bytes(b"%PDF-1.4\n%page test\n")
        browser = Browser(options.browser, urllib.parse.urlsplit(base).hostname)
        try:
            test = PageTest(browser, base, files, options.screenshots)
            test.run()
        finally:
            browser.close()
    print(f"{test.passed} checks passed, {len(test.failed)} failed")
    for failure in test.failed:
        print(f"- {failure}")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
