#ifndef TESTS_SUPPORT_RANDOM_VALUES_H_
#define TESTS_SUPPORT_RANDOM_VALUES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "tests/support/random_choices.h"
#include "tests/support/random_names.h"

namespace signal_delivery::support {

// In most texts that stand for personal data, and in no name of a property: to
// be found in no finding.
inline constexpr absl::string_view kPersonal = "Kanari";

// Valid ones.
std::string RandomIpAddress(RandomChoices& choices);
std::string RandomUuid(RandomChoices& choices);

// Plain ones mostly; else empty ones, very long ones, control characters,
// characters of one to four bytes. Always UTF-8.
std::string RandomText(RandomChoices& choices);
// A name of the sender's own; one of few, or like a text.
std::string RandomName(RandomChoices& choices);
// NaN and infinities included.
double RandomNumber(RandomChoices& choices);

google::protobuf::Value RandomValue(RandomChoices& choices, Meaning meaning);
// Some of `names`, and others.
google::protobuf::Struct RandomObject(RandomChoices& choices,
                                      const std::vector<NamedMeaning>& names);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_VALUES_H_
