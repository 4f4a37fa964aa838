"""What the steps of the page's test have in common: checking, searching, looking, and what counts as quiet."""

import json
import pathlib
import traceback
import urllib.parse

FOLDER = pathlib.Path(__file__).resolve().parent
DESK, PHONE = (1280, 900), (390, 844)
SEARCH = "/v1/collections/bulletins/search"


class Session:
    """A browser at a gateway's page. Each method whose name begins with `step_` is run, in the order of the names."""

    def __init__(self, browser, base, files, screenshots):
        self.browser, self.base, self.files, self.screenshots = browser, base, files, screenshots
        self.failed, self.passed = [], 0

    def check(self, truth, what):
        if truth:
            self.passed += 1
        else:
            self.failed.append(what)
            print(f"  FAILED {what}")

    def run(self):
        for name in [name for name in dir(self) if name.startswith("step_")]:
            print(name[8:].replace("_", " "))
            try:
                getattr(self, name)()
                self.quiet(name[8:])
            except Exception as error:  # noqa: BLE001 - one step's failure must not hide the others
                traceback.print_exc()
                self.failed.append(f"{name}: {error}")
        host = urllib.parse.urlsplit(self.base).netloc
        strangers = {
            url
            for _, url in self.browser.requests
            if urllib.parse.urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and urllib.parse.urlsplit(url).netloc != host
        }
        self.check(len(self.browser.requests) > 20, "requests were seen")
        self.check(not strangers, f"no request leaves the host: {strangers}")

    def quiet(self, step):
        """Nothing was written to the console, and no request failed unnoticed."""
        for problem in (*self.browser.errors, *self.browser.failures):
            self.check(False, f"{step}: the console is quiet: {problem}")
        self.browser.errors.clear()
        self.browser.failures.clear()

    def expect_refusal(self, status):
        """The refusal that this step provoked stands in the console, and nothing else."""
        found = [line for line in self.browser.failures if str(status) in line]
        self.check(len(found) >= 1, f"the answer was {status}")
        self.browser.failures = [line for line in self.browser.failures if line not in found]

    def searches(self):
        return sum(SEARCH in url for _, url in self.browser.requests)

    def search(self, text):
        """Types a query, after what was in the box is taken out, and waits for its answer."""
        self.browser.evaluate("document.getElementById('query').focus(), document.getElementById('query').select()")
        before = self.searches()
        self.browser.insert(text)
        self.browser.key("Enter")
        self.browser.wait(
            f"document.getElementById('query').value === {json.dumps(text)} && location.hash.includes('q=')"
        )
        self.browser.wait_until(lambda: self.searches() > before, f"a search is sent for {text}")
        self.settle()

    def back_to_search(self):
        self.browser.go("#/search")
        self.browser.wait("document.activeElement.id === 'query'")

    def settle(self):
        """Waits until what is shown answers the address."""
        self.browser.wait(
            "decodeURIComponent(document.querySelector('.results').dataset.shown) === decodeURIComponent(location.hash)"
        )

    def total(self):
        return int(self.browser.evaluate("document.querySelector('#found').textContent.replace(/\\D/g, '') || '0'"))

    def picture(self, name):
        self.browser.screenshot(self.screenshots / f"{name}.png")

    def looks(self):
        for size, width in ((DESK, "desk"), (PHONE, "phone")):
            for scheme in ("light", "dark"):
                yield size, scheme, f"{width}-{scheme}"

    def accessible(self, where):
        """No complaint of the checker, and a name for everything that can be operated, as the browser tells a reader."""
        for complaint in self.browser.evaluate((FOLDER / "accessibility.js").read_text()):
            self.check(False, f"{where}: {complaint}")
        roles = {
            "button",
            "link",
            "textbox",
            "searchbox",
            "combobox",
            "checkbox",
            "DisclosureTriangle",
            "navigation",
            "complementary",
        }
        nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        nameless = [
            node["role"]["value"]
            for node in nodes
            if not node["ignored"]
            and node["role"]["value"] in roles
            and not node.get("name", {}).get("value", "").strip()
        ]
        self.check(not nameless, f"{where}: without a name: {nameless}")
