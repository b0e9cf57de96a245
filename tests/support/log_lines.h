#ifndef TESTS_SUPPORT_LOG_LINES_H_
#define TESTS_SUPPORT_LOG_LINES_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace signal_delivery::support {

// The lines of a log, each of which must be a JSON object with a time, a level
// and a message; fails the test where one is not.
std::vector<nlohmann::json> LogLines(const std::string& output);

// The last of them with this message; null where there is none.
nlohmann::json LastWith(const std::string& message, const std::string& output);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_LOG_LINES_H_
