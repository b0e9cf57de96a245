// Any bytes as the choices that make a request's events, mapped by one of some
// configurations: the rules of tests/support/mapping_rules.h hold. The first
// byte chooses the configuration.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/config_node.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "tests/fuzz/require.h"
#include "tests/support/mapping_rules.h"
#include "tests/support/random_choices.h"
#include "tests/support/random_config.h"
#include "tests/support/random_events.h"

namespace signal_delivery::fuzz {
namespace {

using ::datafly::signal::v1::Event;
using ::signal_delivery::mapping::ConfigNode;
using ::signal_delivery::mapping::LoadMappings;
using ::signal_delivery::mapping::Mapper;
using ::signal_delivery::support::MapAndCheck;
using ::signal_delivery::support::RandomChoices;
using ::signal_delivery::support::RandomConfig;
using ::signal_delivery::support::RandomEvents;

// The preset alone, and so many random configurations.
constexpr size_t kConfigurations = 64;
constexpr size_t kMostEvents = 8;
// About the time of random events.
constexpr absl::Time kNow = absl::FromUnixSeconds(1'706'540'010);

struct Configuration {
  std::unique_ptr<const Mapper> mapper;
  std::vector<std::string> event_names;
};

Configuration MakeConfiguration(size_t index) {
  RandomConfig random{.yaml = "preset: default",
                      .event_names = {"Order Completed", "Product Viewed"}};
  Mapper::Options options{.api_key = "key"};
  if (index > 0) {
    RandomChoices choices(index);
    random = MakeRandomConfig(choices);
    options.send_lone_identifies = choices.OneIn(2);
    options.delete_null_traits = choices.OneIn(2);
  }
  const auto file = ConfigNode::Parse(random.yaml, "random.yaml");
  Require(file.ok(), "a configuration that is not YAML: " + random.yaml);
  const auto config = LoadMappings(*file);
  Require(config.ok(), config.status().ToString());
  auto mapper = Mapper::Create(*config, std::move(options));
  Require(mapper.ok(), mapper.status().ToString());
  return {*std::move(mapper), std::move(random.event_names)};
}

const Configuration& Choose(RandomChoices& choices) {
  static auto& configurations = *new std::vector<Configuration>([] {
    std::vector<Configuration> made;
    for (size_t i = 0; i < kConfigurations; ++i) {
      made.push_back(MakeConfiguration(i));
    }
    return made;
  }());
  return configurations[choices.Below(configurations.size())];
}

void MapChoices(RandomChoices choices) {
  const Configuration& configuration = Choose(choices);
  const std::vector<Event> events =
      RandomEvents(choices, configuration.event_names, kMostEvents);
  std::vector<std::string> broken;
  MapAndCheck(*configuration.mapper, events, kNow, broken);
  Require(broken.empty(), absl::StrJoin(broken, "; "));
}

}  // namespace
}  // namespace signal_delivery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  signal_delivery::fuzz::MapChoices(signal_delivery::support::RandomChoices(
      absl::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
