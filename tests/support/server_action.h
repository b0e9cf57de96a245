#ifndef TESTS_SUPPORT_SERVER_ACTION_H_
#define TESTS_SUPPORT_SERVER_ACTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"

namespace signal_delivery::support {

// What a ScriptedTlsServer does with a request, or with a connection before
// any. Begins with one of the static functions; the others add to it:
//
//   Action::Answer(202)
//   Action::Answer(429, "", {"Retry-After: 7"})
//   Action::Send("HTTP/1.1 202 Acc").ThenReset()
//   Action::Answer(202).After(may_answer)
struct Action {
  enum class End { kGoOn, kClose, kReset, kStall };

  // A whole answer with Content-Length; `headers` without line ends.
  static Action Answer(int status, const std::string& body = "",
                       const std::vector<std::string>& headers = {});
  // Just these bytes.
  static Action Send(std::string bytes);
  static Action Close();
  static Action Reset();
  // Nothing, until the client closes or the server is destroyed.
  static Action Stall();

  // Sends only when this was notified.
  Action After(const absl::Notification& notification) const;
  // Reads only so many bytes of the request, instead of all, before it acts.
  Action ReadingOnly(size_t request_bytes) const;
  // One byte per TLS record.
  Action Dripping() const;
  // Sends so many bytes more, without keeping them in memory.
  Action WithFiller(uint64_t size) const;
  // Sends this at the end, in a TLS record of its own but in the same TCP
  // segment: bytes that nobody asked for, there at once.
  Action FollowedBy(std::string bytes) const;
  Action ThenClose() const;
  Action ThenReset() const;
  Action ThenStall() const;

  std::string bytes;
  bool drip = false;
  uint64_t filler = 0;
  std::string followed_by;
  std::optional<size_t> read_only;
  const absl::Notification* after = nullptr;
  End end = End::kGoOn;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SERVER_ACTION_H_
