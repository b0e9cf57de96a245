"""A headless Chromium, driven by its DevTools protocol over a pipe."""

import base64
import json
import os
import select
import time

from running_programs import PATIENCE_SECONDS, Failure

# Where --remote-debugging-pipe reads and writes.
COMMANDS_FD, ANSWERS_FD = 3, 4


class Browser:
    """One browser with one page. The programs end it."""

    def __init__(self, programs):
        commands_read, self._commands = os.pipe()
        self._answers, answers_write = os.pipe()
        # The shell puts the ends of the pipes where Chromium looks for them, by
        # way of others: a pipe may be at 3 or 4 already.
        script = (f"exec 8<&{commands_read} 9>&{answers_write}; "
                  f"exec {COMMANDS_FD}<&8 {ANSWERS_FD}>&9 8<&- 9>&-; exec \"$@\"")
        # Chromium's own sandbox refuses to run as root.
        more = ["--no-sandbox"] if os.geteuid() == 0 else []
        programs.start(
            "chromium", "bash", "-c", script, "bash", "chromium", "--headless=new",
            "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--user-data-dir=" + programs.path("profile"), *more,
            pass_fds=(commands_read, answers_write))
        os.close(commands_read)
        os.close(answers_write)
        self._log = lambda: programs.log("chromium")
        self._buffer = b""
        self._last_id = 0
        self._session = None
        # What went wrong in the page: exceptions, refusals of its policy.
        self.complaints = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(domain + ".enable")

    def _call(self, method, **parameters):
        self._last_id += 1
        command = {"id": self._last_id, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._last_id:
                break
            self._note(message)
        if "error" in message:
            raise Failure(f"{method}: {message['error']['message']}")
        return message["result"]

    def _read(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [],
                                        max(0, end - time.monotonic()))
            data = os.read(self._answers, 65536) if ready else b""
            if not data:
                raise Failure("chromium does not answer:\n" + self._log())
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        entry = parameters.get("entry", {})
        # That the service is gone is what the page has to cope with.
        if entry.get("level") == "error" and entry.get("source") != "network":
            self.complaints.append(entry["text"])

    def open(self, url):
        self._call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.evaluate(f"location.href === {json.dumps(url)} && "
                                "document.readyState === 'complete'"):
            if time.monotonic() > end:
                raise Failure(f"{url} does not load")
            time.sleep(0.05)

    def evaluate(self, expression):
        result = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, what, expression):
        """Waits for the expression to be true."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise Failure(f"the page does not show {what}; it shows:\n"
                              + self.evaluate("document.body.innerText"))
            time.sleep(0.05)

    def screenshot(self, path, width=1280, height=860, scheme="light"):
        self._call("Emulation.setEmulatedMedia",
                   features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=False)
        image = self._call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))
