"""The gate must let good reports pass and hold bad ones up, each for its reason."""

import copy
import unittest

import gate

GOOD = {
    "count": 200,
    "rps": 150.2,
    "statusCodeDistribution": {"OK": 200},
    "errorDistribution": {},
    "latencyDistribution": [
        {"percentage": percentage, "latency": milliseconds * 1000000}
        for percentage, milliseconds in [(10, 1), (25, 2), (50, 4), (75, 6), (90, 9), (95, 12), (99, 40)]],
    "tags": {"gate_p50_ms": "5", "gate_p99_ms": "50", "team": "anything"},
}
BEFORE = 'signal_delivery_events_total{integration="a",outcome="ACCEPTED",reason="TAKEN"} 100\n'
AFTER = 'signal_delivery_events_total{integration="a",outcome="ACCEPTED",reason="TAKEN"} 300\n'


def changed(**values):
    return dict(copy.deepcopy(GOOD), **values)


class CallsTest(unittest.TestCase):
    def test_calls_that_are_all_ok_pass(self):
        self.assertEqual(gate.check_calls(GOOD), [])

    def test_another_status_is_named(self):
        problems = gate.check_calls(changed(statusCodeDistribution={"OK": 199, "Unavailable": 1}))
        self.assertEqual(problems, ["1 calls ended with Unavailable"])

    def test_an_error_is_named(self):
        problems = gate.check_calls(changed(errorDistribution={"connection refused": 3}))
        self.assertEqual(problems, ["3 calls: connection refused"])

    def test_a_test_without_calls_does_not_pass(self):
        self.assertEqual(gate.check_calls(changed(count=0, statusCodeDistribution={})),
                         ["no call succeeded"])
        self.assertEqual(gate.check_calls({}), ["no call succeeded"])


class LatencyTest(unittest.TestCase):
    def test_within_the_limits_passes(self):
        self.assertEqual(gate.check_latency(GOOD), [])

    def test_beyond_a_limit_is_named(self):
        self.assertEqual(gate.check_latency(changed(tags={"gate_p99_ms": "39.5"})),
                         ["p99 is 40.0 ms, and at most 39.5 ms are allowed"])

    def test_a_limit_that_nothing_was_measured_for_does_not_pass(self):
        self.assertEqual(gate.check_latency(changed(latencyDistribution=None)),
                         ["ghz reports no p50", "ghz reports no p99"])

    def test_a_limit_that_is_not_known_does_not_pass(self):
        self.assertEqual(gate.check_latency(changed(tags={"gate_p98_ms": "1"})),
                         ["the tag gate_p98_ms is no limit that this gate knows"])


class EventsTest(unittest.TestCase):
    def test_events_that_are_all_accepted_pass(self):
        self.assertEqual(gate.check_events(BEFORE, AFTER, 200), [])

    def test_every_event_of_every_call_is_expected(self):
        report = changed(options={"data": {"integration_id": "a", "events": [{}, {}]}})
        self.assertEqual(gate.sent_events(report), 400)

    def test_another_outcome_is_named_though_its_call_was_ok(self):
        lost = 'signal_delivery_events_total{integration="a",outcome="UNKNOWN",reason="UPSTREAM_ERROR"} 2\n'
        self.assertEqual(gate.check_events(BEFORE, AFTER + lost, 200),
                         ["2 events were UNKNOWN (UPSTREAM_ERROR)"])

    def test_what_was_counted_before_does_not_matter(self):
        lost = 'signal_delivery_events_total{integration="a",outcome="UNKNOWN",reason="UPSTREAM_ERROR"} 2\n'
        self.assertEqual(gate.check_events(BEFORE + lost, AFTER + lost, 200), [])

    def test_events_that_were_not_counted_do_not_pass(self):
        self.assertEqual(gate.check_events(BEFORE, BEFORE, 200),
                         ["only 0 of 200 events were ACCEPTED"])


if __name__ == "__main__":
    unittest.main()
