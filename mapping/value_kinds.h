#ifndef MAPPING_VALUE_KINDS_H_
#define MAPPING_VALUE_KINDS_H_

#include <string>

namespace signal_delivery::mapping {

// What is known of a value before there is one. Sets of kinds are sums.
using ValueKinds = unsigned;
inline constexpr ValueKinds kText = 1;
inline constexpr ValueKinds kNumber = 2;
inline constexpr ValueKinds kBoolean = 4;
inline constexpr ValueKinds kTime = 8;
inline constexpr ValueKinds kList = 16;
inline constexpr ValueKinds kObject = 32;
inline constexpr ValueKinds kSingleValue = kText | kNumber | kBoolean;
// What a sender may write into `properties` and `traits`.
inline constexpr ValueKinds kAnything = kSingleValue | kList | kObject;

// "a text, a number or a boolean".
std::string DescriptionOf(ValueKinds kinds);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_VALUE_KINDS_H_
