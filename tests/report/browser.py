"""A real browser driven over Chromium's own protocol by pipe: no driver, no package, no network.

Messages are JSON ended by a zero byte, read from descriptor 4 of the browser and written to 3.
"""

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
    "--disable-background-networking", "--no-first-run", "--remote-debugging-pipe",
)  # fmt: skip


# A process of its own between the two, which then becomes the browser: a `preexec_fn` would run
# between fork and exec of a process with threads. The descriptors may be 3 and 4 themselves,
# crossed: they go by way of high ones.
WIRE = """
import os, sys
high = [os.dup2(int(one), 100 + k) for k, one in enumerate(sys.argv[1:3])]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.closerange(5, 102)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One page in a browser of its own; `close` ends it."""

    def __init__(self, chromium: Path, profile: Path, width: int = 1280, height: int = 1000):
        self._in, child_out = os.pipe()
        child_in, self._out = os.pipe()

        wire = [sys.executable, "-I", "-S", "-c", WIRE, str(child_in), str(child_out)]
        self.process = subprocess.Popen(
            [*wire, str(chromium), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(child_in, child_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(child_in)
        os.close(child_out)
        self._rest, self._last, self.events = b"", 0, []
        target = self._call("Target.getTargets")["targetInfos"]
        page = next(one for one in target if one["type"] == "page")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for room in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{room}.enable")
        self.size(width, height)

    def size(self, width: int, height: int, mobile: bool = False, scale: float = 1.0) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=mobile)  # fmt: skip

    def _read(self) -> dict:
        deadline = time.monotonic() + 60
        while b"\0" not in self._rest:
            if time.monotonic() > deadline:
                raise TimeoutError("the browser says nothing")
            block = os.read(self._in, 1 << 20)
            if not block:
                raise RuntimeError("the browser has gone")
            self._rest += block
        text, _, self._rest = self._rest.partition(b"\0")
        return json.loads(text)

    def _call(self, method: str, session: str | None = None, **params):
        self._last += 1
        number = self._last
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            found = self._read()
            if found.get("id") == number:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']}")
                return found["result"]
            self.events.append(found)

    def call(self, method: str, **params):
        return self._call(method, self._session, **params)

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        for _ in range(200):
            if self.js("document.readyState") == "complete":
                return
            time.sleep(0.05)
        raise TimeoutError(url)

    def js(self, expression: str):
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)  # fmt: skip
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"])
        return found["result"].get("value")

    def key(self, name: str) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if name == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name,
                      windowsVirtualKeyCode=CODES[name], **text)  # fmt: skip

    def mouse(self, kind: str, x: float, y: float) -> None:
        pressed = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **pressed)

    def click(self, x: float, y: float) -> None:
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def screenshot(self, target: Path, whole: bool = False) -> Path:
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        target.write_bytes(base64.b64decode(found["data"]))
        return target

    def faults(self) -> list[str]:
        """Errors and warnings of the console and uncaught exceptions so far."""
        self.js("1")
        out = []
        for event in self.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                out.append(str(params["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] != "log":
                out.append(str(params["args"]))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] != "verbose":
                out.append(params["entry"]["text"])
        return out

    def requests(self) -> list[str]:
        """Addresses of all requests so far."""
        self.js("1")
        return [e["params"]["request"]["url"] for e in self.events
                if e["method"] == "Network.requestWillBeSent"]  # fmt: skip

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._in)
        os.close(self._out)


CODES = {
    "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
    "Tab": 9,
}  # fmt: skip
