// Replicas are restarted one after the other under load, as a deployment does,
// with clients that use the service config that ships: none sees an error.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::ChildProcess;
using DeliveryStub = ::datafly::delivery::v1::DeliveryService::Stub;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

constexpr char kServiceConfig[] =
    "proto/datafly/delivery/v1/service_config.json";
constexpr int kCallers = 4;
constexpr int kRestartsOfEach = 2;

// A replica that keeps its port from start to start.
class Replica {
 public:
  Replica(const support::ConfigFolder& folder, int number)
      : folder_(folder), number_(number) {
    Start();
  }

  void Restart() {
    process_->Signal(SIGTERM);
    EXPECT_EQ(process_->WaitForExit(), 0) << process_->output();
    Start();
  }

  // Waits until clients call it: only then may another one end.
  void AwaitCalls() const {
    const std::string series =
        "grpc_server_call_started_total{grpc_method=\"datafly.delivery.v1."
        "DeliveryService/DeliverEvents\"}";
    while (support::Scrape(admin_port_).Find(series).value_or(0) == 0) {
    }
  }

  int port() const { return port_; }

 private:
  void Start() {
    const std::string ready_file =
        absl::StrCat(folder_.path(), "/ready", number_, ".json");
    process_ = std::make_unique<ChildProcess>(
        "server/signal_delivery",
        std::vector<std::string>{
            "--config=" +
                folder_.Write(absl::StrCat("service", number_, ".yaml"),
                              absl::StrCat("listen: 127.0.0.1:", port_,
                                           "\nadmin_listen: 127.0.0.1:0\n"
                                           "integrations_dir: integrations\n"
                                           "leave_seconds: 1\n")),
            "--ready-file=" + ready_file});
    ASSERT_TRUE(process_->WaitForLineWith("takes calls")) << process_->output();
    const json ports = json::parse(std::ifstream(ready_file));
    port_ = ports["port"];
    admin_port_ = ports["admin_port"];
  }

  const support::ConfigFolder& folder_;
  const int number_;
  std::unique_ptr<ChildProcess> process_;
  int port_ = 0;  // a free one at first
  int admin_port_ = 0;
};

class RollingRestartTest : public testing::Test {
 protected:
  RollingRestartTest() {
    folder_.Write(
        "integrations/acme.yaml",
        support::IntegrationText(mparticle_.name_and_port(),
                                 support::TestCertificates::Get().ca_file(),
                                 "  max_batches_per_second: 100000\n"));
    for (int i = 0; i < 2; ++i) {
      replicas_.push_back(std::make_unique<Replica>(folder_, i));
    }
  }

  std::unique_ptr<DeliveryStub> MakeStub() const {
    std::ostringstream service_config;
    service_config << std::ifstream(kServiceConfig).rdbuf();
    EXPECT_NE(service_config.str(), "");
    grpc::ChannelArguments arguments;
    arguments.SetServiceConfigJSON(service_config.str());
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    return DeliveryService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("ipv4:127.0.0.1:", replicas_[0]->port(),
                     ",127.0.0.1:", replicas_[1]->port()),
        grpc::InsecureChannelCredentials(), arguments));
  }

  // Until told to end: one event a call, each its own.
  void Call(DeliveryStub& stub) {
    while (!done_) {
      DeliverEventsRequest request;
      request.set_integration_id("acme");
      const int number = ++calls_;
      *request.add_events() = support::LoggedIn(absl::StrCat("m-", number),
                                                absl::StrCat("u-", number));
      grpc::ClientContext context;
      DeliverEventsResponse response;
      const grpc::Status status =
          stub.DeliverEvents(&context, request, &response);
      if (status.ok() && response.results(0).outcome() == OUTCOME_ACCEPTED) {
        continue;
      }
      std::lock_guard lock(mutex_);
      ++errors_[status.ok() ? response.results(0).ShortDebugString()
                            : status.error_message()];
    }
  }

  support::ConfigFolder folder_;
  support::ScriptedTlsServer mparticle_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<bool> done_ = false;
  std::atomic<int> calls_ = 0;
  std::mutex mutex_;
  std::map<std::string, int> errors_;
};

TEST_F(RollingRestartTest, GivesNoErrorToClientsThatUseTheServiceConfig) {
  const std::unique_ptr<DeliveryStub> stub = MakeStub();
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([this, &stub] { Call(*stub); });
  }
  for (int i = 0; i < kRestartsOfEach; ++i) {
    for (const auto& replica : replicas_) {
      for (const auto& each : replicas_) each->AwaitCalls();
      replica->Restart();
    }
  }
  for (const auto& each : replicas_) each->AwaitCalls();
  done_ = true;
  for (std::thread& caller : callers) caller.join();
  std::printf("%d calls, %zu restarts, %zu kinds of errors\n", calls_.load(),
              kRestartsOfEach * replicas_.size(), errors_.size());
  EXPECT_EQ(errors_, (std::map<std::string, int>()));
}

}  // namespace
}  // namespace signal_delivery::server
