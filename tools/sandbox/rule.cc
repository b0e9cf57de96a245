#include "tools/sandbox/rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <iterator>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;

constexpr char kInteger[] =
    "an integer of 64 bits without fraction or exponent";
constexpr int64_t kYear2000Ms = 946'684'800'000;
constexpr int64_t kYear2100Ms = 4'102'444'800'000;

std::size_t Characters(absl::string_view text) {
  // The bytes that continue a character in UTF-8 are 10xxxxxx.
  return std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  });
}

absl::string_view TypeOf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null: leave the field out instead";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a text";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

void AddWrongType(absl::string_view expected, const Json& value,
                  const Path& where, Problems& problems) {
  problems.Add(where,
               absl::StrCat("must be ", expected, ", is ", TypeOf(value)));
}

void CheckLength(absl::string_view text, std::size_t most, const Path& where,
                 Problems& problems) {
  // Bytes are at least as many as characters, and cheaper to count.
  if (text.size() > most && Characters(text) > most) {
    problems.Add(where, absl::StrCat("longer than ", most, " characters"));
  }
}

const std::string& TextOf(const Json& value) {
  return value.get_ref<const std::string&>();
}

bool IsInteger(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<uint64_t>() <=
           static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  }
  return value.is_number_integer();
}

bool IsIpAddress(const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  return text.find('\0') == std::string::npos &&
         (inet_pton(AF_INET, text.c_str(), address) == 1 ||
          inet_pton(AF_INET6, text.c_str(), address) == 1);
}

bool IsUuid(absl::string_view text) {
  static constexpr absl::string_view kShape =
      "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(),
                    [](char actual, char shape) {
                      return shape == 'x' ? absl::ascii_isxdigit(actual)
                                          : actual == shape;
                    });
}

}  // namespace

Rule Text(std::size_t most_characters) {
  return [=](const Json& value, const Path& where, Problems& problems) {
    if (!value.is_string()) {
      return AddWrongType("a text", value, where, problems);
    }
    CheckLength(TextOf(value), most_characters, where, problems);
  };
}

Rule OneOf(std::vector<std::string> spellings) {
  return [spellings = std::move(spellings)](
             const Json& value, const Path& where, Problems& problems) {
    if (!value.is_string() || std::find(spellings.begin(), spellings.end(),
                                        TextOf(value)) == spellings.end()) {
      problems.Add(where, absl::StrCat("must be one of: ",
                                       absl::StrJoin(spellings, ", ")));
    }
  };
}

Rule Uuid() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!value.is_string() || !IsUuid(TextOf(value))) {
      problems.Add(where, "must be a UUID");
    }
  };
}

Rule IpAddress() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!value.is_string() || !IsIpAddress(TextOf(value))) {
      problems.Add(where, "must be an IPv4 or IPv6 address, and nothing else");
    }
  };
}

Rule Scalar(std::size_t most_characters) {
  return [=](const Json& value, const Path& where, Problems& problems) {
    if (value.is_string()) {
      CheckLength(TextOf(value), most_characters, where, problems);
    } else if (!value.is_number() && !value.is_boolean()) {
      AddWrongType("a text, a number or a boolean", value, where, problems);
    }
  };
}

Rule Integer() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!IsInteger(value)) {
      AddWrongType(kInteger, value, where, problems);
    }
  };
}

Rule Exactly(int64_t number) {
  return [=](const Json& value, const Path& where, Problems& problems) {
    if (!IsInteger(value) || value.get<int64_t>() != number) {
      problems.Add(where, absl::StrCat("must be ", number));
    }
  };
}

Rule Milliseconds() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!IsInteger(value)) {
      return AddWrongType(kInteger, value, where, problems);
    }
    const int64_t time = value.get<int64_t>();
    if (time < kYear2000Ms || time >= kYear2100Ms) {
      problems.Add(where,
                   "must be milliseconds since 1970, in the years 2000 to "
                   "2099: are these seconds or microseconds?");
    }
  };
}

Rule Number() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!value.is_number()) {
      AddWrongType("a number", value, where, problems);
    }
  };
}

Rule Boolean() {
  return [](const Json& value, const Path& where, Problems& problems) {
    if (!value.is_boolean()) {
      AddWrongType("a boolean", value, where, problems);
    }
  };
}

Rule ListOf(Rule entry, std::size_t most_entries) {
  return [entry = std::move(entry), most_entries](
             const Json& value, const Path& where, Problems& problems) {
    if (!value.is_array()) {
      return AddWrongType("a list", value, where, problems);
    }
    if (value.size() > most_entries) {
      problems.Add(where, absl::StrCat("more than ", most_entries, " entries"));
    }
    for (std::size_t i = 0; i < value.size() && !problems.full(); ++i) {
      entry(value[i], Path{&where, {}, i}, problems);
    }
  };
}

Rule MapOf(Rule value_rule, MapLimits limits) {
  return [value_rule = std::move(value_rule), limits](
             const Json& value, const Path& where, Problems& problems) {
    if (!value.is_object()) {
      return AddWrongType("an object", value, where, problems);
    }
    if (value.size() > limits.most_entries) {
      problems.Add(where,
                   absl::StrCat("more than ", limits.most_entries, " entries"));
    }
    for (const auto& [name, entry] : value.items()) {
      if (problems.full()) return;
      const Path here{&where, name};
      if (name.size() > limits.most_name_characters &&
          Characters(name) > limits.most_name_characters) {
        problems.Add(where,
                     absl::StrCat("a name longer than ",
                                  limits.most_name_characters, " characters"));
      }
      value_rule(entry, here, problems);
    }
  };
}

Rule ListOr(Rule list, Rule other) {
  return [list = std::move(list), other = std::move(other)](
             const Json& value, const Path& where, Problems& problems) {
    (value.is_array() ? list : other)(value, where, problems);
  };
}

Field Required(std::string name, Rule rule) {
  return {std::move(name), std::move(rule), /*required=*/true};
}

Field Optional(std::string name, Rule rule) {
  return {std::move(name), std::move(rule), /*required=*/false};
}

std::vector<Field> AllOptional(std::vector<std::string> names,
                               const Rule& rule) {
  std::vector<Field> fields;
  for (std::string& name : names) {
    fields.push_back(Optional(std::move(name), rule));
  }
  return fields;
}

std::vector<Field> Join(std::vector<std::vector<Field>> parts) {
  std::vector<Field> all;
  for (std::vector<Field>& part : parts) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

Rule Object(UnknownFields unknown, std::vector<Field> fields) {
  std::vector<std::string> required;
  absl::flat_hash_map<std::string, Rule> rules;
  for (Field& field : fields) {
    if (field.required) required.push_back(field.name);
    rules.emplace(std::move(field.name), std::move(field.rule));
  }
  return [unknown, required = std::move(required), rules = std::move(rules)](
             const Json& value, const Path& where, Problems& problems) {
    if (!value.is_object()) {
      return AddWrongType("an object", value, where, problems);
    }
    for (const std::string& name : required) {
      if (!value.contains(name)) {
        problems.Add(Path{&where, name}, "is missing");
      }
    }
    for (const auto& [name, member] : value.items()) {
      if (problems.full()) return;
      const Path here{&where, name};
      const auto rule = rules.find(name);
      if (rule != rules.end()) {
        rule->second(member, here, problems);
      } else if (unknown == UnknownFields::kRefused) {
        problems.Add(here, "is not a field that mParticle knows here");
      }
    }
  };
}

Rule ExactlyOneOf(std::vector<std::string> names) {
  return [names = std::move(names)](const Json& value, const Path& where,
                                    Problems& problems) {
    const auto present = std::count_if(
        names.begin(), names.end(),
        [&](const std::string& name) { return value.contains(name); });
    if (value.is_object() && present != 1) {
      problems.Add(where, absl::StrCat("must have exactly one of: ",
                                       absl::StrJoin(names, ", ")));
    }
  };
}

Rule AllOf(std::vector<Rule> rules) {
  return [rules = std::move(rules)](const Json& value, const Path& where,
                                    Problems& problems) {
    for (const Rule& rule : rules) rule(value, where, problems);
  };
}

}  // namespace signal_delivery::sandbox
