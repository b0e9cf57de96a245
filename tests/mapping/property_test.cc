// Random events mapped by random configurations keep the rules of
// tests/support/mapping_rules.h, and are mapped alike by type.
//
//   bazel run --config=opt //tests/mapping:property_test -- --cases=1000000
//
// A case is an event that reached a batch. tools/test runs 100,000 of them so,
// optimized; the test alone runs as many as take a minute without that.
// A failure says its seed; --seed=N --cases=100 repeats it.
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "mapping/config_node.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "tests/mapping/test_time.h"
#include "tests/support/mapping_rules.h"
#include "tests/support/random_choices.h"
#include "tests/support/random_config.h"
#include "tests/support/random_events.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::signal_delivery::support::ConsentCategories;
using ::signal_delivery::support::DifferenceByForm;
using ::signal_delivery::support::MakeRandomConfig;
using ::signal_delivery::support::MapAndCheck;
using ::signal_delivery::support::RandomChoices;
using ::signal_delivery::support::RandomConfig;
using ::signal_delivery::support::RandomEvents;

// How many events a configuration maps, and at most in one request.
constexpr int kEventsPerConfig = 100;
constexpr size_t kEventsPerRequest = 20;
// After so many failures there is nothing more to learn.
constexpr int kMaxFailures = 5;

struct Flags {
  int64_t cases = 35'000;
  uint64_t seed = 1;
  std::string write_batches;
};
Flags flags;

absl::StatusOr<std::unique_ptr<const Mapper>> MakeMapper(
    const RandomConfig& random, RandomChoices& choices) {
  auto file = ConfigNode::Parse(random.yaml, "random.yaml");
  if (!file.ok()) return file.status();
  auto config = LoadMappings(*file);
  if (!config.ok()) return config.status();
  Mapper::Options options;
  options.api_key = "key";
  options.source_request_id = !choices.OneIn(4);
  if (choices.OneIn(2)) {
    options.consent.required = {choices.Of(ConsentCategories())};
  }
  if (choices.OneIn(4)) {
    options.consent.when_missing = ConsentGate::WhenMissing::kDrop;
  }
  if (choices.OneIn(8)) options.in_future = TimePolicy::kReject;
  if (choices.OneIn(8)) options.too_old = TimePolicy::kReject;
  options.send_lone_identifies = choices.OneIn(2);
  options.delete_null_traits = choices.OneIn(2);
  if (choices.OneIn(4)) options.max_events_per_batch = 1 + choices.Below(3);
  return Mapper::Create(*config, std::move(options));
}

// Events and their fates, over all cases.
struct Tally {
  int64_t events = 0;
  // Those that reached a batch: a case is one of these, as of an event that is
  // refused there is little to get wrong.
  int64_t batched = 0;
  int64_t batches = 0;
  int failures = 0;
};

void RunSeed(uint64_t seed, std::ofstream& lines, Tally& tally) {
  RandomChoices choices(seed);
  const RandomConfig config = MakeRandomConfig(choices);
  const auto mapper = MakeMapper(config, choices);
  if (!mapper.ok()) {
    ++tally.failures;
    FAIL() << "seed " << seed << ": " << mapper.status() << "\n" << config.yaml;
  }
  for (int mapped_events = 0; mapped_events < kEventsPerConfig;) {
    const std::vector<Event> events =
        RandomEvents(choices, config.event_names, kEventsPerRequest);
    std::vector<std::string> broken;
    const MappedEvents mapped = MapAndCheck(**mapper, events, kNow, broken);
    if (const std::string other = DifferenceByForm(**mapper, events, kNow);
        !other.empty()) {
      broken.push_back(other);
    }
    if (!broken.empty()) {
      ++tally.failures;
      std::string texts;
      for (const Event& event : events) {
        absl::StrAppend(&texts, event.ShortDebugString().substr(0, 2000), "\n");
      }
      FAIL() << "seed " << seed << ": " << absl::StrJoin(broken, "\n") << "\n"
             << config.yaml << texts;
    }
    mapped_events += static_cast<int>(events.size());
    for (const PreparedBatch& batch : mapped.batches) {
      tally.batched += static_cast<int64_t>(batch.events.size());
      if (lines.is_open()) lines << "{\"body\":" << batch.body << "}\n";
    }
    tally.batches += static_cast<int64_t>(mapped.batches.size());
    tally.events += static_cast<int64_t>(events.size());
  }
}

TEST(PropertyTest, AnyEventsUnderAnyConfigurationKeepTheRules) {
  std::ofstream lines;
  if (!flags.write_batches.empty()) {
    lines.open(flags.write_batches);
    ASSERT_TRUE(lines.is_open()) << flags.write_batches;
  }
  Tally tally;
  uint64_t seed = flags.seed;
  for (; tally.batched < flags.cases && tally.failures < kMaxFailures; ++seed) {
    RunSeed(seed, lines, tally);
  }
  std::cout << "seeds " << flags.seed << " to " << seed - 1 << ": "
            << tally.events << " events, of which " << tally.batched
            << " went into " << tally.batches << " batches\n";
  // A test of events that are all refused would show nothing.
  EXPECT_GT(tally.batched, tally.events / 4);
}

}  // namespace
}  // namespace signal_delivery::mapping

int main(int argc, char** argv) {
  using signal_delivery::mapping::flags;
  testing::InitGoogleTest(&argc, argv);
  CLI::App app("Maps random events");
  app.add_option("--cases", flags.cases, "how many events are to reach a batch")
      ->capture_default_str();
  app.add_option("--seed", flags.seed, "of the first configuration")
      ->capture_default_str();
  app.add_option("--write-batches", flags.write_batches,
                 "a file for the batches, as tools/check_schema reads them");
  CLI11_PARSE(app, argc, argv);
  return RUN_ALL_TESTS();
}
