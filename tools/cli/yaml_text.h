// Pieces of YAML, each on one line, as ConfigNode reads them back.
#ifndef TOOLS_CLI_YAML_TEXT_H_
#define TOOLS_CLI_YAML_TEXT_H_

#include <string>
#include <vector>

#include "mapping/config_node.h"

namespace signal_delivery::cli {

// A text, in quotes where it would be none without them.
std::string YamlText(const std::string& text);
// A text, in quotes also where it would be a number or a truth value.
std::string YamlScalar(const mapping::Scalar& scalar);
// [a, b]
std::string YamlList(const std::vector<std::string>& pieces);
// {a: b, c: d} of "a: b", "c: d".
std::string YamlMap(const std::vector<std::string>& entries);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_YAML_TEXT_H_
