#ifndef TOOLS_SANDBOX_SCRIPT_MEMBERS_H_
#define TOOLS_SANDBOX_SCRIPT_MEMBERS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::sandbox {

// Reads the members of one object of a fault script, and knows which ones
// nobody asked for. The first mistake is kept, with `where` before it. Borrows
// the object. Not thread-safe.
class ScriptMembers {
 public:
  ScriptMembers(const nlohmann::json& object, std::string where);

  // nullptr where there is none.
  const nlohmann::json* Find(const char* name);
  // Leave `out` as it is where there is none.
  void Read(const char* name, std::string& out);
  void Read(const char* name, bool& out);
  std::optional<int64_t> Number(
      const char* name, int64_t least,
      int64_t most = std::numeric_limits<int64_t>::max());

  void Fail(absl::string_view what);
  // To be called when every member that is known has been asked for.
  absl::Status Finish();

 private:
  const nlohmann::json& object_;
  const std::string where_;
  std::vector<std::string> known_;
  absl::Status status_;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_SCRIPT_MEMBERS_H_
