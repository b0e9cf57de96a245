// Clients that are slow, silent or rude cost the honest ones nothing.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "server/connection_limits.h"
#include "tests/server/delivery_test.h"
#include "tests/support/caller.h"

namespace signal_delivery::server {
namespace {

using support::Caller;

const int kMaxHeaderBytes = ConnectionLimits().max_header_bytes;

// Within the 1,024 open files that a process has by default, of which both
// ends take one.
constexpr int kIdleConnections = 400;

class HostileClientsTest : public DeliveryTest {
 protected:
  ~HostileClientsTest() override {
    for (const int socket : sockets_) close(socket);
  }

  // A connection on which these bytes are sent, and nothing more.
  void Connect(const std::string& bytes) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockets_.push_back(connection);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(service_.server().port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
              0);
    ASSERT_EQ(send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  void ExpectHonestCallsSucceed() {
    Caller fresh = Caller::Plaintext(service_.server().port());
    for (Caller* caller : {&honest_, &fresh}) {
      for (int i = 0; i < 20; ++i) {
        const grpc::Status status = caller->Deliver();
        ASSERT_TRUE(status.ok()) << status.error_message();
      }
    }
  }

  Caller honest_ = Caller::Plaintext(service_.server().port());
  std::vector<int> sockets_;
};

TEST_F(HostileClientsTest, ThatConnectAndSayLittleKeepNobodyWaiting) {
  for (const char* bytes : {"", "PRI * HT", "GET / HTTP/1.1\r\nHost: x",
                            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    for (int i = 0; i < kIdleConnections / 4; ++i) Connect(bytes);
    ExpectHonestCallsSucceed();
  }
}

TEST_F(HostileClientsTest, ThatCancelEveryCallKeepNobodyWaiting) {
  Caller rude = Caller::Plaintext(service_.server().port());
  auto stub = datafly::delivery::v1::DeliveryService::NewStub(rude.channel());
  ASSERT_TRUE(rude.Deliver().ok());
  for (int i = 0; i < 1'000; ++i) {
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    datafly::delivery::v1::DeliverEventsResponse response;
    grpc::Status status;
    auto call = stub->AsyncDeliverEvents(&context, {}, &queue);
    call->Finish(&response, &status, nullptr);
    context.TryCancel();
    void* tag;
    bool ok;
    queue.Next(&tag, &ok);
  }
  ExpectHonestCallsSucceed();
}

// The connection on which they came may end; others do not notice.
TEST_F(HostileClientsTest, HeadersBeyondTheLimitAreResourceExhausted) {
  Caller rude = Caller::Plaintext(service_.server().port());
  const auto status_with = [&](size_t size) {
    grpc::ClientContext context;
    context.AddMetadata("x-filler", std::string(size, 'x'));
    datafly::delivery::v1::DeliverEventsResponse response;
    return datafly::delivery::v1::DeliveryService::NewStub(rude.channel())
        ->DeliverEvents(&context, {}, &response)
        .error_code();
  };
  // What gRPC itself puts into the headers takes less than 1 KiB.
  EXPECT_EQ(status_with(kMaxHeaderBytes - 1024),
            grpc::StatusCode::INVALID_ARGUMENT)
      << "taken, and found to be empty";
  EXPECT_EQ(status_with(kMaxHeaderBytes), grpc::StatusCode::RESOURCE_EXHAUSTED);
  ExpectHonestCallsSucceed();
}

}  // namespace
}  // namespace signal_delivery::server
