#ifndef TOOLS_CLI_MAPPINGS_TEXT_H_
#define TOOLS_CLI_MAPPINGS_TEXT_H_

#include <string>

#include "mapping/mapping_config.h"
#include "tools/cli/config_layers.h"

namespace signal_delivery::cli {

// `global`, `defaults` and `events` of `config` as YAML in version 2, with the
// place that a line comes from behind it. Below `preset: none` it is read back
// as a configuration that maps alike. `layers` are those that `config` was
// loaded from.
std::string MappingsText(const mapping::MappingConfig& config,
                         const ConfigLayers& layers);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_MAPPINGS_TEXT_H_
