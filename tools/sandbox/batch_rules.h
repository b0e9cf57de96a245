#ifndef TOOLS_SANDBOX_BATCH_RULES_H_
#define TOOLS_SANDBOX_BATCH_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace signal_delivery::sandbox {

inline constexpr std::size_t kMaxProblems = 10;

// What is wrong with a batch, at most kMaxProblems of it, each as
// "PATH: what"; empty where mParticle would take the batch whole. Refuses also
// what mParticle answers with 202 and then cuts, drops or misreads: attributes
// over its limits, times in seconds, nulls. Thread-safe.
std::vector<std::string> CheckBatch(const nlohmann::json& batch);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_BATCH_RULES_H_
