#ifndef TOOLS_TORTURE_DRIVER_FAULT_MIX_H_
#define TOOLS_TORTURE_DRIVER_FAULT_MIX_H_

#include <random>
#include <string>

namespace signal_delivery::torture {

// A script for the sandbox: some kinds of faults of all that it has, mixed with
// requests that pass, for about a second. Which ones follows from `random`.
//
// Not among them: a 400 or a 413 for a batch that is taken at another time.
// mParticle refuses a batch for what it is; the sandbox's poison does that.
std::string RandomFaultScript(std::mt19937_64& random);

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_FAULT_MIX_H_
