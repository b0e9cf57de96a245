#ifndef TOOLS_SANDBOX_CONTROL_H_
#define TOOLS_SANDBOX_CONTROL_H_

#include "absl/strings/string_view.h"
#include "tools/sandbox/connection.h"
#include "tools/sandbox/judge.h"

namespace signal_delivery::sandbox {

// The sandbox's own door, beside mParticle's: whoever tests with it reads and
// clears the record and sets the faults here. Needs no Authorization.
bool IsControlPath(absl::string_view path);
Answer AnswerControl(const Request& request, Site site);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_CONTROL_H_
