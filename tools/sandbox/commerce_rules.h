#ifndef TOOLS_SANDBOX_COMMERCE_RULES_H_
#define TOOLS_SANDBOX_COMMERCE_RULES_H_

#include <vector>

#include "tools/sandbox/rule.h"

namespace signal_delivery::sandbox {

// What only a commerce event carries: actions on products and promotions,
// impressions, the cart. That it has exactly one of its three parts is for the
// caller to check.
std::vector<Field> CommerceFields();

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_COMMERCE_RULES_H_
