#ifndef MAPPING_RULE_H_
#define MAPPING_RULE_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::mapping {

// The rules of Signal and of mParticle that are checked before anything is
// sent. Every finding names the one that it is about. The table in rule.cc says
// what each demands, and what is done about an event that breaks it.
enum class Rule {
  // About the event as a whole.
  kType,
  kEvent,
  kUser,
  kTimestamp,
  kMessageId,
  kRepeatRecognition,
  kRepeat,
  kUtf8,
  kEventBytes,
  kBatchBytes,
  kBatchEvents,
  kFutureTime,
  kOldTime,
  kRequiredField,
  kCommerceParts,
  kUniqueNames,
  // About one value.
  kTransform,
  kValueType,
  kNumberAsText,
  kBooleanAsText,
  kTextFromNumber,
  kFiniteNumber,
  kWholeNumber,
  kEnumValue,
  kIpAddress,
  kUuid,
  kHashedEmail,
  kTimeUnit,
  kTextLength,
  kListLength,
  // About attributes, lists and parts.
  kPropertyOnce,
  kAttributeName,
  kAttributeCount,
  kAttributePlace,
  kListElement,
  kIncompletePart,
};

// What is done about an event or a value that breaks a rule.
enum class Policy {
  // Mended; the event goes, with a warning.
  kFix,
  // The value is left out; the event goes, with a warning.
  kLeaveOut,
  // The event goes as it is, with a warning.
  kWarn,
  // The event goes into a batch of its own or the next one, without a warning.
  kNextBatch,
  // The event does not go; a violation says why.
  kReject,
  // The integration chooses: send with a warning, or reject.
  kIntegrationChooses,
};

struct RuleInfo {
  Rule rule;
  // As in a finding of the delivery service; never changes.
  absl::string_view name;
  Policy policy;
  // What it demands, and what is done.
  absl::string_view meaning;
};

// Every rule, in the enum's order.
absl::Span<const RuleInfo> Rules();

const RuleInfo& InfoOf(Rule rule);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_RULE_H_
