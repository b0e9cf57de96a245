#include "tests/support/random_values.h"

#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace signal_delivery::support {
namespace {

using ::google::protobuf::Struct;
using ::google::protobuf::Value;

// Objects within objects end at this depth.
constexpr int kMaxDepth = 4;

void AppendUtf8(uint32_t character, std::string& text) {
  const auto tail = [&](int shift) {
    text.push_back(static_cast<char>(0x80 | (character >> shift & 0x3F)));
  };
  if (character < 0x80) {
    text.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    text.push_back(static_cast<char>(0xC0 | character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | character >> 12));
    tail(6);
    tail(0);
  } else {
    text.push_back(static_cast<char>(0xF0 | character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

uint32_t RandomCharacter(RandomChoices& choices) {
  static constexpr uint32_t kOdd[] = {
      'a',    '"',    '\\',   '/',     0,       '\n',    0x1F,   0x7F,
      0x80,   0xE9,   0x7FF,  0x800,   0x2028,  0xD7FF,  0xE000, 0xFEFF,
      0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
  return choices.Of(kOdd);
}

std::string OddText(RandomChoices& choices) {
  std::string text;
  for (size_t left = choices.Below(12); left > 0; --left) {
    AppendUtf8(RandomCharacter(choices), text);
  }
  return text;
}

// Around the limits of names (256), list entries (512) and values (4,096).
constexpr size_t kLongNames[] = {255, 256, 257};
constexpr size_t kLongTexts[] = {256, 257, 512, 513, 4096, 4097, 20'000};

// `length` times the same character.
std::string LongText(RandomChoices& choices, size_t length) {
  std::string character;
  AppendUtf8(choices.OneIn(2) ? RandomCharacter(choices) : 'x', character);
  std::string text;
  text.reserve(length * character.size());
  for (size_t i = 0; i < length; ++i) text += character;
  return text;
}

std::string RandomTime(RandomChoices& choices) {
  static constexpr const char* kTimes[] = {
      "2024-01-29T14:53:20.000Z",
      "2024-01-29T14:53:20+14:00",
      "2024-01-29T14:53:20.123456789-02:30",
      "2024-02-30T00:00:00Z",
      "2024-01-29",
      "infinite-future"};
  return choices.OneIn(12) ? choices.Of(OddTimes()) : choices.Of(kTimes);
}

Struct RandomObjectAt(RandomChoices& choices,
                      const std::vector<NamedMeaning>& names, int depth);

void SetList(RandomChoices& choices, int depth, Value& value) {
  auto& items = *value.mutable_list_value()->mutable_values();
  size_t length = choices.Below(5);
  if (choices.OneIn(200)) length = 1001;
  // All of one kind, or anything.
  static constexpr Meaning kMeanings[] = {Meaning::kText, Meaning::kNumber,
                                          Meaning::kAnything};
  const Meaning meaning = choices.Of(kMeanings);
  for (; length > 0; --length) {
    if (meaning == Meaning::kAnything && choices.OneIn(4)) {
      *items.Add()->mutable_struct_value() =
          RandomObjectAt(choices, ProductNames(), depth + 1);
    } else {
      *items.Add() = RandomValue(
          choices, meaning == Meaning::kAnything ? Meaning::kBoolean : meaning);
    }
  }
}

Value RandomValueAt(RandomChoices& choices, Meaning meaning, int depth) {
  Value value;
  if (meaning == Meaning::kAnything || choices.OneIn(12)) {
    static constexpr Meaning kMeanings[] = {
        Meaning::kText, Meaning::kNumber,    Meaning::kBoolean,
        Meaning::kTime, Meaning::kIpAddress, Meaning::kUuid};
    if (depth < kMaxDepth && choices.OneIn(4)) {
      if (choices.OneIn(2)) {
        *value.mutable_struct_value() =
            RandomObjectAt(choices, PropertyNames(), depth + 1);
      } else {
        SetList(choices, depth, value);
      }
      return value;
    }
    if (choices.OneIn(12)) {
      value.set_null_value(google::protobuf::NULL_VALUE);
      return value;
    }
    // A value that is not set at all is possible on the wire.
    if (choices.OneIn(40)) return value;
    meaning = choices.Of(kMeanings);
  }
  switch (meaning) {
    case Meaning::kText:
      value.set_string_value(RandomText(choices));
      break;
    case Meaning::kNumber:
      if (choices.OneIn(8)) {
        value.set_string_value(absl::StrCat(RandomNumber(choices)));
      } else {
        value.set_number_value(RandomNumber(choices));
      }
      break;
    case Meaning::kBoolean:
      if (choices.OneIn(8)) {
        value.set_string_value("true");
      } else {
        value.set_bool_value(choices.OneIn(2));
      }
      break;
    case Meaning::kTime:
      value.set_string_value(RandomTime(choices));
      break;
    case Meaning::kIpAddress:
      value.set_string_value(RandomIpAddress(choices));
      break;
    case Meaning::kUuid:
      value.set_string_value(RandomUuid(choices));
      break;
    case Meaning::kProducts:
      for (size_t left = choices.Below(4); left > 0; --left) {
        *value.mutable_list_value()->add_values()->mutable_struct_value() =
            RandomObjectAt(choices, ProductNames(), depth + 1);
      }
      break;
    default:
      *value.mutable_struct_value() =
          RandomObjectAt(choices, PropertyNames(), depth + 1);
      break;
  }
  return value;
}

Struct RandomObjectAt(RandomChoices& choices,
                      const std::vector<NamedMeaning>& names, int depth) {
  Struct object;
  auto& fields = *object.mutable_fields();
  // Deeper ones are smaller.
  for (size_t left = choices.Below(10 >> depth); left > 0; --left) {
    const NamedMeaning& entry = choices.Of(names);
    if (depth >= kMaxDepth && entry.meaning >= Meaning::kProducts) continue;
    fields[entry.name] = RandomValueAt(choices, entry.meaning, depth);
  }
  if (choices.OneIn(4)) {
    fields[RandomName(choices)] =
        RandomValueAt(choices, Meaning::kAnything, depth);
  }
  // More than the 100 attributes that mParticle keeps.
  if (depth == 0 && choices.OneIn(100)) {
    for (int i = 0; i < 110; ++i) {
      fields[absl::StrCat("p", i)].set_number_value(i);
    }
  }
  return object;
}

}  // namespace

std::string RandomIpAddress(RandomChoices& choices) {
  static constexpr const char* kAddresses[] = {"203.0.113.50", "2001:db8::1",
                                               "::", "255.255.255.255",
                                               "::ffff:192.0.2.1"};
  return choices.Of(kAddresses);
}

std::string RandomUuid(RandomChoices& choices) {
  return absl::StrFormat("a1b2c3d4-e5f6-7890-ABCD-%012x",
                         choices.Below(1 << 16));
}

std::string RandomText(RandomChoices& choices) {
  switch (choices.Below(24)) {
    case 23:
      return LongText(choices, choices.Of(kLongTexts));
    case 22:
      return "";
    case 21:
      return absl::StrCat(choices.Below(1000));
    case 20:
    case 19:
      return OddText(choices);
    default:
      return absl::StrCat(kPersonal, " ", choices.Below(8));
  }
}

std::string RandomName(RandomChoices& choices) {
  static constexpr const char* kNames[] = {
      "own",   "with space", "dotted.name", "$reserved", "\xC3\xA9t\xC3\xA9",
      "UPPER", "revenue.",   ".",           "",          "a"};
  switch (choices.Below(12)) {
    case 11:
      return LongText(choices, choices.Of(kLongNames));
    case 10:
      return OddText(choices);
    default:
      return choices.Of(kNames);
  }
}

double RandomNumber(RandomChoices& choices) {
  using Limits = std::numeric_limits<double>;
  static constexpr double kOdd[] = {0,
                                    -0.0,
                                    -1,
                                    0.1,
                                    1e21,
                                    1e-7,
                                    123456789,
                                    2147483648.0,
                                    -2147483649.0,
                                    9007199254740993.0,
                                    1706540000000.0,
                                    1706540000,
                                    9.3e18,
                                    Limits::max(),
                                    -Limits::max(),
                                    Limits::denorm_min(),
                                    Limits::quiet_NaN(),
                                    Limits::infinity(),
                                    -Limits::infinity()};
  switch (choices.Below(8)) {
    case 7:
      return choices.Of(kOdd);
    case 6: {
      const uint64_t bits = choices.Bits();
      double number;
      std::memcpy(&number, &bits, sizeof number);
      return number;
    }
    case 5:
    case 4:
      return static_cast<double>(choices.Below(100'000)) / 100;
    default:
      return static_cast<double>(choices.Below(100));
  }
}

Value RandomValue(RandomChoices& choices, Meaning meaning) {
  return RandomValueAt(choices, meaning, 0);
}

Struct RandomObject(RandomChoices& choices,
                    const std::vector<NamedMeaning>& names) {
  return RandomObjectAt(choices, names, 0);
}

}  // namespace signal_delivery::support
