#include "tests/mapping/mistake.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"

namespace signal_delivery::mapping {

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

std::string NameOf(const testing::TestParamInfo<Mistake>& info) {
  return info.param.name;
}

absl::Status Load(const std::string& yaml) {
  absl::StatusOr<ConfigNode> file = ConfigNode::Parse(yaml, "acme.yaml");
  if (!file.ok()) return file.status();
  absl::StatusOr<MappingConfig> config = LoadMappings(*file);
  if (!config.ok()) return config.status();
  return Mapper::Create(*config, {}).status();
}

void ExpectMessage(const Mistake& mistake) {
  const absl::Status status = Load(mistake.yaml);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), mistake.message);
}

std::string GlobalFile(const std::string& mapping) {
  return absl::StrCat("global:\n  mappings:\n    - {", mapping, "}\n");
}

std::string EventFile(const std::string& event_type,
                      const std::string& mapping) {
  return absl::StrCat(
      "events:\n  Made Up:\n    mappings:\n      - {target: event_type, "
      "value: ",
      event_type, "}\n      - {", mapping, "}\n");
}

}  // namespace signal_delivery::mapping
