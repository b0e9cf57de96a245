#ifndef TESTS_SUPPORT_RANDOM_VALUES_H_
#define TESTS_SUPPORT_RANDOM_VALUES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::support {

// In most texts that stand for personal data, and in no name of a property: to
// be found in no finding.
inline constexpr absl::string_view kPersonal = "Kanari";

// What a value is meant to be; what it is may differ.
enum class Meaning {
  kAnything,
  kText,
  kNumber,
  kBoolean,
  // ISO 8601.
  kTime,
  kIpAddress,
  kUuid,
  // A list of objects.
  kProducts,
  kObject,
};

struct NamedMeaning {
  std::string name;
  Meaning meaning;
};

// Texts in ISO 8601 that are a time outside the years 2000 to 2099.
const std::vector<std::string>& OddTimes();

// Names of properties and traits, and those within products.
const std::vector<NamedMeaning>& PropertyNames();
const std::vector<NamedMeaning>& TraitNames();
const std::vector<NamedMeaning>& ProductNames();

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
