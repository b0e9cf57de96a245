#ifndef TESTS_SUPPORT_HTTP2_CONNECTION_H_
#define TESTS_SUPPORT_HTTP2_CONNECTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signal_delivery::support {

// Of HTTP/2 (RFC 9113): what a client that no library would write may send.
enum class FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
};

inline constexpr uint8_t kEndStream = 1;
inline constexpr uint8_t kAck = 1;
inline constexpr uint8_t kEndHeaders = 4;

// The error codes that tests expect.
inline constexpr uint32_t kNoError = 0;
inline constexpr uint32_t kEnhanceYourCalm = 11;

// The numbers of settings.
inline constexpr uint16_t kMaxConcurrentStreams = 3;
inline constexpr uint16_t kInitialWindowSize = 4;

struct Frame {
  FrameType type;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;
};

std::string Bytes(const Frame& frame);

// What a client's connection begins with: preface and SETTINGS.
std::string Opening();
// The headers of a gRPC call of the delivery service, and more of them.
Frame CallHeaders(
    uint32_t stream,
    const std::vector<std::pair<std::string, std::string>>& more = {},
    const std::string& method = "DeliverEvents",
    const std::string& service = "datafly.delivery.v1.DeliveryService");
// What stands before a gRPC message of so many bytes.
std::string MessagePrefix(uint32_t size);
// The error code of a GOAWAY or RST_STREAM.
uint32_t ErrorOf(const Frame& frame);
// By how much a WINDOW_UPDATE makes a window larger.
uint32_t IncrementOf(const Frame& frame);
// What SETTINGS say of a number (RFC 9113, section 6.5.2), where they do.
std::optional<uint32_t> SettingOf(const Frame& frame, uint16_t number);

// A connection to a port of this machine, on which a test sends and reads bytes
// by hand. Not thread-safe.
class Http2Connection {
 public:
  // `from` is the address of this machine that it comes from.
  explicit Http2Connection(int port, const std::string& from = "127.0.0.1");
  ~Http2Connection();
  Http2Connection(Http2Connection&& other) noexcept;
  Http2Connection& operator=(Http2Connection&& other) noexcept;

  // False where the other end has closed.
  bool Send(const std::string& bytes);
  bool Send(const Frame& frame) { return Send(Bytes(frame)); }

  // Whether a Read would find something, or the end, at once.
  bool IsReadable() const;
  // The next frame; blocks. Nothing at the end of the connection.
  std::optional<Frame> Read();
  // The next frame of this type; others are skipped, and a PING is answered.
  std::optional<Frame> ReadUntil(FrameType type);
  // Reads until the other end closes: true, and at once, where nothing came.
  bool IsClosedWithoutAWord();

 private:
  bool Fill(size_t size);

  int socket_;
  std::string unread_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_HTTP2_CONNECTION_H_
