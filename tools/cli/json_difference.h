#ifndef TOOLS_CLI_JSON_DIFFERENCE_H_
#define TOOLS_CLI_JSON_DIFFERENCE_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace signal_delivery::cli {

// Where `actual` is not what is expected, each with its path below `path`:
//
//   batches[0].events[0].data.currency_code: expected "USD", got "usd"
//
// The order of an object's members is of no matter, that of a list is. Values
// are shown as they are, the long ones cut.
std::vector<std::string> Differences(const nlohmann::ordered_json& expected,
                                     const nlohmann::ordered_json& actual,
                                     const std::string& path);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_JSON_DIFFERENCE_H_
