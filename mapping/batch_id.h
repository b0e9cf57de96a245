#ifndef MAPPING_BATCH_ID_H_
#define MAPPING_BATCH_ID_H_

#include <array>
#include <cstddef>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// How long an id is.
inline constexpr size_t kSourceRequestIdDigits = 32;

// What a batch is called: kSourceRequestIdDigits hexadecimal digits, or none.
// Holds them itself, so that a batch does not allocate for them.
class BatchId {
 public:
  BatchId() = default;

  bool empty() const { return size_ == 0; }
  absl::string_view text() const { return {digits_.data(), size_}; }
  operator std::string() const {  // NOLINT: it is a text to whoever keeps it
    return std::string(digits_.data(), size_);
  }

  // Where all the digits are to be written.
  absl::Span<char> Fill() {
    size_ = digits_.size();
    return absl::MakeSpan(digits_);
  }

  friend bool operator==(const BatchId& a, const BatchId& b) {
    return a.text() == b.text();
  }
  friend bool operator==(const BatchId& id, absl::string_view text) {
    return id.text() == text;
  }
  friend std::ostream& operator<<(std::ostream& out, const BatchId& id) {
    return out << id.text();
  }

 private:
  std::array<char, kSourceRequestIdDigits> digits_;
  size_t size_ = 0;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_BATCH_ID_H_
