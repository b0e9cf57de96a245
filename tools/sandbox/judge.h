#ifndef TOOLS_SANDBOX_JUDGE_H_
#define TOOLS_SANDBOX_JUDGE_H_

#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "tools/sandbox/faults.h"

namespace signal_delivery::sandbox {

// The parts of an HTTP request that decide its answer.
struct Request {
  absl::string_view method;
  absl::string_view path;  // without the query
  absl::string_view authorization;
  absl::string_view content_type;
  absl::string_view body;
};

// Makes mParticle refuse a batch: an event of which the source_message_id
// contains `marker`.
struct Poison {
  std::string marker;
  int status = 400;
};

// What mParticle would say.
struct Verdict {
  Answer answer;
  bool good = false;  // a batch that mParticle takes
  bool body_is_json = false;
  // The batch's source_request_id as JSON; empty without one.
  std::string request_id;
  // The source_message_ids of a good batch's events, where they have one.
  std::vector<std::string> message_ids;
  std::vector<std::string> problems;
};

// Decides what a request deserves, and remembers which batches were taken.
// Thread-safe.
class Judge {
 public:
  Judge(absl::string_view api_key, absl::string_view api_secret,
        std::vector<Poison> poisons);

  Verdict Check(const Request& request) const;

  // Marks a batch as taken; true where its source_request_id was taken before,
  // so that mParticle would count it once. All ids are kept until Forget.
  bool TakeIsDuplicate(const std::string& request_id);
  void Forget();

 private:
  Verdict Decide(const Request& request,
                 const absl::StatusOr<nlohmann::json>& batch) const;

  // What of the batch is poison, and the status to refuse it with; 0 if nothing
  // is.
  int FindPoison(const nlohmann::json& batch,
                 std::vector<std::string>& problems) const;

  const std::string credentials_;  // "key:secret" in base64
  const std::vector<Poison> poisons_;
  std::mutex mutex_;
  absl::flat_hash_set<std::string> taken_;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_JUDGE_H_
