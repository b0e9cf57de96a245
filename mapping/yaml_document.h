#ifndef MAPPING_YAML_DOCUMENT_H_
#define MAPPING_YAML_DOCUMENT_H_

#include <yaml-cpp/yaml.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// "file:line:column", 1-based; the file alone where there is no mark.
std::string FormatMark(const std::string& file, const YAML::Mark& mark);

// The most values of a document: ten times what the largest preset has. An
// alias counts with all that it stands for, as a few lines of aliases could
// stand for billions.
inline constexpr size_t kMaxYamlValues = 100'000;

// The one document of a text; a null node where the text has none. `file` only
// names the text in errors. An error: what is not YAML, a second document, an
// alias inside of what it stands for, more than kMaxYamlValues.
absl::StatusOr<YAML::Node> ParseYaml(absl::string_view text,
                                     const std::string& file);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_YAML_DOCUMENT_H_
