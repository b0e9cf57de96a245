// Integrations that change while the service runs.
#include "server/live_integrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "server/admission.h"
#include "server/grpc_metrics.h"
#include "server/listener.h"
#include "server/metrics.h"
#include "server/open_streams.h"
#include "server/stream_metrics.h"
#include "tests/support/config_folder.h"
#include "tests/support/exposed_metrics.h"

namespace signal_delivery::server {
namespace {

using ::testing::HasSubstr;

class LiveIntegrationsTest : public testing::Test {
 protected:
  LiveIntegrationsTest() {
    WriteSecret("first");
    Write("acme");
    Write("other");
    now_ = absl::FromUnixSeconds(1'700'000'000);
    live_ = LiveIntegrations::Load(folder_.path() + "/integrations", [] {
              return now_;
            }).value();
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

  support::ExposedMetrics Metrics() {
    return support::ExposedMetrics(server::Metrics(*live_, *client_, admission_,
                                                   grpc_, stream_metrics_,
                                                   *listener_, nullptr, nullptr)
                                       .Text());
  }

  const support::ConfigFolder folder_;
  const std::unique_ptr<client::DeliveryClient> client_ =
      client::DeliveryClient::Create({}).value();
  const Admission admission_{{}};
  const GrpcMetrics grpc_{{}};
  const OpenStreams streams_{1};
  const StreamMetrics stream_metrics_{streams_};
  const std::unique_ptr<Listener> listener_ =
      Listener::Open("127.0.0.1:0", {.max_connections = 1,
                                     .max_resets_per_second = 1,
                                     .send_timeout = absl::Seconds(1)})
          .value();
  static absl::Time now_;
  std::unique_ptr<LiveIntegrations> live_;
};

absl::Time LiveIntegrationsTest::now_;

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

TEST_F(LiveIntegrationsTest, AChangeKeepsWhatWasCountedAndARemovalDoesNot) {
  const auto taken = [](const std::string& id) {
    return absl::StrCat("signal_delivery_events_total{integration=\"", id,
                        "\",outcome=\"ACCEPTED\",reason=\"TAKEN\"}");
  };
  for (const char* id : {"acme", "other"}) {
    live_->Find(id)->metrics->OnEvent(
        datafly::delivery::v1::Reason::REASON_TAKEN);
  }
  const auto before = live_->Find("acme");
  Write("acme", "skip_repeats: false\n");
  std::filesystem::remove(folder_.path() + "/integrations/other.yaml");
  EXPECT_TRUE(Reload());
  // Of a call that was under way.
  before->metrics->OnEvent(datafly::delivery::v1::Reason::REASON_TAKEN);
  EXPECT_EQ(Metrics()[taken("acme")], 2);
  EXPECT_EQ(Metrics().Find(taken("other")), std::nullopt);
  Write("other");
  EXPECT_TRUE(Reload());
  EXPECT_EQ(Metrics()[taken("other")], 0);
}

TEST_F(LiveIntegrationsTest, MetricsTellTheVersionAndWhetherTheFilesAreGood) {
  const auto version = [this] {
    return absl::StrCat("signal_delivery_config_info{version=\"",
                        live_->version(), "\"}");
  };
  const std::string prefix = "signal_delivery_config_";
  EXPECT_EQ(Metrics()["signal_delivery_integration_info{integration=\"acme\","
                      "environment=\"development\",pod=\"default\"}"],
            1);
  const double start = absl::ToUnixSeconds(now_);
  now_ += absl::Seconds(10);
  EXPECT_FALSE(Reload());
  EXPECT_EQ(Metrics()[version()], 1);
  EXPECT_EQ(Metrics()[prefix + "loaded_timestamp_seconds"], start);
  EXPECT_EQ(Metrics()[prefix + "last_reload_success_timestamp_seconds"],
            start + 10);

  now_ += absl::Seconds(10);
  Write("acme", "skip_repeat: false\n");
  EXPECT_FALSE(live_->Reload().ok());
  EXPECT_FALSE(live_->Reload().ok());
  EXPECT_EQ(Metrics()[prefix + "last_reload_successful"], 0);
  EXPECT_EQ(Metrics()[prefix + "reload_failures_total"], 2);
  EXPECT_EQ(Metrics()[prefix + "last_reload_success_timestamp_seconds"],
            start + 10);

  Write("acme", "skip_repeats: false\n");
  EXPECT_TRUE(Reload());
  EXPECT_EQ(Metrics()[version()], 1);
  EXPECT_EQ(Metrics()[prefix + "last_reload_successful"], 1);
  EXPECT_EQ(Metrics()[prefix + "loaded_timestamp_seconds"], start + 20);
}

}  // namespace
}  // namespace signal_delivery::server
