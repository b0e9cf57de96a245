#include "tests/support/http2_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace signal_delivery::support {
namespace {

constexpr size_t kFrameHeaderBytes = 9;

std::string BigEndian(uint32_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text += static_cast<char>(number >> (8 * i) & 0xff);
  }
  return text;
}

uint32_t FromBigEndian(const std::string& text, size_t begin, size_t bytes) {
  uint32_t number = 0;
  for (size_t i = begin; i < begin + bytes; ++i) {
    number = number << 8 | static_cast<uint8_t>(text[i]);
  }
  return number;
}

// HPACK's integers with a prefix of 7 bits (RFC 7541, section 5.1).
std::string Length(size_t size) {
  if (size < 127) return std::string(1, static_cast<char>(size));
  std::string text(1, static_cast<char>(127));
  for (size -= 127; size >= 128; size /= 128) {
    text += static_cast<char>(size % 128 | 128);
  }
  return text + static_cast<char>(size);
}

// A literal header field that is not indexed (RFC 7541, section 6.2.2).
std::string Literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + Length(name.size()) + name +
         Length(value.size()) + value;
}

sockaddr_in AddressOf(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

}  // namespace

std::string Bytes(const Frame& frame) {
  return BigEndian(static_cast<uint32_t>(frame.payload.size()), 3) +
         static_cast<char>(frame.type) + static_cast<char>(frame.flags) +
         BigEndian(frame.stream, 4) + frame.payload;
}

std::string Opening() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Bytes({FrameType::kSettings}) +
         Bytes({FrameType::kSettings, kAck});
}

Frame CallHeaders(uint32_t stream,
                  const std::vector<std::pair<std::string, std::string>>& more,
                  const std::string& method, const std::string& service) {
  std::string fields = Literal(":method", "POST") + Literal(":scheme", "http") +
                       Literal(":path", "/" + service + "/" + method) +
                       Literal(":authority", "test") +
                       Literal("te", "trailers") +
                       Literal("content-type", "application/grpc");
  for (const auto& [name, value] : more) fields += Literal(name, value);
  return {FrameType::kHeaders, kEndHeaders, stream, fields};
}

std::string MessagePrefix(uint32_t size) {
  return std::string(1, '\0') + BigEndian(size, 4);
}

uint32_t ErrorOf(const Frame& frame) {
  return FromBigEndian(frame.payload, frame.type == FrameType::kGoAway ? 4 : 0,
                       4);
}

uint32_t IncrementOf(const Frame& frame) {
  return FromBigEndian(frame.payload, 0, 4);
}

std::optional<uint32_t> SettingOf(const Frame& frame, uint16_t number) {
  constexpr size_t kSettingBytes = 6;
  for (size_t i = 0; i + kSettingBytes <= frame.payload.size();
       i += kSettingBytes) {
    if (FromBigEndian(frame.payload, i, 2) == number) {
      return FromBigEndian(frame.payload, i + 2, 4);
    }
  }
  return std::nullopt;
}

Http2Connection::Http2Connection(int port, const std::string& from)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  const sockaddr_in here = AddressOf(from, 0);
  const sockaddr_in there = AddressOf("127.0.0.1", port);
  EXPECT_EQ(
      bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof(here)), 0)
      << strerror(errno);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&there),
                    sizeof(there)),
            0)
      << strerror(errno);
}

Http2Connection::~Http2Connection() {
  if (socket_ >= 0) close(socket_);
}

Http2Connection::Http2Connection(Http2Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      unread_(std::move(other.unread_)) {}

Http2Connection& Http2Connection::operator=(Http2Connection&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(unread_, other.unread_);
  return *this;
}

bool Http2Connection::Send(const std::string& bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t more =
        send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += static_cast<size_t>(more);
  }
  return true;
}

bool Http2Connection::IsReadable() const {
  pollfd waited_for = {socket_, POLLIN, 0};
  return !unread_.empty() || poll(&waited_for, 1, 0) == 1;
}

std::optional<Frame> Http2Connection::Read() {
  if (!Fill(kFrameHeaderBytes)) return std::nullopt;
  const size_t size = FromBigEndian(unread_, 0, 3);
  if (!Fill(kFrameHeaderBytes + size)) return std::nullopt;
  Frame frame = {static_cast<FrameType>(unread_[3]),
                 static_cast<uint8_t>(unread_[4]), FromBigEndian(unread_, 5, 4),
                 unread_.substr(kFrameHeaderBytes, size)};
  unread_.erase(0, kFrameHeaderBytes + size);
  return frame;
}

std::optional<Frame> Http2Connection::ReadUntil(FrameType type) {
  while (std::optional<Frame> frame = Read()) {
    if (frame->type == type) return frame;
    if (frame->type == FrameType::kPing && frame->flags != kAck) {
      frame->flags = kAck;
      Send(*frame);
    }
  }
  return std::nullopt;
}

bool Http2Connection::IsClosedWithoutAWord() { return !Fill(1); }

bool Http2Connection::Fill(size_t size) {
  char buffer[16'384];
  while (unread_.size() < size) {
    const ssize_t more = recv(socket_, buffer, sizeof(buffer), 0);
    if (more <= 0) return false;
    unread_.append(buffer, static_cast<size_t>(more));
  }
  return true;
}

}  // namespace signal_delivery::support
