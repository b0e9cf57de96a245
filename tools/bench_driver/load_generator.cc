// Calls DeliverEvents of the service or of floor_server and prints one line of
// JSON: what it measured, of the server's process, too. tools/bench starts it.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "nlohmann/json.hpp"
#include "tools/bench_driver/load.h"
#include "tools/bench_driver/process_watch.h"

namespace signal_delivery::bench {
namespace {

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

nlohmann::json ToJson(const Load::Report& report) {
  const auto milliseconds = [&report](double percent) {
    return std::chrono::duration<double, std::milli>(
               report.latencies.Percentile(percent))
        .count();
  };
  return {
      {"seconds", report.seconds},
      {"calls", report.calls},
      {"failed_calls", report.failed_calls},
      {"other_outcomes", report.other_outcomes},
      {"first_failure", report.first_failure},
      {"p50_ms", milliseconds(50)},
      {"p90_ms", milliseconds(90)},
      {"p99_ms", milliseconds(99)},
      {"cpu_seconds", std::chrono::duration<double>(report.cpu_time).count()},
      {"allocations", report.allocations}};
}

int Main(int argc, char** argv) {
  Load::Options options;
  pid_t watched = 0;
  std::string allocations_file;
  double warm_up = 1;
  double seconds = 3;
  bool floor = false;
  bool body_sizes = false;
  CLI::App app("Calls DeliverEvents and measures.");
  app.add_option("--server", options.server, "HOST:PORT")->required();
  app.add_option("--watch", watched, "the server's process")->required();
  app.add_option("--ca", options.ca_file, "PEM; without it plaintext");
  app.add_option("--allocations", allocations_file,
                 "file that the server counts its allocations in");
  app.add_option("--integration", options.shape.integration);
  app.add_option("--events", options.shape.events, "a call");
  app.add_option("--users", options.shape.users, "a call");
  app.add_option("--properties", options.shape.properties, "an event");
  app.add_option("--connections", options.connections);
  app.add_option("--in-flight", options.in_flight, "calls");
  CLI::Option* const streams =
      app.add_flag("--streams", options.streams,
                   "requests of DeliverStream instead of calls");
  app.add_option("--rate", options.rate, "calls a second; 0: closed loop");
  app.add_option("--warm-up", warm_up, "seconds");
  app.add_option("--seconds", seconds, "to measure for");
  app.add_flag("--floor", floor, "the server's answers hold no results")
      ->excludes(streams);
  app.add_flag("--body-sizes", body_sizes,
               "only prints what the events of a call become")
      ->excludes(streams);
  CLI11_PARSE(app, argc, argv);
  options.warm_up = Seconds(warm_up);
  options.time = Seconds(seconds);
  options.expects_results = !floor;
  const ProcessWatch watch(watched, allocations_file);
  Load load(options, watch);
  std::cout << (body_sizes ? nlohmann::json(load.BodySizes())
                           : ToJson(load.Run()))
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace signal_delivery::bench

int main(int argc, char** argv) {
  return signal_delivery::bench::Main(argc, argv);
}
