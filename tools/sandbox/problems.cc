#include "tools/sandbox/problems.h"

#include "absl/strings/str_cat.h"

namespace signal_delivery::sandbox {

std::string Path::ToString() const {
  if (parent == nullptr) return "$";
  return name.empty() ? absl::StrCat(parent->ToString(), "[", index, "]")
                      : absl::StrCat(parent->ToString(), ".", name);
}

void Problems::Add(const Path& where, absl::string_view what) {
  if (!full()) found_.push_back(absl::StrCat(where.ToString(), ": ", what));
}

}  // namespace signal_delivery::sandbox
