#ifndef TOOLS_SANDBOX_RULE_H_
#define TOOLS_SANDBOX_RULE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tools/sandbox/problems.h"

namespace signal_delivery::sandbox {

// The vocabulary in which the rules of a batch are written: a rule looks at one
// JSON value and reports what is wrong with it. Rules are values; they are
// built once, hold no state and may be used by any number of threads.
//
// No rule takes null. mParticle takes it in many places, and reads it as a tag,
// as nothing, or as a mistake: a field without a value is to be left out.

using Rule = std::function<void(const nlohmann::json& value, const Path& where,
                                Problems& problems)>;

inline constexpr std::size_t kAnyNumber =
    std::numeric_limits<std::size_t>::max();

// Texts. Lengths are counted in characters (Unicode code points).
Rule Text(std::size_t most_characters = kAnyNumber);
Rule OneOf(std::vector<std::string> spellings);
Rule Uuid();
Rule IpAddress();

// A text, a number or a boolean: what mParticle's schema calls a string.
Rule Scalar(std::size_t most_characters = kAnyNumber);

// A number written without fraction and exponent, in the range of 64 bits.
Rule Integer();
Rule Exactly(int64_t number);
// An Integer that can be a time in milliseconds: between 2000 and 2100, so that
// seconds and microseconds are noticed.
Rule Milliseconds();
Rule Number();
Rule Boolean();

Rule ListOf(Rule entry, std::size_t most_entries = kAnyNumber);

// An object whose keys are the sender's own.
struct MapLimits {
  std::size_t most_entries = kAnyNumber;
  std::size_t most_name_characters = kAnyNumber;
};
Rule MapOf(Rule value, MapLimits limits = {});

// Uses `list` where the value is a list, `other` where it is anything else.
Rule ListOr(Rule list, Rule other);

// An object with fields that mParticle knows.
struct Field {
  std::string name;
  Rule rule;
  bool required = false;
};
Field Required(std::string name, Rule rule);
Field Optional(std::string name, Rule rule);

// One field per name, all with the same rule.
std::vector<Field> AllOptional(std::vector<std::string> names,
                               const Rule& rule);
std::vector<Field> Join(std::vector<std::vector<Field>> parts);

enum class UnknownFields { kRefused, kIgnored };
Rule Object(UnknownFields unknown, std::vector<Field> fields);

// Exactly one of the named fields is there. Says nothing about their values.
Rule ExactlyOneOf(std::vector<std::string> names);

// Every one of the rules.
Rule AllOf(std::vector<Rule> rules);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_RULE_H_
