#ifndef CLIENT_SECRET_H_
#define CLIENT_SECRET_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::client {

// A text that must not be seen. It has no way to be printed, copied or
// compared by accident, and its memory is overwritten when it goes; what was
// made of it is the business of whoever reveals it.
//
// Thread-safe where it is const.
class Secret {
 public:
  // Overwrites `text`, its copy of it.
  explicit Secret(std::string text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // For the one place that needs it. Refers to this.
  absl::string_view Reveal() const { return {text_.get(), size_}; }

 private:
  void Wipe();

  std::unique_ptr<char[]> text_;
  size_t size_ = 0;
};

// Overwrites a text that held a secret for a moment, and empties it.
void Wipe(std::string& text);

}  // namespace signal_delivery::client

#endif  // CLIENT_SECRET_H_
