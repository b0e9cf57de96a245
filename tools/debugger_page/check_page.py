"""Looks at the event debugger's page as an operator does, in Chromium.

A service with an integration in production and one in development posts to a
sandbox; events with every kind of outcome, one of them named like an attack on
the page, must show as they are, live, filtered, and without personal data.
"""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(__file__)
sys.path.insert(0, os.path.join(HERE, ".."))
from browser import Browser  # noqa: E402
from running_programs import Failure, Programs  # noqa: E402

# An event of this name must be harmless.
ATTACK = "<img src=x onerror=\"document.title='attacked'\">"
# Personal data: to be found nowhere on the page.
CANARY = "canary"

INTEGRATION = """
version: 2
parameters:
  api_key: sandbox-key
  api_secret: sandbox-secret
  s2s_host: %(sandbox)s
  allow_unlisted_host: true
  ca_file: %(ca_file)s
  environment: %(environment)s
%(more)s
"""
SERVICE = """
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
leave_seconds: 0
integrations_dir: integrations
"""
REFUSAL = {"answer": {"status": 400},
           "match": {"body_contains": "m-refused"}, "count": 1_000_000}


def start(programs):
    """The service's ports."""
    programs.start(
        "sandbox", "bazel-bin/tools/sandbox/mparticle_sandbox", "--listen=127.0.0.1:0",
        "--ca-out=" + programs.path("ca.pem"),
        "--faults=" + programs.write("faults.jsonl", json.dumps(REFUSAL) + "\n"),
        "--ready-file=" + programs.path("sandbox.ready"))
    sandbox = programs.ready_file("sandbox")["address"]
    for name, environment, more in (
            ("shop", "production", ""),
            ("shop-test", "development", "defaults: {action: send}")):
        programs.write(f"integrations/{name}.yaml", INTEGRATION % {
            "sandbox": sandbox, "ca_file": programs.path("ca.pem"),
            "environment": environment, "more": more})
    service = programs.start(
        "service", "bazel-bin/server/signal_delivery",
        "--config=" + programs.write("service.yaml", SERVICE),
        "--ready-file=" + programs.path("service.ready"))
    return service, programs.ready_file("service")


def event(message_id, **fields):
    return {"type": "track", "event": "Order Completed", "userId": f"{CANARY}-user",
            "messageId": message_id, "timestamp": "2026-01-01T00:00:00Z",
            "traits": {"email": f"{CANARY}@example.com", "first_name": CANARY},
            "context": {"ip": "203.0.113.50", "page": {"title": CANARY}},
            "properties": {
                "order_id": f"{CANARY}-order", "total": 8.5, "currency": "USD",
                "gift_message": f"for {CANARY}",
                "products": [{"product_id": "sku-1", "name": CANARY, "price": 8.5,
                              "quantity": 1}]},
            **fields}


def deliver(ports, integration, *events):
    # Whatever becomes of it: the page is what counts.
    subprocess.run(
        ["bazel-bin/tools/signalctl", "deliver", f"--server=127.0.0.1:{ports['port']}",
         "--integration=" + integration],
        input="".join(json.dumps(one) + "\n" for one in events).encode(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def expect(what, actual, expected):
    if actual != expected:
        raise Failure(f"{what}: expected {expected!r}, found {actual!r}")


# By message_id, the cells of each row.
ROWS = """Object.fromEntries([...document.querySelectorAll("tr.event")].map((row) => {
  const cells = [...row.children].map((cell) => cell.innerText.trim());
  return [cells[7], cells];
}))"""


def rows(browser):
    return browser.evaluate(ROWS)


def count(browser, number):
    browser.until(f"{number} events",
                  f'document.querySelectorAll("tr.event").length === {number}')


def set_filter(browser, name, value):
    browser.evaluate(f"""(() => {{
      const field = document.querySelector('[name={name}]');
      field.value = {json.dumps(value)};
      field.dispatchEvent(new Event("input", {{ bubbles: true }}));
    }})()""")


def check_rows(browser):
    shown = rows(browser)
    expect("the rows", sorted(shown), [
        "m-accepted", "m-attack", "m-dropped", "m-invalid", "m-refused"])
    for message_id, outcome, http in (
            ("m-accepted", "ACCEPTED\nTAKEN", "202"),
            ("m-attack", "ACCEPTED\nTAKEN", "202"),
            ("m-dropped", "DROPPED\nNOT_MAPPED", "–"),
            ("m-invalid", "REJECTED\nINVALID_EVENT", "–"),
            ("m-refused", "REJECTED\nREFUSED_AS_MALFORMED", "400")):
        cells = shown[message_id]
        expect(f"the outcome of {message_id}", cells[3], outcome)
        expect(f"the HTTP status of {message_id}", cells[4], http)
        expect(f"the tries of {message_id}", cells[5], "0" if http == "–" else "1")
    if not shown["m-accepted"][6].endswith("s"):
        raise Failure(f"no timing: {shown['m-accepted']}")
    expect("the mark of an event in production", shown["m-accepted"][1], "shop")
    if "DEVELOPMENT" not in shown["m-attack"][1]:
        raise Failure(f"development is not marked: {shown['m-attack']}")


def check_harmless(browser, page_url):
    expect("the attack's name", rows(browser)["m-attack"][2], ATTACK + " track")
    expect("images", browser.evaluate("document.images.length"), 0)
    expect("the title", browser.evaluate("document.title"), "Event debugger")
    # And if a mistake let a script in, the policy would not run it.
    expect("an inline script", browser.evaluate("""(() => {
      const script = document.createElement("script");
      try { script.textContent = "document.title = 'attacked'"; } catch { return "refused"; }
      document.head.append(script);
      return document.title;
    })()"""), "refused")
    expect("requests elsewhere", browser.evaluate(
        "performance.getEntriesByType('resource').every((entry) => "
        f"entry.name.startsWith({json.dumps(page_url)}))"), True)


def check_details(browser):
    browser.evaluate("""for (const row of document.querySelectorAll("tr.event")) row.click()""")
    text = browser.evaluate("document.body.innerText")
    for part in ("[text of ", '"action": "purchase"', '"price": 8.5', '"id": "sku-1"',
                 "Inspect the batch with a preview", "mParticle answered 400", "Environment",
                 "source_request_id", "Violations"):
        if part not in text:
            raise Failure(f"the details do not have {part!r}:\n{text}")
    source = browser.evaluate("document.documentElement.outerHTML")
    for personal in (CANARY, "203.0.113.50", "sandbox-secret"):
        if personal in source:
            raise Failure(f"{personal!r} is on the page")


def check(programs, screenshots):
    service, ports = start(programs)
    page_url = f"http://127.0.0.1:{ports['admin_port']}"
    browser = Browser(programs)
    browser.open(page_url + "/events")
    browser.until("that there is nothing yet",
                  'document.body.innerText.includes("No events yet")')
    # Live, without a reload.
    deliver(ports, "shop", event("m-accepted"),
            event("m-dropped", event="Never Heard Of"),
            event("m-invalid", userId=None, anonymousId=None))
    deliver(ports, "shop", event("m-refused"))
    deliver(ports, "shop-test", event("m-attack", event=ATTACK))
    count(browser, 5)
    check_rows(browser)
    check_harmless(browser, page_url)
    browser.screenshot(os.path.join(screenshots, "list.png"))
    check_details(browser)
    browser.screenshot(os.path.join(screenshots, "details.png"), height=1600)
    browser.screenshot(os.path.join(screenshots, "dark.png"), scheme="dark")
    browser.screenshot(os.path.join(screenshots, "narrow.png"), width=480)

    set_filter(browser, "outcome", "REJECTED")
    count(browser, 2)
    set_filter(browser, "reason", "INVALID_EVENT")
    count(browser, 1)
    browser.evaluate('document.querySelector("[type=reset]").click()')
    count(browser, 5)
    set_filter(browser, "event", ATTACK)
    count(browser, 1)
    set_filter(browser, "reason", "NONSENSE")
    browser.until("that a filter is wrong",
                  'document.getElementById("state").innerText.includes("no sense")')
    browser.evaluate('document.querySelector("[type=reset]").click()')
    count(browser, 5)

    programs.stop_one(service)
    browser.until("that the service is gone",
                  'document.getElementById("state").innerText.includes("does not answer")')
    count(browser, 5)
    # Of our own attempt to let a script in.
    complaints = [one for one in browser.complaints if "TrustedScript" not in one]
    expect("what the browser refused", len(browser.complaints) - len(complaints), 1)
    if complaints:
        raise Failure("the browser complains:\n" + "\n".join(complaints))
    print("check_debugger_page: 5 events show as they are, live and filtered; "
          "nothing personal, nothing that runs")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--screenshots", metavar="FOLDER")
    folder = parser.parse_args().screenshots
    programs = Programs("debugger-page")
    try:
        check(programs, folder or programs.folder)
    except Failure as failure:
        sys.exit(f"check_debugger_page: {failure}")
    finally:
        programs.stop()


if __name__ == "__main__":
    main()
