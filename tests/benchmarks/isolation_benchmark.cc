// What an integration costs its neighbours in the same service when its host is
// ill. One service, one network thread for all, so that nothing is kept apart
// by chance; callers of `good` call at a steady rate, and round by round
// nobody else does or the callers of one neighbour do, too.
//
//   bazel run --config=opt //tests/benchmarks:isolation_benchmark
//
// The neighbour `well` is in order: what it costs, any neighbour does. Ends
// with 1 where a call of `good` was not accepted, since then its times mean
// nothing; what they are does not matter for the exit code.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/steady_caller.h"
#include "tests/benchmarks/upstreams.h"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::benchmarks {
namespace {

constexpr char kAlone[] = "(alone)";
// Posts to the host of `good`, which answers it nothing.
constexpr char kSameHost[] = "same-host";
// Of `good`: long enough for every call.
constexpr absl::Duration kDeadline = absl::Seconds(20);
// Of its neighbours: so short that many of their calls end by it.
constexpr absl::Duration kShortDeadline = absl::Milliseconds(300);
// How much more than alone the slowest hundredth of calls may take.
constexpr double kMostRatio = 1.10;

struct Options {
  int rounds = 7;
  double seconds = 5;
  // Of each integration. The machine must be far from busy at twice that.
  double calls_per_second = 100;
  // How long mParticle takes to answer; see client/concurrency_limit.h.
  int upstream_ms = 30;
};

// What was measured in all rounds with one neighbour.
struct Rounds {
  std::vector<double> p50;  // milliseconds
  std::vector<double> p99;
  std::vector<double> cpu;  // of the service: share of one core, in percent
  int neighbours_calls = 0;
  int neighbours_accepted = 0;
};

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double Percentile(const SteadyCaller::Report& report, double percent) {
  const auto last = static_cast<double>(report.latencies.size() - 1);
  return absl::ToDoubleMilliseconds(
      report.latencies[static_cast<size_t>(last * percent / 100)]);
}

std::vector<Upstream> MakeUpstreams(const Options& options) {
  const auto always = [](const std::string& what) {
    return absl::StrCat("{", what, R"(, "count": 1000000000})");
  };
  // Callers name their events after their integration.
  const std::string stalls_one = always(absl::StrCat(
      R"("fault": "stall", "match": {"body_contains": ")", kSameHost, R"("})"));
  const std::string in_order =
      always(absl::StrCat(R"("delay_ms": )", options.upstream_ms));
  std::vector<Upstream> upstreams;
  upstreams.push_back(
      Upstream::Sandbox("good", absl::StrCat(stalls_one, "\n", in_order)));
  upstreams.push_back(Upstream::Sandbox("well", in_order));
  upstreams.push_back(Upstream::Dead("dead"));
  upstreams.push_back(Upstream::Hung("no-handshake"));
  upstreams.push_back(
      Upstream::Sandbox("no-answer", always(R"("fault": "stall")")));
  upstreams.push_back(
      Upstream::Sandbox("slow-2s", always(R"("delay_ms": 2000)")));
  for (const int status : {401, 503}) {
    upstreams.push_back(Upstream::Sandbox(
        absl::StrCat("always-", status),
        always(absl::StrCat(R"("answer": {"status": )", status, "}"))));
  }
  upstreams.push_back(Upstream::SameHost(kSameHost, upstreams.front()));
  return upstreams;
}

// The service's program, with an integration for each upstream.
class Service {
 public:
  explicit Service(const std::vector<Upstream>& upstreams) {
    for (const Upstream& upstream : upstreams) {
      upstream.WriteIntegration(folder_);
    }
    const std::string ready_file = folder_.path() + "/ready.json";
    process_ = std::make_unique<support::ChildProcess>(
        "server/signal_delivery",
        std::vector<std::string>{
            "--config=" + folder_.Write("service.yaml",
                                        "listen: 127.0.0.1:0\n"
                                        "network_threads: 1\n"
                                        "leave_seconds: 0\n"
                                        "integrations_dir: integrations\n"),
            "--ready-file=" + ready_file});
    if (process_->WaitForLineWith("takes calls")) {
      port_ = nlohmann::json::parse(std::ifstream(ready_file))["port"];
    }
  }

  // 0 where it did not start.
  int port() const { return port_; }
  absl::Duration CpuTime() const { return process_->CpuTime(); }
  const std::string& output() const { return process_->output(); }

 private:
  support::ConfigFolder folder_;
  std::unique_ptr<support::ChildProcess> process_;
  int port_ = 0;
};

class Benchmark {
 public:
  Benchmark(const Options& options, const Service& service)
      : options_(options), service_(service), good_(CallerOf("good")) {}

  // A round of `good` with that neighbour, or with none. False where a call of
  // `good` was not accepted.
  bool Run(const std::string& neighbour, Rounds& rounds) {
    const absl::Duration time = absl::Seconds(options_.seconds);
    SteadyCaller::Report others;
    const absl::Duration cpu_before = service_.CpuTime();
    std::thread others_thread;
    if (neighbour != kAlone) {
      SteadyCaller& caller =
          neighbours_.try_emplace(neighbour, CallerOf(neighbour)).first->second;
      others_thread = std::thread([&] { others = caller.Run(time); });
    }
    const SteadyCaller::Report report = good_.Run(time);
    if (others_thread.joinable()) others_thread.join();
    const absl::Duration cpu = service_.CpuTime() - cpu_before;

    rounds.p50.push_back(Percentile(report, 50));
    rounds.p99.push_back(Percentile(report, 99));
    rounds.cpu.push_back(100 * absl::FDivDuration(cpu, time));
    rounds.neighbours_calls += static_cast<int>(others.latencies.size());
    rounds.neighbours_accepted += others.accepted;
    return report.accepted == static_cast<int>(report.latencies.size());
  }

 private:
  SteadyCaller::Options CallerOf(const std::string& integration) const {
    return {.port = service_.port(),
            .integration = integration,
            .calls_per_second = options_.calls_per_second,
            .deadline = integration == "good" ? kDeadline : kShortDeadline};
  }

  const Options options_;
  const Service& service_;
  SteadyCaller good_;
  std::map<std::string, SteadyCaller> neighbours_;
};

void Print(const std::vector<Upstream>& upstreams,
           const std::map<std::string, Rounds>& results) {
  const Rounds& alone = results.at(kAlone);
  const double base = Median(alone.p99);
  std::printf(
      "neighbour       p50 ms   p99 ms   p99 of the rounds   "
      "to alone   service's CPU   its calls accepted\n");
  const auto print = [&](const std::string& name) {
    const Rounds& rounds = results.at(name);
    const auto [least, most] =
        std::minmax_element(rounds.p99.begin(), rounds.p99.end());
    const double ratio = Median(rounds.p99) / base;
    std::printf("%-14s %7.2f  %7.2f  %7.2f to %7.2f   %8.3f   %10.1f %%   ",
                name.c_str(), Median(rounds.p50), Median(rounds.p99), *least,
                *most, ratio, Median(rounds.cpu));
    if (name == kAlone) return static_cast<void>(std::puts(""));
    std::printf("%6d of %-6d %s\n", rounds.neighbours_accepted,
                rounds.neighbours_calls, ratio <= kMostRatio ? "PASS" : "FAIL");
  };
  print(kAlone);
  for (const Upstream& upstream : upstreams) {
    if (upstream.name() != "good") print(upstream.name());
  }
  const auto [least, most] =
      std::minmax_element(alone.p99.begin(), alone.p99.end());
  std::printf(
      "PASS: the median p99 is at most %.0f %% above that of alone. "
      "Noise: alone, the p99 of single rounds is from %.0f %% below it "
      "to %.0f %% above.\n",
      100 * (kMostRatio - 1), 100 * (1 - *least / base),
      100 * (*most / base - 1));
}

int Main(const Options& options) {
  const std::vector<Upstream> upstreams = MakeUpstreams(options);
  const Service service(upstreams);
  if (service.port() == 0) {
    std::fprintf(stderr, "the service did not start: %s\n",
                 service.output().c_str());
    return 1;
  }
  Benchmark benchmark(options, service);
  std::map<std::string, Rounds> results;
  Rounds warm_up;
  bool all_accepted = benchmark.Run(kAlone, warm_up);
  for (int round = 0; round < options.rounds; ++round) {
    for (const Upstream& upstream : upstreams) {
      if (upstream.name() == "good") continue;
      for (const std::string& name : {std::string(kAlone), upstream.name()}) {
        all_accepted = benchmark.Run(name, results[name]) && all_accepted;
      }
    }
  }
  Print(upstreams, results);
  if (!all_accepted) std::fprintf(stderr, "`good` had calls not accepted\n");
  return all_accepted ? 0 : 1;
}

}  // namespace
}  // namespace signal_delivery::benchmarks

int main(int argc, char** argv) {
  signal_delivery::benchmarks::Options options;
  CLI::App app("What an ill neighbour costs an integration.");
  app.add_option("--rounds", options.rounds, "with each neighbour")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "of a round")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rate", options.calls_per_second,
                 "calls a second to each integration")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--upstream-ms", options.upstream_ms,
                 "how long mParticle takes to answer")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return signal_delivery::benchmarks::Main(options);
}
