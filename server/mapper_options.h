#ifndef SERVER_MAPPER_OPTIONS_H_
#define SERVER_MAPPER_OPTIONS_H_

#include "absl/status/statusor.h"
#include "mapping/config_node.h"
#include "mapping/mapper.h"

namespace signal_delivery::server {

// Reads what an integration's file says about mapping beside its mappings:
// environment, consent, times, identifies, batches. All but the api_key, which
// is a secret. The error says where what is wrong.
absl::StatusOr<mapping::Mapper::Options> ReadMapperOptions(
    const mapping::ConfigNode& file);

}  // namespace signal_delivery::server

#endif  // SERVER_MAPPER_OPTIONS_H_
