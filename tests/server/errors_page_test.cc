// ERRORS.md has a section for every reason that a caller may be told, and for
// no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "server/file.h"
#include "server/reasons.h"
#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::Outcome_Name;
using ::datafly::delivery::v1::Reason;
using ::datafly::delivery::v1::Reason_descriptor;

struct Section {
  std::string chapter;
  std::string text;
};

// The page's sections by their titles.
std::map<std::string, Section> Sections() {
  const std::string page = ReadFile("server/ERRORS.md").value();
  std::map<std::string, Section> sections;
  std::string chapter;
  std::string* text = nullptr;
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    if (absl::ConsumePrefix(&line, "### ")) {
      Section& section = sections[std::string(line)];
      EXPECT_EQ(section.text, "") << line << " is there twice";
      section.chapter = chapter;
      text = &section.text;
    } else if (absl::ConsumePrefix(&line, "## ")) {
      chapter = std::string(line);
    } else if (text != nullptr) {
      absl::StrAppend(text, line, "\n");
    }
  }
  return sections;
}

TEST(ErrorsPageTest, HasASectionForEveryReasonAndNoOther) {
  std::set<std::string> reasons;
  for (int i = 0; i < Reason_descriptor()->value_count(); ++i) {
    const auto* value = Reason_descriptor()->value(i);
    if (value->number() == Reason::REASON_UNSPECIFIED) continue;
    reasons.emplace(absl::StripPrefix(value->name(), "REASON_"));
  }
  for (int i = 0; i < kCallFaults; ++i) {
    reasons.emplace(NameOf(static_cast<CallFault>(i)));
  }
  std::set<std::string> titles;
  for (const auto& [title, section] : Sections()) titles.insert(title);
  EXPECT_THAT(titles, testing::ContainerEq(reasons));
}

TEST(ErrorsPageTest, SaysSymptomCauseAndFixOfEach) {
  for (const auto& [title, section] : Sections()) {
    for (const char* part :
         {"- **Symptom**: ", "- **Cause**: ", "- **Fix**: "}) {
      EXPECT_TRUE(absl::StrContains(section.text, part)) << title;
    }
  }
}

TEST(ErrorsPageTest, PutsEveryReasonOfAResultUnderItsOutcome) {
  const std::map<std::string, Section> sections = Sections();
  for (int i = 0; i < Reason_descriptor()->value_count(); ++i) {
    const auto* value = Reason_descriptor()->value(i);
    const auto reason = static_cast<Reason>(value->number());
    if (reason == Reason::REASON_UNSPECIFIED) continue;
    const std::string title(absl::StripPrefix(value->name(), "REASON_"));
    ASSERT_EQ(sections.count(title), 1u) << title;
    EXPECT_EQ(absl::StrCat("OUTCOME_", sections.at(title).chapter),
              Outcome_Name(InfoOf(reason).outcome))
        << title;
  }
}

}  // namespace
}  // namespace signal_delivery::server
