#ifndef SERVER_INTEGRATION_KEYS_H_
#define SERVER_INTEGRATION_KEYS_H_

#include "absl/types/span.h"
#include "mapping/config_node.h"

// The keys of an integration's file but for those of its mappings, which are
// mapping's business (mapping_config.h, field_mapping.h).
namespace signal_delivery::server {

// At the top.
absl::Span<const mapping::ConfigKey> IntegrationKeys();

// Of `parameters`, `consent` and `event_time`.
absl::Span<const mapping::ConfigKey> ParameterKeys();
absl::Span<const mapping::ConfigKey> ConsentKeys();
absl::Span<const mapping::ConfigKey> EventTimeKeys();

}  // namespace signal_delivery::server

#endif  // SERVER_INTEGRATION_KEYS_H_
