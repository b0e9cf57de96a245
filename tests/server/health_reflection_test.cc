// What generic tools ask of a gRPC service: how it is, and what it offers.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/server/delivery_test.h"

namespace signal_delivery::server {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::Message;
using ::google::protobuf::MessageFactory;
using ::google::protobuf::TextFormat;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

using HealthTest = DeliveryTest;

grpc::Status Check(const std::shared_ptr<grpc::Channel>& channel,
                   const std::string& service, HealthCheckResponse* response) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(service);
  grpc::Status result;
  absl::Notification done;
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse>(channel)
      .UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request,
                 response, [&](grpc::Status status) {
                   result = std::move(status);
                   done.Notify();
                 });
  done.WaitForNotification();
  return result;
}

TEST_F(HealthTest, IsServingAsAWholeAndByName) {
  for (const char* service : {"", "datafly.delivery.v1.DeliveryService"}) {
    HealthCheckResponse response;
    const grpc::Status status = Check(service_.channel(), service, &response);
    EXPECT_TRUE(status.ok()) << service << ": " << status.error_message();
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING) << service;
  }
}

TEST_F(HealthTest, OfAServiceThatIsNotThereIsNotFound) {
  HealthCheckResponse response;
  EXPECT_EQ(Check(service_.channel(), "datafly.Other", &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// gRPC's library has the reflection protocol's messages in it, but Debian ships
// no header for them: so they are made by their names.
class ReflectionTest : public DeliveryTest {
 protected:
  // `request` and the response are in protobuf's text format.
  std::unique_ptr<Message> Ask(const std::string& request) {
    std::unique_ptr<Message> question = Make("ServerReflectionRequest");
    std::unique_ptr<Message> answer = Make("ServerReflectionResponse");
    EXPECT_TRUE(TextFormat::ParseFromString(request, question.get()));

    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::TemplatedGenericStub<Message, Message> stub(service_.channel());
    auto stream = stub.PrepareCall(
        &context,
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        &queue);
    const auto wait = [&queue] {
      void* tag;
      bool ok = false;
      queue.Next(&tag, &ok);
      return ok;
    };
    stream->StartCall(nullptr);
    EXPECT_TRUE(wait());
    stream->WriteLast(*question, grpc::WriteOptions(), nullptr);
    EXPECT_TRUE(wait());
    stream->Read(answer.get(), nullptr);
    EXPECT_TRUE(wait());
    grpc::Status status;
    stream->Finish(&status, nullptr);
    EXPECT_TRUE(wait());
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer;
  }

  // The files that describe a symbol.
  std::vector<FileDescriptorProto> Describe(const std::string& symbol) {
    const std::unique_ptr<Message> answer =
        Ask(absl::StrCat("file_containing_symbol: '", symbol, "'"));
    const auto& response = answer->GetReflection()->GetMessage(
        *answer,
        answer->GetDescriptor()->FindFieldByName("file_descriptor_response"));
    const auto* files =
        response.GetDescriptor()->FindFieldByName("file_descriptor_proto");
    std::vector<FileDescriptorProto> described;
    for (int i = 0; i < response.GetReflection()->FieldSize(response, files);
         ++i) {
      EXPECT_TRUE(described.emplace_back().ParseFromString(
          response.GetReflection()->GetRepeatedString(response, files, i)));
    }
    return described;
  }

 private:
  static std::unique_ptr<Message> Make(const std::string& name) {
    const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("grpc.reflection.v1alpha.", name));
    return std::unique_ptr<Message>(
        MessageFactory::generated_factory()->GetPrototype(type)->New());
  }
};

// "Service.Method", of all services in the files.
std::vector<std::string> MethodsIn(
    const std::vector<FileDescriptorProto>& files) {
  std::vector<std::string> methods;
  for (const FileDescriptorProto& file : files) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        methods.push_back(absl::StrCat(file.package(), ".", service.name(), "/",
                                       method.name()));
      }
    }
  }
  return methods;
}

TEST_F(ReflectionTest, ListsTheServices) {
  const std::unique_ptr<Message> answer = Ask("list_services: '*'");
  std::string text;
  TextFormat::PrintToString(*answer, &text);
  for (const char* service :
       {"datafly.delivery.v1.DeliveryService", "grpc.health.v1.Health"}) {
    EXPECT_THAT(text, testing::HasSubstr(absl::StrCat("\"", service, "\"")));
  }
}

TEST_F(ReflectionTest, DescribesDelivery) {
  const auto files = Describe("datafly.delivery.v1.DeliveryService");
  EXPECT_THAT(MethodsIn(files),
              UnorderedElementsAre(
                  "datafly.delivery.v1.DeliveryService/DeliverEvents",
                  "datafly.delivery.v1.DeliveryService/DeliverStream",
                  "datafly.delivery.v1.DeliveryService/PreviewEvents"));
  std::vector<std::string> names;
  for (const FileDescriptorProto& file : files) names.push_back(file.name());
  EXPECT_THAT(names, IsSupersetOf({"datafly/delivery/v1/delivery_service.proto",
                                   "datafly/signal/v1/event.proto"}));
}

TEST_F(ReflectionTest, DescribesHealth) {
  EXPECT_THAT(MethodsIn(Describe("grpc.health.v1.Health")),
              UnorderedElementsAre("grpc.health.v1.Health/Check",
                                   "grpc.health.v1.Health/Watch"));
}

}  // namespace
}  // namespace signal_delivery::server
