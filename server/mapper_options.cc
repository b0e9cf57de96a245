#include "server/mapper_options.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "mapping/status_macros.h"
#include "server/integration_keys.h"

namespace signal_delivery::server {
namespace {

namespace v2 = ::mparticle::events::v2;
using mapping::ConfigNode;
using mapping::ConsentGate;
using mapping::TimePolicy;

// A request has no more events; a larger number would say nothing.
constexpr int kMaxEventsPerBatch = 10'000;

// A choice between two words; true for `chosen`, false for `other` and where
// `key` is absent.
absl::StatusOr<bool> ReadChoice(const ConfigNode& map, absl::string_view key,
                                absl::string_view other,
                                absl::string_view chosen) {
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> node, map.FindFilled(key));
  if (!node.has_value()) return false;
  ASSIGN_OR_RETURN(const std::string word, node->AsString());
  if (word == other || word == chosen) return word == chosen;
  return node->UnknownWord("choice", word,
                           {std::string(other), std::string(chosen)});
}

absl::StatusOr<ConsentGate> ReadConsent(const ConfigNode& file) {
  ConsentGate gate;
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> consent,
                   file.FindFilled("consent"));
  if (!consent.has_value()) return gate;
  RETURN_IF_ERROR(consent->ExpectKeys(ConsentKeys()));
  ASSIGN_OR_RETURN(ConfigNode required, consent->Require("required"));
  ASSIGN_OR_RETURN(std::vector<ConfigNode> items, required.Items());
  for (const ConfigNode& item : items) {
    ASSIGN_OR_RETURN(gate.required.emplace_back(), item.AsString());
  }
  ASSIGN_OR_RETURN(const bool drop,
                   ReadChoice(*consent, "when_missing", "deliver", "drop"));
  if (drop) gate.when_missing = ConsentGate::WhenMissing::kDrop;
  return gate;
}

absl::StatusOr<v2::Environment> ReadEnvironment(const ConfigNode& file) {
  const std::optional<ConfigNode> parameters = file.Find("parameters");
  if (!parameters.has_value()) return v2::ENVIRONMENT_PRODUCTION;
  // Test events in production cannot be taken back: so it must be said.
  if (!parameters->Find("environment").has_value()) {
    return parameters->Error(
        "\"environment\" is missing; write `production` or `development`");
  }
  ASSIGN_OR_RETURN(
      const bool is_development,
      ReadChoice(*parameters, "environment", "production", "development"));
  return is_development ? v2::ENVIRONMENT_DEVELOPMENT
                        : v2::ENVIRONMENT_PRODUCTION;
}

absl::StatusOr<TimePolicy> ReadTimePolicy(const ConfigNode& event_time,
                                          absl::string_view key) {
  ASSIGN_OR_RETURN(const bool reject,
                   ReadChoice(event_time, key, "send", "reject"));
  return reject ? TimePolicy::kReject : TimePolicy::kSend;
}

}  // namespace

absl::StatusOr<mapping::Mapper::Options> ReadMapperOptions(
    const ConfigNode& file) {
  mapping::Mapper::Options options;
  ASSIGN_OR_RETURN(options.environment, ReadEnvironment(file));
  ASSIGN_OR_RETURN(options.consent, ReadConsent(file));
  if (std::optional<ConfigNode> node = file.Find("source_request_id")) {
    ASSIGN_OR_RETURN(options.source_request_id, node->AsBool());
  }
  if (std::optional<ConfigNode> node = file.Find("event_time")) {
    RETURN_IF_ERROR(node->ExpectKeys(EventTimeKeys()));
    ASSIGN_OR_RETURN(options.in_future, ReadTimePolicy(*node, "in_future"));
    ASSIGN_OR_RETURN(options.too_old, ReadTimePolicy(*node, "too_old"));
  }
  ASSIGN_OR_RETURN(options.send_lone_identifies,
                   ReadChoice(file, "lone_identifies", "drop", "send"));
  ASSIGN_OR_RETURN(options.delete_null_traits,
                   ReadChoice(file, "null_traits", "ignore", "delete"));
  if (std::optional<ConfigNode> node = file.Find("max_events_per_batch")) {
    ASSIGN_OR_RETURN(options.max_events_per_batch,
                     node->AsInt(1, kMaxEventsPerBatch));
  }
  return options;
}

}  // namespace signal_delivery::server
