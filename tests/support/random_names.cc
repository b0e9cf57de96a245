#include "tests/support/random_names.h"

namespace signal_delivery::support {

const std::vector<std::string>& OddTimes() {
  static const auto& times = *new std::vector<std::string>{
      "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1972-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999999999Z"};
  return times;
}

const std::vector<NamedMeaning>& PropertyNames() {
  static const auto& names = *new std::vector<NamedMeaning>{
      {"order_id", Meaning::kText},     {"revenue", Meaning::kNumber},
      {"total", Meaning::kNumber},      {"tax", Meaning::kNumber},
      {"shipping", Meaning::kNumber},   {"currency", Meaning::kText},
      {"coupon", Meaning::kText},       {"affiliation", Meaning::kText},
      {"products", Meaning::kProducts}, {"items", Meaning::kProducts},
      {"product_id", Meaning::kText},   {"price", Meaning::kNumber},
      {"title", Meaning::kText},        {"query", Meaning::kText},
      {"when", Meaning::kTime},         {"flag", Meaning::kBoolean},
      {"count", Meaning::kNumber},      {"id", Meaning::kUuid},
      {"address", Meaning::kIpAddress}, {"any", Meaning::kAnything},
      {"object", Meaning::kObject},     {"a.b", Meaning::kAnything}};
  return names;
}

const std::vector<NamedMeaning>& TraitNames() {
  static const auto& names = *new std::vector<NamedMeaning>{
      {"email", Meaning::kText},     {"first_name", Meaning::kText},
      {"firstName", Meaning::kText}, {"last_name", Meaning::kText},
      {"phone", Meaning::kText},     {"age", Meaning::kNumber},
      {"vip", Meaning::kBoolean},    {"since", Meaning::kTime},
      {"tags", Meaning::kAnything},  {"company", Meaning::kObject}};
  return names;
}

const std::vector<NamedMeaning>& ProductNames() {
  static const auto& names = *new std::vector<NamedMeaning>{
      {"product_id", Meaning::kText}, {"name", Meaning::kText},
      {"brand", Meaning::kText},      {"category", Meaning::kText},
      {"variant", Meaning::kText},    {"position", Meaning::kNumber},
      {"price", Meaning::kNumber},    {"quantity", Meaning::kNumber},
      {"coupon", Meaning::kText},     {"products", Meaning::kProducts},
      {"added", Meaning::kTime},      {"more", Meaning::kAnything}};
  return names;
}

}  // namespace signal_delivery::support
