// Attacks on the program over raw sockets, with honest callers beside them:
// none of their calls fails, and the memory that it takes stays within bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/descriptors.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/honest_callers.h"
#include "tests/support/http2_connection.h"
#include "tests/support/service_process.h"

namespace signal_delivery::server {
namespace {

using support::Bytes;
using support::CallHeaders;
using support::Frame;
using support::FrameType;
using support::HonestCallers;
using support::Http2Connection;
using support::ServiceProcess;
using ::testing::IsEmpty;

// Calls that each honest caller makes in the midst of an attack.
constexpr int kHonestCalls = 10;

constexpr int64_t kKibibyte = 1024;
constexpr int64_t kMebibyte = 1024 * kKibibyte;

// Another address of this machine than the honest callers'.
constexpr char kAttacker[] = "127.0.0.2";
constexpr char kSecondAttacker[] = "127.0.0.3";

// Calls on one connection, each with a part of a message that never ends. Keeps
// to flow control, so that it is not disconnected for that.
class Flood {
 public:
  Flood(Http2Connection connection, const std::string& method, uint32_t calls,
        uint32_t message_bytes)
      : connection_(std::move(connection)) {
    connection_.Send(support::Opening());
    for (uint32_t i = 0; i < calls; ++i) {
      const uint32_t stream = 2 * i + 1;
      connection_.Send(CallHeaders(stream, {}, method));
      left_[stream] = message_bytes;
      Send(stream, support::MessagePrefix(message_bytes + 1));
    }
  }

  // Sends what the other end takes now; false once there is no more of that.
  bool SendWhatIsTaken() {
    bool has_sent = false;
    if (!ReadWhatIsThere()) return false;
    for (auto& [stream, left] : left_) {
      const int64_t size =
          std::min<int64_t>({left, connection_window_, Window(stream), 16'384});
      if (size <= 0) continue;
      if (!Send(stream, std::string(static_cast<size_t>(size), 'x'))) {
        return false;
      }
      left -= size;
      has_sent = true;
    }
    return has_sent;
  }

 private:
  int64_t Window(uint32_t stream) { return window_ + windows_[stream]; }

  bool Send(uint32_t stream, const std::string& bytes) {
    windows_[stream] -= static_cast<int64_t>(bytes.size());
    connection_window_ -= static_cast<int64_t>(bytes.size());
    return connection_.Send({FrameType::kData, 0, stream, bytes});
  }

  // False at the end of the connection.
  bool ReadWhatIsThere() {
    while (connection_.IsReadable()) {
      std::optional<Frame> frame = connection_.Read();
      if (!frame.has_value()) return false;
      if (frame->type == FrameType::kWindowUpdate) {
        (frame->stream == 0 ? connection_window_ : windows_[frame->stream]) +=
            support::IncrementOf(*frame);
      } else if (frame->type == FrameType::kSettings &&
                 frame->flags != support::kAck) {
        window_ = support::SettingOf(*frame, support::kInitialWindowSize)
                      .value_or(static_cast<uint32_t>(window_));
        connection_.Send({FrameType::kSettings, support::kAck});
      } else if (frame->type == FrameType::kPing &&
                 frame->flags != support::kAck) {
        frame->flags = support::kAck;
        connection_.Send(*frame);
      } else if (frame->type == FrameType::kReset) {
        left_.erase(frame->stream);
      }
    }
    return true;
  }

  Http2Connection connection_;
  std::map<uint32_t, int64_t> left_;  // to send, by stream
  // As RFC 9113, section 6.9, has them; a stream's beside the initial one.
  int64_t window_ = 65'535;
  int64_t connection_window_ = 65'535;
  std::map<uint32_t, int64_t> windows_;
};

// With a single request, and with many.
class AttacksOnAMethodTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Method, AttacksOnAMethodTest,
                         testing::Values("DeliverEvents", "DeliverStream"));

TEST(AttacksTest, MoreConnectionsThanDescriptorsKeepNobodyOut) {
  constexpr int kDescriptors = 200;
  ServiceProcess service(kDescriptors);
  HonestCallers honest(service.port());
  honest.AwaitCalls(1);
  {
    std::vector<Http2Connection> silent;
    for (int i = 0; i < 2 * kDescriptors; ++i) {
      silent.emplace_back(service.port(), kAttacker);
    }
    honest.AwaitCalls(kHonestCalls);
    EXPECT_LT(service.OpenDescriptors(), kDescriptors * 3 / 4);
    EXPECT_EQ(service.AdminStatus("/readyz"), 200);
    const auto metrics = support::Scrape(service.admin_port());
    EXPECT_GT(metrics["signal_delivery_refused_caller_connections_total"], 0);
    EXPECT_GT(metrics["signal_delivery_caller_connections"], 0);
    EXPECT_LE(metrics["signal_delivery_caller_connections"],
              metrics["signal_delivery_caller_connections_limit"]);
  }
  // Who was refused is let in once there is room again.
  HonestCallers(service.port()).AwaitCalls(1);
  honest.AwaitCalls(kHonestCalls);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST(AttacksTest, TenThousandIdleConnectionsCostLittle) {
  constexpr int kConnections = 10'000;
  // About 20 KiB each were measured.
  constexpr int64_t kMostBytes = kConnections * 40 * kKibibyte;
  RaiseMaxDescriptors();
  if (MaxDescriptors() < 2 * kConnections) {
    GTEST_SKIP() << "no more than " << MaxDescriptors() << " descriptors here";
  }
  ServiceProcess service;
  HonestCallers honest(service.port());
  honest.AwaitCalls(kHonestCalls);
  const int64_t before = service.ResidentBytes();
  std::vector<Http2Connection> idle;
  for (int i = 0; i < kConnections; ++i) {
    // Two of them, as one address may have at most half of all.
    idle.emplace_back(service.port(), i % 2 == 0 ? kAttacker : kSecondAttacker);
    ASSERT_TRUE(idle.back().Send(support::Opening()));
  }
  // Each of them is served.
  for (Http2Connection& connection : idle) {
    ASSERT_TRUE(connection.ReadUntil(FrameType::kSettings).has_value());
  }
  honest.AwaitCalls(kHonestCalls);
  EXPECT_LT(service.ResidentBytes() - before, kMostBytes);
  EXPECT_EQ(service.AdminStatus("/readyz"), 200);
  idle.clear();
  honest.AwaitCalls(kHonestCalls);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST_P(AttacksOnAMethodTest, RapidResetsEndTheConnectionThatTheyComeFrom) {
  constexpr int kResets = 60'000;
  constexpr int kAtATime = 100;
  // 8 KiB for each would be 480 MiB. Some come before those ahead of them are
  // counted, and more of them where the machine is busy.
  constexpr int64_t kMostBytes = 240 * kMebibyte;
  ServiceProcess service;
  HonestCallers honest(service.port());
  honest.AwaitCalls(kHonestCalls);
  const int64_t before = service.ResidentBytes();
  int resets = 0;
  while (resets < kResets) {
    Http2Connection rude(service.port(), kAttacker);
    rude.Send(support::Opening());
    bool is_connected = true;
    for (uint32_t stream = 1; is_connected && resets < kResets;
         resets += kAtATime) {
      std::string bytes;
      for (int i = 0; i < kAtATime; ++i, stream += 2) {
        bytes += Bytes(CallHeaders(stream, {}, GetParam()));
        bytes += Bytes({FrameType::kReset, 0, stream, std::string(4, '\0')});
      }
      is_connected = rude.Send(bytes);
    }
  }
  honest.AwaitCalls(kHonestCalls);
  EXPECT_LT(service.ResidentBytes() - before, kMostBytes);
  EXPECT_GT(
      support::Scrape(
          service
              .admin_port())["signal_delivery_ended_caller_connections_total"],
      0);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST_P(AttacksOnAMethodTest, MessagesThatNeverEndFillNoMemory) {
  constexpr int kConnections = 4;
  constexpr int kRounds = 10;
  constexpr uint32_t kStreams = 30;
  constexpr uint32_t kMessageBytes = 15 * kMebibyte;
  // 1.8 GiB are sent, if they are taken.
  constexpr int64_t kMostBytes = 512 * kMebibyte;
  ServiceProcess service;
  constexpr size_t kHonestBytes = 300'000;
  HonestCallers honest(service.port(), kHonestBytes);
  honest.AwaitCalls(1);
  const int64_t before = service.ResidentBytes();
  std::vector<Flood> floods;
  for (int i = 0; i < kConnections; ++i) {
    floods.emplace_back(Http2Connection(service.port(), kAttacker), GetParam(),
                        kStreams, kMessageBytes);
  }
  int64_t most = before;
  for (int round = 0; round < kRounds; ++round) {
    for (Flood& flood : floods) {
      while (flood.SendWhatIsTaken()) {
      }
    }
    honest.AwaitCalls(1);
    most = std::max(most, service.ResidentBytes());
  }
  EXPECT_LT(most - before, kMostBytes);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST(AttacksTest, OversizeHeadersAndMessagesHinderNobody) {
  constexpr int kTimes = 200;
  constexpr int64_t kMostBytes = 64 * kMebibyte;
  ServiceProcess service;
  HonestCallers honest(service.port());
  honest.AwaitCalls(kHonestCalls);
  const int64_t before = service.ResidentBytes();
  std::vector<Http2Connection> rude;
  for (int i = 0; i < kTimes; ++i) {
    rude.emplace_back(service.port(), kAttacker);
    rude.back().Send(support::Opening());
    // The limit holds once it was acknowledged.
    EXPECT_TRUE(rude.back().ReadUntil(FrameType::kSettings).has_value());
    rude.back().Send({FrameType::kSettings, support::kAck});
    rude.back().Send(CallHeaders(1, {{"x-filler", std::string(16'100, 'x')}}));
    rude.back().Send(CallHeaders(3));
    rude.back().Send(
        {FrameType::kData, 0, 3,
         support::MessagePrefix(0xffffffff) + std::string(16'000, 'x')});
  }
  for (Http2Connection& connection : rude) {
    EXPECT_TRUE(connection.ReadUntil(FrameType::kHeaders).has_value());
  }
  honest.AwaitCalls(kHonestCalls);
  EXPECT_LT(service.ResidentBytes() - before, kMostBytes);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST(AttacksTest, ClientsThatDripHinderNobody) {
  constexpr int kConnections = 100;
  constexpr size_t kBytes = 50;
  ServiceProcess service;
  HonestCallers honest(service.port());
  const std::string headers = support::Opening() + Bytes(CallHeaders(1));
  std::vector<Http2Connection> callers;
  std::vector<Http2Connection> operators;
  for (int i = 0; i < kConnections; ++i) {
    callers.emplace_back(service.port(), kAttacker);
    operators.emplace_back(service.admin_port(), kAttacker);
    operators.back().Send("GET /readyz HTTP/1.1\r\nHost: x\r\nX-Filler: ");
  }
  for (size_t byte = 0; byte < kBytes; ++byte) {
    for (Http2Connection& connection : callers) {
      connection.Send(headers.substr(byte, 1));
    }
    for (Http2Connection& connection : operators) connection.Send("x");
    if (byte % 10 == 0) {
      EXPECT_EQ(service.AdminStatus("/readyz"), 200);
      honest.AwaitCalls(1);
    }
  }
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

TEST(AttacksTest, TheAdminPortTakesNoLargeBody) {
  constexpr int64_t kBodyBytes = 150 * kMebibyte;
  constexpr int64_t kMostBytes = 16 * kMebibyte;
  ServiceProcess service;
  const int64_t before = service.ResidentBytes();
  Http2Connection rude(service.admin_port(), kAttacker);
  rude.Send(absl::StrCat("POST /metrics HTTP/1.1\r\nHost: x\r\n",
                         "Content-Length: ", kBodyBytes, "\r\n\r\n"));
  const std::string part(kMebibyte, 'x');
  int64_t sent = 0;
  while (sent < kBodyBytes && rude.Send(part)) sent += kMebibyte;
  EXPECT_LT(service.ResidentBytes() - before, kMostBytes);
  EXPECT_EQ(service.AdminStatus("/readyz"), 200);
}

}  // namespace
}  // namespace signal_delivery::server
