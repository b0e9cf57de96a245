#include "tests/support/server_action.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::support {

Action Action::Answer(int status, const std::string& body,
                      const std::vector<std::string>& headers) {
  std::string text = absl::StrCat("HTTP/1.1 ", status, " Scripted\r\n");
  for (const std::string& header : headers) {
    absl::StrAppend(&text, header, "\r\n");
  }
  absl::StrAppend(&text, "Content-Length: ", body.size(), "\r\n\r\n", body);
  return Send(std::move(text));
}

Action Action::Send(std::string bytes) {
  Action action;
  action.bytes = std::move(bytes);
  return action;
}

Action Action::Close() { return Action().ThenClose(); }
Action Action::Reset() { return Action().ThenReset(); }
Action Action::Stall() { return Action().ThenStall(); }

Action Action::After(const absl::Notification& notification) const {
  Action action = *this;
  action.after = &notification;
  return action;
}

Action Action::ReadingOnly(size_t request_bytes) const {
  Action action = *this;
  action.read_only = request_bytes;
  return action;
}

Action Action::Dripping() const {
  Action action = *this;
  action.drip = true;
  return action;
}

Action Action::WithFiller(uint64_t size) const {
  Action action = *this;
  action.filler = size;
  return action;
}

Action Action::FollowedBy(std::string bytes) const {
  Action action = *this;
  action.followed_by = std::move(bytes);
  return action;
}

Action Action::ThenClose() const {
  Action action = *this;
  action.end = End::kClose;
  return action;
}

Action Action::ThenReset() const {
  Action action = *this;
  action.end = End::kReset;
  return action;
}

Action Action::ThenStall() const {
  Action action = *this;
  action.end = End::kStall;
  return action;
}

}  // namespace signal_delivery::support
