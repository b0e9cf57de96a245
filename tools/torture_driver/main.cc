// torture_driver: see README.md in this folder. tools/torture builds what it
// needs and starts it.
//
// Exit codes: 0 all that must hold does; 1 it does not; 2 wrong usage, or the
// programs could not be run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "mapping/status_macros.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/callers.h"
#include "tools/torture_driver/ledger.h"
#include "tools/torture_driver/reconciliation.h"
#include "tools/torture_driver/record_reader.h"
#include "tools/torture_driver/report.h"
#include "tools/torture_driver/schedule.h"
#include "tools/torture_driver/site.h"

namespace signal_delivery::torture {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitCannotRun = 2;
// The longest retry_after of the service is a minute, after a 401; what is held
// back behind such an event waits for it.
constexpr absl::Duration kDrainTime = absl::Seconds(150);
constexpr int kLeastSeconds = 25;

struct Arguments {
  Site::Options site;
  int seconds = 120;
  int64_t events = 0;
  uint64_t seed = 1;
  std::string report_file;
};

absl::Status Torture(const Arguments& arguments, Outcome& outcome) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(std::unique_ptr<Site> site, Site::Start(arguments.site));
  Ledger ledger;
  CallLog log;
  Schedule schedule(arguments.seed, *site);
  {
    Callers callers({.servers = site->servers(), .seed = arguments.seed},
                    ledger, log);
    const absl::Duration total = absl::Seconds(arguments.seconds);
    const auto is_over = [&] {
      return arguments.events > 0
                 ? ledger.size() >= arguments.events
                 : absl::Now() - start >= total - absl::Seconds(2);
    };
    RETURN_IF_ERROR(schedule.Run(
        arguments.events > 0 ? kMostCruelTime : Schedule::CruelTime(total),
        is_over, [&](bool calm) { callers.SetCalm(calm); }));
    callers.SetCalm(true);
    const absl::Time give_up = absl::Now() + kDrainTime;
    RETURN_IF_ERROR(schedule.Wait(
        [&] { return callers.Drain() || absl::Now() > give_up; }));
  }
  outcome.command = absl::StrCat(
      "tools/torture ",
      arguments.events > 0 ? absl::StrCat("--events=", arguments.events)
                           : absl::StrCat("--seconds=", arguments.seconds),
      " --seed=", arguments.seed);
  outcome.seed = arguments.seed;
  outcome.calls = log.totals();
  outcome.recovery = log.LongestRecovery(schedule.calms());
  outcome.errors_in_calm = log.ErrorsInCalm(schedule.calms(), kRecovery);
  outcome.broken_without_cause =
      log.BrokenWithoutCause(schedule.outages(), kReconnectTime);
  outcome.late_errors = log.LateErrors(schedule.calms(), kRecovery);
  outcome.actions = schedule.Actions();
  outcome.bad_ends = schedule.bad_ends();

  Reconciliation reconciliation(ledger);
  RETURN_IF_ERROR(ReadRecord(
      site->record_file(),
      [&](const TakenBatch& batch) { reconciliation.Add(batch); },
      outcome.record));
  outcome.findings = reconciliation.Finish();
  outcome.time = absl::Now() - start;
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "Drives the service against the sandbox under faults, and holds what "
      "callers were told against what was taken.");
  app.add_option("--service", arguments.site.service, "the service's program")
      ->required();
  app.add_option("--sandbox", arguments.site.sandbox, "the sandbox's program")
      ->required();
  app.add_option("--libc-faults", arguments.site.libc_faults,
                 "libc_faults.so, for the service")
      ->required();
  app.add_option("--folder", arguments.site.folder, "an empty folder for files")
      ->required();
  CLI::Option* seconds =
      app.add_option("--seconds", arguments.seconds, "how long to torture")
          ->check(CLI::Range(kLeastSeconds, 7 * 24 * 3600))
          ->capture_default_str();
  app.add_option("--events", arguments.events,
                 "at least so many events, instead of --seconds")
      ->check(CLI::PositiveNumber)
      ->excludes(seconds);
  app.add_option("--seed", arguments.seed, "what the faults follow from")
      ->capture_default_str();
  app.add_option("--report", arguments.report_file,
                 "where to write the report as Markdown");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitCannotRun;
  }

  Outcome outcome;
  const absl::Status status = Torture(arguments, outcome);
  if (!status.ok()) {
    std::cerr << "torture: " << status.message() << "\n";
    return kExitCannotRun;
  }
  const Report report = MakeReport(outcome);
  std::cout << report.text << std::flush;
  if (!arguments.report_file.empty()) {
    std::ofstream file(arguments.report_file);
    file << report.markdown;
    file.close();
    if (!file) {
      std::cerr << "torture: cannot write " << arguments.report_file << "\n";
      return kExitCannotRun;
    }
  }
  return report.passed ? 0 : kExitFailed;
}

}  // namespace
}  // namespace signal_delivery::torture

int main(int argc, char** argv) {
  return signal_delivery::torture::Main(argc, argv);
}
