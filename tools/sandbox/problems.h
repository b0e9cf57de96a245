#ifndef TOOLS_SANDBOX_PROBLEMS_H_
#define TOOLS_SANDBOX_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {

// Where a value stands in the document. Lives on the stack of the check.
struct Path {
  const Path* parent = nullptr;
  absl::string_view name;  // in an object; empty in a list
  std::size_t index = 0;   // in a list

  // "$.events[0].data.event_name"
  std::string ToString() const;
};

// Collects the first problems found. Never holds a value of the document, only
// paths and what was expected.
class Problems {
 public:
  explicit Problems(std::size_t most) : most_(most) {}

  void Add(const Path& where, absl::string_view what);
  bool full() const { return found_.size() >= most_; }
  std::vector<std::string> Take() && { return std::move(found_); }

 private:
  std::size_t most_;
  std::vector<std::string> found_;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_PROBLEMS_H_
