#include "tests/support/random_pipeline.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/batch_schema.h"
#include "mapping/source_path.h"
#include "mapping/transform_table.h"
#include "mapping/value_kinds.h"
#include "mparticle/events/v2/values.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/random_events.h"
#include "tests/support/random_names.h"
#include "tests/support/random_values.h"

namespace signal_delivery::support {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::mparticle::events::v2::TextFormat;
using ::mparticle::events::v2::UserAttributeValue;
using ::signal_delivery::mapping::ArgumentKind;
using ::signal_delivery::mapping::SourcePath;
using ::signal_delivery::mapping::TransformRow;
using ::signal_delivery::mapping::TransformTable;
using ::signal_delivery::mapping::ValueKinds;

// Transforms of one mapping.
constexpr size_t kMostTransforms = 3;

Meaning MeaningOf(const FieldDescriptor& field) {
  switch (mapping::FormatOf(field)) {
    case TextFormat::TEXT_FORMAT_IP_ADDRESS:
      return Meaning::kIpAddress;
    case TextFormat::TEXT_FORMAT_UUID:
      return Meaning::kUuid;
    default:
      break;
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Meaning::kBoolean;
    case FieldDescriptor::CPPTYPE_INT64:
      if (absl::EndsWith(field.name(), "time_ms")) return Meaning::kTime;
      return Meaning::kNumber;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_INT32:
      return Meaning::kNumber;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Meaning::kAnything;
    default:
      return Meaning::kText;
  }
}

ValueKinds KindsTakenBy(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_ENUM:
      return mapping::kText;
    case FieldDescriptor::CPPTYPE_BOOL:
      return mapping::kBoolean;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field.message_type() == UserAttributeValue::descriptor()
                 ? mapping::kSingleValue | mapping::kList
                 : mapping::kSingleValue;
    default:
      return mapping::kNumber;
  }
}

// One of the names that have this meaning, if there is one.
std::string NameFor(RandomChoices& choices, Meaning meaning,
                    const std::vector<NamedMeaning>& names) {
  const size_t start = choices.Below(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const NamedMeaning& entry = names[(start + i) % names.size()];
    if (meaning == Meaning::kAnything || entry.meaning == meaning) {
      return entry.name;
    }
  }
  return names[start].name;
}

// The path of a value that mostly has this meaning.
std::string RandomSource(RandomChoices& choices, Meaning meaning,
                         bool in_element) {
  if (choices.OneIn(8)) meaning = Meaning::kAnything;
  if (in_element) return NameFor(choices, meaning, ProductNames());
  if (choices.OneIn(2)) {
    static constexpr const char* kTexts[] = {"user_id",
                                             "userId",
                                             "anonymous_id",
                                             "message_id",
                                             "group_id",
                                             "event",
                                             "name",
                                             "context.locale",
                                             "context.page.url",
                                             "context.device.model",
                                             "context.userAgent",
                                             "context.campaign.source"};
    switch (meaning) {
      case Meaning::kText:
        return choices.Of(kTexts);
      case Meaning::kBoolean:
        return absl::StrCat("context.consent.",
                            choices.Of(ConsentCategories()));
      case Meaning::kTime:
        return "timestamp";
      case Meaning::kIpAddress:
        return "context.ip";
      default:
        break;
    }
  }
  if (choices.OneIn(4)) {
    return absl::StrCat("traits.", NameFor(choices, meaning, TraitNames()));
  }
  return absl::StrCat(choices.OneIn(6) ? "properties.object." : "properties.",
                      NameFor(choices, meaning, PropertyNames()));
}

std::string RandomArgument(RandomChoices& choices, ArgumentKind kind) {
  static constexpr const char* kTexts[] = {",", ", ", "a", "\xF0\x9F\x98\x80"};
  static constexpr const char* kNumbers[] = {"100", "0", "-0.5", "1e300",
                                             "1e-300"};
  static constexpr const char* kFormats[] = {"epoch_millis", "epoch_seconds",
                                             "epoch_micros", "iso8601"};
  switch (kind) {
    case ArgumentKind::kText:
      return Quoted(choices.Of(kTexts));
    case ArgumentKind::kNumber:
      return choices.Of(kNumbers);
    case ArgumentKind::kCount:
      return absl::StrCat(1 + choices.Below(5000));
    case ArgumentKind::kTimeFormat:
      return choices.Of(kFormats);
    case ArgumentKind::kNone:
      break;
  }
  return "";
}

// A transform with its argument; `kinds` is what goes in, then what comes out.
std::string Step(const TransformRow& row, const std::string& argument,
                 ValueKinds& kinds) {
  kinds = row.gives;
  const std::string name(row.name);
  if (row.argument == ArgumentKind::kNone) return name;
  if (row.argument == ArgumentKind::kTimeFormat) {
    kinds = argument == "iso8601" ? mapping::kText : mapping::kNumber;
  }
  return absl::StrCat("{", name, ": ", argument, "}");
}

// A random one that takes what there is; none at times.
void AddTransform(RandomChoices& choices, std::vector<std::string>& steps,
                  ValueKinds& kinds) {
  const auto table = TransformTable();
  const TransformRow& row = table[choices.Below(table.size())];
  if ((row.takes & kinds) == 0) return;
  steps.push_back(Step(row, RandomArgument(choices, row.argument), kinds));
}

void AddNamed(absl::string_view name, const std::string& argument,
              std::vector<std::string>& steps, ValueKinds& kinds) {
  for (const TransformRow& row : TransformTable()) {
    if (row.name == name) steps.push_back(Step(row, argument, kinds));
  }
}

// Makes something that the field takes of what there is.
void AddRemedies(ValueKinds wanted, std::vector<std::string>& steps,
                 ValueKinds& kinds) {
  while ((kinds & wanted) == 0) {
    if ((kinds & mapping::kTime) != 0) {
      AddNamed("date_format", "epoch_millis", steps, kinds);
    } else if ((kinds & mapping::kList) != 0) {
      AddNamed("join", "' '", steps, kinds);
    } else if ((wanted & mapping::kBoolean) != 0) {
      AddNamed("boolean", "", steps, kinds);
    } else if ((wanted & mapping::kNumber) != 0 &&
               (kinds & mapping::kText) != 0) {
      AddNamed("number", "", steps, kinds);
    } else {
      AddNamed("string", "", steps, kinds);
    }
  }
}

ValueKinds KindsFoundAt(const std::string& source, bool in_element) {
  const auto path = in_element ? SourcePath::IntoElement(source)
                               : SourcePath::IntoEvent(source).value();
  return path.kinds();
}

}  // namespace

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

std::string RandomFixedValue(RandomChoices& choices,
                             const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto& type = *field.enum_type();
    const int value =
        1 + static_cast<int>(choices.Below(type.value_count() - 1));
    return Quoted(std::string(mapping::Spelling(*type.value(value))));
  }
  switch (MeaningOf(field)) {
    case Meaning::kIpAddress:
      return Quoted(RandomIpAddress(choices));
    case Meaning::kUuid:
      return Quoted(RandomUuid(choices));
    case Meaning::kBoolean:
      return choices.OneIn(2) ? "true" : "false";
    case Meaning::kTime:
      return absl::StrCat(1'706'540'000'000 + choices.Below(1000));
    case Meaning::kNumber:
      return absl::StrCat(choices.Below(1000));
    default:
      return Quoted(absl::StrCat("fixed ", choices.Below(10)));
  }
}

std::string RandomPipeline(RandomChoices& choices, const FieldDescriptor& field,
                           bool in_element) {
  const Meaning meaning = MeaningOf(field);
  std::vector<std::string> sources;
  ValueKinds kinds = 0;
  do {
    const std::string source = RandomSource(choices, meaning, in_element);
    kinds |= KindsFoundAt(source, in_element);
    sources.push_back(Quoted(source));
  } while (choices.OneIn(4));
  std::string text =
      absl::StrCat("source: [", absl::StrJoin(sources, ", "), "]");

  std::vector<std::string> steps;
  if (meaning == Meaning::kTime) {
    // In another unit at times: the mapping is to notice.
    if ((kinds & (mapping::kText | mapping::kTime)) == 0) {
      AddNamed("string", "", steps, kinds);
    }
    AddNamed("date_format", choices.OneIn(8) ? "epoch_seconds" : "epoch_millis",
             steps, kinds);
  } else if (choices.OneIn(4)) {
    for (size_t left = 1 + choices.Below(kMostTransforms); left > 0; --left) {
      AddTransform(choices, steps, kinds);
    }
  }
  AddRemedies(KindsTakenBy(field), steps, kinds);
  if (!steps.empty()) {
    absl::StrAppend(&text, ", transform: [", absl::StrJoin(steps, ", "), "]");
  }
  if (choices.OneIn(12)) {
    const std::string value = RandomFixedValue(choices, field);
    absl::StrAppend(
        &text, ", value_map: {\"true\": ", value, ", \"false\": null",
        choices.OneIn(4) ? absl::StrCat(", '*': ", value) : "", "}");
  }
  if (choices.OneIn(8)) {
    absl::StrAppend(&text, ", default: ", RandomFixedValue(choices, field));
  }
  return text;
}

}  // namespace signal_delivery::support
