// Integrations that change while the service runs.
#include "server/live_integrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::server {
namespace {

using ::testing::HasSubstr;

class LiveIntegrationsTest : public testing::Test {
 protected:
  LiveIntegrationsTest() {
    WriteSecret("first");
    Write("acme");
    Write("other");
    live_ = LiveIntegrations::Load(folder_.path() + "/integrations").value();
  }

  std::string Write(const std::string& id, const std::string& more = "") {
    return folder_.Write(
        absl::StrCat("integrations/", id, ".yaml"),
        absl::StrCat("version: 2\nparameters: {api_key: key, api_secret: "
                     "{file: ../secret}, s2s_host: s2s.mparticle.com, "
                     "environment: development}\n",
                     more));
  }
  void WriteSecret(const std::string& secret) {
    folder_.Write("secret", secret);
  }
  bool Reload() {
    const auto changed = live_->Reload();
    EXPECT_TRUE(changed.ok()) << changed.status();
    return changed.value_or(false);
  }

  const support::ConfigFolder folder_;
  std::unique_ptr<LiveIntegrations> live_;
};

TEST_F(LiveIntegrationsTest, WhatDidNotChangeGoesOnUndisturbed) {
  const auto acme = live_->Find("acme");
  const auto other = live_->Find("other");
  EXPECT_FALSE(Reload());
  EXPECT_EQ(live_->Find("acme"), acme);
  Write("acme", "skip_repeats: false\n");
  EXPECT_TRUE(Reload());
  EXPECT_EQ(live_->Find("other"), other);
  EXPECT_NE(live_->Find("acme"), acme);
}

TEST_F(LiveIntegrationsTest, WhatChangedStartsAfreshButForTheNamesSent) {
  const auto before = live_->Find("acme");
  Write("acme", "skip_repeats: false\n");
  EXPECT_TRUE(Reload());
  const auto after = live_->Find("acme");
  EXPECT_FALSE(after->skip_repeats);
  EXPECT_NE(after->destination, before->destination)
      << "its breaker and its rate were the old one's";
  EXPECT_EQ(after->unique_names, before->unique_names);
  EXPECT_TRUE(before->skip_repeats) << "calls under way keep what they found";
}

TEST_F(LiveIntegrationsTest, NewOnesAreFoundAndRemovedOnesAreNot) {
  Write("new");
  std::filesystem::remove(folder_.path() + "/integrations/other.yaml");
  EXPECT_TRUE(Reload());
  EXPECT_NE(live_->Find("new"), nullptr);
  EXPECT_EQ(live_->Find("other"), nullptr);
  EXPECT_EQ(live_->size(), 2u);
}

TEST_F(LiveIntegrationsTest, ASecretThatChangedIsAChange) {
  const auto head = [this] {
    return live_->Find("acme")->destination->RequestHead(1);
  };
  const std::string before = head();
  WriteSecret("second");
  EXPECT_TRUE(Reload());
  EXPECT_NE(head(), before);
}

TEST_F(LiveIntegrationsTest, OneWrongFileLeavesAllAsItWas) {
  const auto acme = live_->Find("acme");
  const std::string version = live_->version();
  Write("acme", "skip_repeats: false\n");
  const std::string wrong = Write("other", "skip_repeat: false\n");
  const auto changed = live_->Reload();
  ASSERT_FALSE(changed.ok());
  EXPECT_THAT(std::string(changed.status().message()), HasSubstr(wrong));
  EXPECT_EQ(live_->Find("acme"), acme);
  EXPECT_EQ(live_->version(), version);
  Write("other");
  EXPECT_TRUE(Reload());
  EXPECT_NE(live_->Find("acme"), acme);
}

TEST_F(LiveIntegrationsTest, TheVersionStandsForWhatTheFilesSay) {
  const std::string first = live_->version();
  EXPECT_EQ(first.size(), 12u);
  Write("acme", "skip_repeats: false\n");
  EXPECT_TRUE(Reload());
  EXPECT_NE(live_->version(), first);
  Write("acme");
  EXPECT_TRUE(Reload());
  EXPECT_EQ(live_->version(), first);
}

}  // namespace
}  // namespace signal_delivery::server
