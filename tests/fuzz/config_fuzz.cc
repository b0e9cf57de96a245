// Any text as an integration's configuration: it is understood, or the error
// says where it is wrong.
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "mapping/config_node.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/status_macros.h"
#include "server/integration_keys.h"
#include "server/mapper_options.h"
#include "tests/fuzz/require.h"

namespace signal_delivery::fuzz {
namespace {

using ::signal_delivery::mapping::ConfigNode;
using ::signal_delivery::mapping::LoadMappings;
using ::signal_delivery::mapping::Mapper;
using ::signal_delivery::mapping::MappingConfig;

absl::Status Load(absl::string_view text) {
  absl::StatusOr<ConfigNode> file = ConfigNode::Parse(text, "fuzz.yaml");
  if (!file.ok()) return file.status();
  // What the loader of integrations does with a file, but for its secrets.
  RETURN_IF_ERROR(file->ExpectKeys(server::IntegrationKeys()));
  ASSIGN_OR_RETURN(Mapper::Options options, server::ReadMapperOptions(*file));
  ASSIGN_OR_RETURN(const MappingConfig config, LoadMappings(*file));
  return Mapper::Create(config, std::move(options)).status();
}

}  // namespace
}  // namespace signal_delivery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using signal_delivery::fuzz::Require;
  const absl::Status status = signal_delivery::fuzz::Load(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  Require(status.ok() || absl::StartsWith(status.message(), "fuzz.yaml"),
          "an error that does not say where: " + std::string(status.message()));
  return 0;
}
