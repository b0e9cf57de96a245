// The reference page says what the code accepts, and nothing else.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "mapping/event_kind.h"
#include "mapping/field_mapper.h"
#include "mapping/known_paths.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/source_path.h"
#include "mparticle/events/v2/batch.pb.h"
#include "nlohmann/json.hpp"
#include "server/integration_keys.h"
#include "server/mapper_options.h"
#include "tools/cli/reference_examples.h"
#include "tools/cli/reference_text.h"

namespace signal_delivery::cli {
namespace {

using ::google::protobuf::Descriptor;
using mapping::ConfigNode;
using mapping::KnownPath;

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ReferenceTest, ThePageIsWhatTheToolPrints) {
  EXPECT_EQ(Contents("mapping/REFERENCE.md"), ReferenceText())
      << "write it anew: bazel-bin/tools/signalctl reference "
         "> mapping/REFERENCE.md";
}

// README.md shows it, this page does, and a golden case runs it.
TEST(ReferenceTest, TheEmailAsAHashIsTheSameExampleEverywhere) {
  const std::string example(ReferenceExamples()[0].yaml);
  ASSERT_EQ(ReferenceExamples()[0].title, "Send the email as a hash only");
  EXPECT_EQ(std::count(example.begin(), example.end(), '\n'), 6);
  EXPECT_THAT(
      Contents("README.md"),
      testing::HasSubstr("To send the email as a hash only:\n\n```yaml\n" +
                         example + "```\n"));
  for (const auto& golden :
       nlohmann::json::parse(Contents("tests/testdata/golden/format.json"))) {
    if (golden["rule"] != "the email as a hash only") continue;
    const auto lines = golden["config"].get<std::vector<std::string>>();
    EXPECT_EQ(absl::StrJoin(lines, "\n") + "\n", example);
    return;
  }
  FAIL() << "no golden case runs it";
}

TEST(ReferenceTest, EveryExampleLoads) {
  for (const ReferenceExample& example : ReferenceExamples()) {
    SCOPED_TRACE(std::string(example.title));
    const auto file = ConfigNode::Parse(example.yaml, "example.yaml");
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(file->ExpectKeys(server::IntegrationKeys()).ok());
    const auto options = server::ReadMapperOptions(*file);
    ASSERT_TRUE(options.ok()) << options.status();
    const auto config = mapping::LoadMappings(*file);
    ASSERT_TRUE(config.ok()) << config.status();
    const auto mapper = mapping::Mapper::Create(*config, *options);
    EXPECT_TRUE(mapper.ok()) << mapper.status();
  }
}

// A path of the page as a user would write it.
std::string Concrete(const std::string& path) {
  return absl::StrReplaceAll(
      path, {{"NAME", "a_name"}, {"KEY", "a_key"}, {"CATEGORY", "marketing"}});
}

TEST(ReferenceTest, EverySourceIsOne) {
  for (const KnownPath& source : mapping::KnownSources()) {
    EXPECT_TRUE(mapping::SourcePath::IntoEvent(Concrete(source.path)).ok())
        << source.path;
  }
}

// Maps a property to each target of `message`, and to the first in lists.
void ExpectTargets(const Descriptor& message, const std::string& prefix) {
  for (const KnownPath& target : mapping::KnownTargets(message, prefix)) {
    SCOPED_TRACE(target.path);
    const bool is_list = target.value.find("a list of objects") == 0;
    const std::string yaml = absl::StrCat("[{source: properties.x, target: \"",
                                          Concrete(target.path), "\"}]");
    auto file = ConfigNode::Parse(yaml, "test.yaml");
    ASSERT_TRUE(file.ok()) << file.status();
    auto mappings = mapping::ReadFieldMappings(*file);
    ASSERT_TRUE(mappings.ok()) << mappings.status();
    const absl::Status status =
        mapping::FieldMapper::Compile(mappings->front(), message, prefix)
            .status();
    // A list needs an `each`; the error knows that it is one.
    EXPECT_EQ(status.ok(), !is_list) << status;
    if (is_list) {
      EXPECT_NE(status.message().find("is a list of objects"),
                absl::string_view::npos)
          << status;
    }
  }
}

TEST(ReferenceTest, EveryTargetIsOne) {
  const Descriptor& batch = *mparticle::events::v2::Batch::descriptor();
  ExpectTargets(batch, "");
  const auto& kinds = mapping::EventData();
  for (int i = 0; i < kinds.field_count(); ++i) {
    ExpectTargets(*kinds.field(i)->message_type(), mapping::EventPrefix());
  }
  for (const Descriptor* type : mapping::ListedTypes(batch)) {
    if (type->name() != "Event") ExpectTargets(*type, "");
  }
}

TEST(ReferenceTest, TheServiceFillsNoTargetOfThePage) {
  for (const KnownPath& target :
       mapping::KnownTargets(*mparticle::events::v2::Batch::descriptor(), "")) {
    EXPECT_FALSE(mapping::IsReservedTarget(target.path)) << target.path;
  }
}

}  // namespace
}  // namespace signal_delivery::cli
