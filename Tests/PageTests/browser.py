"""Drives a headless Chromium over its DevTools pipe, with nothing but Python's own library.

The pipe (file descriptors 3 and 4 of the browser) carries JSON messages that end in a zero byte. Keys, compositions, the
mouse and dropped files go in as the browser's own input, so that the page gets trusted events.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 20.0
"""Seconds that one answer, or one condition, may take."""

KEYS = {
    "Enter": ("Enter", 13, "\r"),
    "Tab": ("Tab", 9, ""),
    "Escape": ("Escape", 27, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "/": ("Slash", 191, "/"),
    "j": ("KeyJ", 74, "j"),
    "k": ("KeyK", 75, "k"),
}


class Browser:
    """One Chromium process with one page."""

    def __init__(self, program, host):
        self.profile = tempfile.mkdtemp(prefix="page-test-")
        to_browser, self.writer = os.pipe()
        self.reader, from_browser = os.pipe()
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            f"--user-data-dir={self.profile}",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--hide-scrollbars",
            "--lang=zh-CN",
            "--font-render-hinting=none",
            f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}",
        ]
        line = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self.process = subprocess.Popen(
            ["bash", "-c", line, program, *flags, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.count = 0
        self.session = None
        self.errors, self.requests, self.failures = [], [], []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(info["targetId"] for info in targets if info["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM", "Accessibility"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    # Messages

    def call(self, method, **parameters):
        """Sends a command and answers its result; events that come before it are noted."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") != message["id"]:
                self._note(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def _read(self):
        deadline = time.monotonic() + PATIENCE * 2
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.reader], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self.reader, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("the browser does not answer")
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def _note(self, event):
        method, values = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(value.get("value", value.get("description"))) for value in values["args"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            entry = values["entry"]
            # What the network refused is checked by the test that provoked it.
            (self.failures if entry["source"] == "network" else self.errors).append(
                f"{entry['text']} {entry.get('url', '')}"
            )
        elif method == "Network.requestWillBeSent":
            self.requests.append((values["request"]["method"], values["request"]["url"]))

    # The page

    def open(self, url):
        self.call("Page.navigate", url=url)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait(self, condition, what=None):
        """Waits until a JavaScript expression holds."""
        deadline = time.monotonic() + PATIENCE
        step = f"""new Promise((resolve) => {{
            const end = performance.now() + 1000;
            const look = () => {{
                let value = null;
                try {{ value = ({condition}); }} catch {{ value = null; }}
                if (value || performance.now() > end) resolve(value instanceof Object || value); else setTimeout(look, 20);
            }};
            look();
        }})"""
        while time.monotonic() < deadline:
            try:
                value = self.evaluate(step)
            except RuntimeError as error:
                # A navigation takes the page's context away; the next look finds the new one.
                if "context" not in str(error) and "navigated" not in str(error):
                    raise
                value = None
            if value:
                return
        raise AssertionError(f"within {PATIENCE:.0f} s it did not come to pass: {what or condition}")

    def wait_until(self, holds, what):
        """Waits until a Python function is true; the browser's events are read meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"within {PATIENCE:.0f} s it did not come to pass: {what}")
            self.evaluate("new Promise((resolve) => { setTimeout(resolve, 20); })")

    def go(self, hash_):
        self.evaluate(f"location.hash = {json.dumps(hash_)}")

    # Input

    def key(self, name, code=None):
        """Presses a key. `code` replaces its virtual key code: 229 is a key that the input method takes."""
        physical, usual, text = KEYS[name]
        shared = {"key": name, "code": physical, "windowsVirtualKeyCode": code or usual}
        kind = {"type": "keyDown", "text": text} if text and not code else {"type": "rawKeyDown"}
        self.call("Input.dispatchKeyEvent", **kind, **shared)
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def compose(self, text):
        self.call("Input.imeSetComposition", text=text, selectionStart=len(text), selectionEnd=len(text))

    def insert(self, text):
        self.call("Input.insertText", text=text)

    def place(self, selector):
        """The middle of an element, scrolled into view."""
        return self.evaluate(f"""(() => {{
            const part = {selector if selector.startswith("(") else f"document.querySelector({json.dumps(selector)})"};
            part.scrollIntoView({{ block: "center" }});
            const box = part.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        }})()""")

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, selector):
        x, y = self.place(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def drag(self, start, end):
        x, y = self.place(start)
        to_x, to_y = self.place(end)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        for part in range(1, 6):
            self.mouse("mouseMoved", x + (to_x - x) * part / 5, y + (to_y - y) * part / 5, button="left", buttons=1)
        self.mouse("mouseReleased", to_x, to_y, button="left", clickCount=1)

    def drop(self, selector, paths):
        """Drags files in from outside and lets them go."""
        x, y = self.place(selector)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    # Appearance

    def look(self, width, height, scheme):
        """The size of the window and whether the system is `light` or `dark`."""
        is_phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if is_phone else 1,
            mobile=is_phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)
        self.call(
            "Emulation.setEmulatedMedia",
            features=[
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )

    def screenshot(self, path):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
