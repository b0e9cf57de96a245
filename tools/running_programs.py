"""Programs that a check starts, waits for and ends."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE_SECONDS = 60


class Failure(Exception):
    """Something that does not hold, for a person to read."""


class Programs:
    """The programs under way, and the folder that they have for themselves."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"signal-delivery-{name}.")
        self._running = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, name, *command, **more):
        with open(self.path(name + ".log"), "wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **more)
        self._running.append(process)
        return process

    def log(self, name):
        with open(self.path(name + ".log"), encoding="utf-8") as log:
            return log.read()

    def until(self, name, what):
        """Waits for what() to be something, while all programs run."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            result = what()
            if result:
                return result
            if any(process.poll() is not None for process in self._running):
                break
            time.sleep(0.05)
        raise Failure(f"{name} did not start:\n{self.log(name)}")

    def ready_file(self, name):
        path = self.path(name + ".ready")
        self.until(name, lambda: os.path.exists(path))
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def stop_one(self, process):
        """Lets it end as it wants."""
        self._running.remove(process)
        process.send_signal(signal.SIGTERM)
        process.wait()

    def stop(self):
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        # What a killed program leaves behind may still be written to.
        shutil.rmtree(self.folder, ignore_errors=True)
