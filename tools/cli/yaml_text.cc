#include "tools/cli/yaml_text.h"

#include <yaml-cpp/yaml.h>

#include <charconv>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace signal_delivery::cli {
namespace {

// More than the shortest text that a double is read back from can take.
constexpr int kMaxNumberBytes = 32;

std::string Emitted(const std::string& text, bool in_quotes) {
  YAML::Emitter out;
  // What may stand in a list or map on one line may stand anywhere.
  out << YAML::Flow << YAML::BeginSeq;
  if (in_quotes) out << YAML::DoubleQuoted;
  out << text << YAML::EndSeq;
  const std::string list = out.c_str();
  return list.substr(1, list.size() - 2);
}

}  // namespace

std::string YamlText(const std::string& text) {
  return Emitted(text, /*in_quotes=*/false);
}

std::string YamlScalar(const mapping::Scalar& scalar) {
  if (const bool* truth = std::get_if<bool>(&scalar)) {
    return *truth ? "true" : "false";
  }
  if (const double* number = std::get_if<double>(&scalar)) {
    char text[kMaxNumberBytes];
    const auto end = std::to_chars(text, text + sizeof(text), *number).ptr;
    return std::string(text, end);
  }
  const std::string& text = std::get<std::string>(scalar);
  double ignored;
  return Emitted(text, text == "true" || text == "false" ||
                           absl::SimpleAtod(text, &ignored));
}

std::string YamlList(const std::vector<std::string>& pieces) {
  return absl::StrCat("[", absl::StrJoin(pieces, ", "), "]");
}

std::string YamlMap(const std::vector<std::string>& entries) {
  return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
}

}  // namespace signal_delivery::cli
