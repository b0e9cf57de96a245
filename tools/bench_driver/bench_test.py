"""What is judged and drawn, with figures that are made up."""

import unittest
import xml.etree.ElementTree

import cells
import flame_graph
import report
import soak
import targets


def rounds(**values):
    round_ = dict(
        calls_per_second=1000, cpu_us=50, ratio=1.2, rss_idle_mb=20, rss_load_mb=21,
        rss_after_mb=21, empty_rss_idle_mb=8, empty_rss_load_mb=12, body_bytes=1000, batches=1,
        floor_call_us=22, floor_post_us=20, floor_us=42, p50_ms=1, p90_ms=2, p99_ms=3)
    round_.update(values)
    return [round_]


class TargetsTest(unittest.TestCase):
    def missed(self, results):
        return [target.what for target in targets.of_cells(results) if not target.met]

    def test_good_figures_miss_nothing(self):
        self.assertEqual(self.missed({
            cells.ONE_EVENT: rounds(), cells.HUNDRED_EVENTS: rounds(cpu_us=400)}), [])

    def test_each_miss_is_named(self):
        self.assertEqual(
            self.missed({cells.ONE_EVENT: rounds(ratio=1.26, rss_idle_mb=40.5),
                         cells.HUNDRED_EVENTS: rounds(cpu_us=401),
                         cells.MANY_IN_FLIGHT: rounds(rss_load_mb=30)}),
            ["one-event call, CPU to the floor's", "100-event call, CPU per event", "RSS idle",
             "RSS growth with 256 calls in flight"])

    def test_the_median_of_the_rounds_counts(self):
        self.assertEqual(self.missed({
            cells.ONE_EVENT: rounds(ratio=9) + rounds(ratio=1.2) + rounds(ratio=1.1)}), [])

    def test_a_miss_is_in_the_report(self):
        text = report.misses(targets.of_mapping({"ns": 1600, "allocations": 5}))
        self.assertIn("1.60 us, target <= 1.5 us", text)
        self.assertNotIn("allocations", text)


class LatencyTest(unittest.TestCase):
    def test_the_table_has_all_that_is_measured(self):
        run = dict(rate=500, p50_ms=1.5, p90_ms=2.5, p99_ms=3.5, upstream_p50_ms=0.25,
                   upstream_p99_ms=0.5, empty_p50_ms=0.75, empty_p99_ms=1.25, added_p99_ms=3)
        lines = report.latency_table([(cells.ONE_EVENT, [run])]).splitlines()
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertIn("| 500 | 1.50 / 2.50 / 3.50 | 0.25 / 0.50 | 0.75 / 1.25 | 3.00 |", lines[-1])


class CellsTest(unittest.TestCase):
    def test_no_cell_is_measured_twice(self):
        for matrix in [cells.one_factor_at_a_time(), cells.full()]:
            self.assertEqual(len(matrix), len({cell.name() for cell in matrix}))

    def test_the_default_is_a_part_of_the_product(self):
        self.assertLessEqual(set(cells.one_factor_at_a_time()), set(cells.full()))

    def test_the_table_has_a_row_for_each(self):
        results = {cell: rounds() for cell in cells.one_factor_at_a_time()}
        lines = report.cells_table(results, {cells.ONE_EVENT: 80}).splitlines()
        self.assertEqual(len(lines), 2 + len(results))
        self.assertEqual(len({line.count("|") for line in lines}), 1)
        self.assertIn("| 20 / 21 / 21 | 8 / 12 |", lines[2])


class SoakTest(unittest.TestCase):
    def test_steady_figures_are_no_drift(self):
        self.assertEqual(soak.verdict([20, 30, 30.1, 30, 30.2, 30], [50] * 6), "")

    def test_memory_that_grows_all_the_time_is(self):
        self.assertIn("RSS grew", soak.verdict([20 + i for i in range(60)], [50] * 60))

    def test_descriptors_that_grow_all_the_time_are(self):
        self.assertIn("descriptors grew", soak.verdict([20] * 60, list(range(60))))


SAMPLES = """
    55d0 leaf(int)+0x12 (/usr/bin/x)
    55d1 std::map<int, std::vector<int> >::find(int const&)+0x1 (/usr/bin/x)
    55d2 main+0x10 (/usr/bin/x)

    55d0 leaf(int)+0x15 (/usr/bin/x)
    55d2 main+0x10 (/usr/bin/x)

    7fff [unknown] (/lib/libc.so.6)
"""


class FlameGraphTest(unittest.TestCase):
    def setUp(self):
        self.stacks = flame_graph.read_stacks(SAMPLES.splitlines())

    def test_reads_stacks_from_the_outside_in(self):
        self.assertEqual(dict(self.stacks), {
            ("main", "std::map<>::find", "leaf"): 1, ("main", "leaf"): 1, ("[libc.so.6]",): 1})

    def test_tells_what_took_the_time_itself_and_with_what_it_calls(self):
        shares = flame_graph.shares(self.stacks)
        self.assertIn(("leaf", 2 / 3, 2 / 3), shares)
        self.assertIn(("main", 0, 2 / 3), shares)

    def test_draws_every_frame(self):
        drawn = xml.etree.ElementTree.fromstring(flame_graph.svg(self.stacks, "a < b"))
        titles = [title.text for title in drawn.iter("{http://www.w3.org/2000/svg}title")]
        self.assertIn("main: 66.67 %", titles)
        self.assertEqual(len(titles), 6)


if __name__ == "__main__":
    unittest.main()
