#ifndef SERVER_TRACES_CONFIG_H_
#define SERVER_TRACES_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "mapping/config_node.h"

namespace signal_delivery::server {

// Where spans go and how many (the key `traces`; see service_config.h).
struct TracesConfig {
  // "http://127.0.0.1:4318", and what comes before "/v1/traces" in the path.
  std::string collector;
  std::string path_prefix;
  // Of the traces that begin here, from 0 to 1.
  double sample_ratio = 0.01;

  friend bool operator==(const TracesConfig&, const TracesConfig&) = default;
};

// The error says where in the file what is wrong, and what to write instead.
absl::StatusOr<TracesConfig> ReadTraces(const mapping::ConfigNode& traces);

}  // namespace signal_delivery::server

#endif  // SERVER_TRACES_CONFIG_H_
