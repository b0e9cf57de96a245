#ifndef TESTS_SERVER_EVENT_DEBUGGER_FIXTURE_H_
#define TESTS_SERVER_EVENT_DEBUGGER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "datafly/delivery/v1/event_debugger.grpc.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {

// "canary" stands for a person's data in every text of the event but its name,
// its message_id, the currency and the product's id.
inline datafly::signal::v1::Event CanaryEvent(const std::string& message_id) {
  datafly::signal::v1::Event event = support::LoggedIn(message_id, "canary-u");
  event.set_event("Order Completed");
  event.set_name("canary-name");
  event.set_group_id("canary-group");
  auto& properties = *event.mutable_properties()->mutable_fields();
  properties["order_id"].set_string_value("canary-order");
  properties["total"].set_number_value(8.5);
  properties["currency"].set_string_value("USD");
  properties["canary@example.com"].set_string_value("canary-value");
  properties["note"].set_string_value("canary-note");
  (*properties["nested"].mutable_struct_value()->mutable_fields())["deep"]
      .set_string_value("canary-deep");
  properties["list"].mutable_list_value()->add_values()->set_string_value(
      "canary-list");
  auto& product = *properties["products"]
                       .mutable_list_value()
                       ->add_values()
                       ->mutable_struct_value()
                       ->mutable_fields();
  product["product_id"].set_string_value("sku-1");
  product["price"].set_number_value(8.5);
  for (const char* name :
       {"name", "brand", "category", "variant", "engraved"}) {
    product[name].set_string_value(std::string("canary-") + name);
  }
  auto& traits = *event.mutable_traits()->mutable_fields();
  for (const char* name : {"email", "phone", "first_name", "last_name", "x"}) {
    traits[name].set_string_value(std::string("canary-") + name);
  }
  auto& context = *event.mutable_context();
  context.mutable_page()->set_url("https://canary.example/?canary");
  context.mutable_page()->set_path("/canary");
  context.mutable_page()->set_referrer("https://canary.example/");
  context.mutable_page()->set_title("canary-title");
  context.mutable_page()->set_search("?canary");
  context.mutable_device()->set_type("canary-type");
  context.mutable_device()->set_manufacturer("canary-manufacturer");
  context.mutable_device()->set_model("canary-model");
  context.mutable_campaign()->set_source("canary-source");
  context.mutable_campaign()->set_medium("canary-medium");
  context.mutable_campaign()->set_name("canary-campaign");
  context.mutable_campaign()->set_term("canary-term");
  context.mutable_campaign()->set_content("canary-content");
  context.set_locale("canary-locale");
  context.set_timezone("canary-zone");
  context.set_user_agent("canary-agent");
  (*context.mutable_consent()->mutable_categories())["marketing"] = true;
  (*context.mutable_consent()->mutable_categories())["canary"] = true;
  return event;
}

// A page, whose name and title may be anything.
inline datafly::signal::v1::Event CanaryPage(const std::string& message_id) {
  datafly::signal::v1::Event event = support::LoggedIn(message_id, "canary-u");
  event.set_type(datafly::signal::v1::EVENT_TYPE_PAGE);
  event.clear_event();
  event.set_name("canary-name");
  event.mutable_context()->mutable_page()->set_title("canary-title");
  return event;
}

// One that is rejected.
inline datafly::signal::v1::Event WithoutUser(const std::string& message_id) {
  datafly::signal::v1::Event event = support::LoggedIn(message_id, "u");
  event.clear_user_id();
  event.clear_anonymous_id();
  return event;
}

// Events as they come.
class Follower {
 public:
  Follower(const std::shared_ptr<grpc::Channel>& channel,
           const datafly::delivery::v1::TailEventsRequest& request,
           const std::string& authorization = "")
      : stub_(datafly::delivery::v1::EventDebuggerService::NewStub(channel)) {
    if (!authorization.empty()) {
      context_.AddMetadata("authorization", authorization);
    }
    stream_ = stub_->TailEvents(&context_, request);
  }
  ~Follower() {
    context_.TryCancel();
    if (!finished_) Finish();
  }

  // Blocks until there is one; empty at the end of the stream.
  datafly::delivery::v1::TailEventsResponse Read() {
    datafly::delivery::v1::TailEventsResponse response;
    if (!stream_->Read(&response)) response.Clear();
    return response;
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() {
    finished_ = true;
    datafly::delivery::v1::TailEventsResponse rest;
    while (stream_->Read(&rest)) {
    }
    return stream_->Finish();
  }

 private:
  const std::unique_ptr<datafly::delivery::v1::EventDebuggerService::Stub>
      stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<datafly::delivery::v1::TailEventsResponse>>
      stream_;
  bool finished_ = false;
};

// What was kept, and nothing that follows.
struct Tailed {
  grpc::Status status;
  std::vector<datafly::delivery::v1::DebuggedEvent> events;
};
inline Tailed TailKept(const std::shared_ptr<grpc::Channel>& channel,
                       datafly::delivery::v1::TailEventsRequest request = {},
                       const std::string& authorization = "") {
  request.set_follow(false);
  Follower follower(channel, request, authorization);
  Tailed tailed;
  while (true) {
    const auto response = follower.Read();
    if (!response.has_event()) break;
    tailed.events.push_back(response.event());
  }
  tailed.status = follower.Finish();
  return tailed;
}

}  // namespace signal_delivery::server

#endif  // TESTS_SERVER_EVENT_DEBUGGER_FIXTURE_H_
