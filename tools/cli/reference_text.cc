#include "tools/cli/reference_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/event_kind.h"
#include "mapping/field_mapping.h"
#include "mapping/known_paths.h"
#include "mapping/mapping_config.h"
#include "mapping/rule.h"
#include "mapping/transform_table.h"
#include "mapping/value_kinds.h"
#include "mparticle/events/v2/batch.pb.h"
#include "server/integration_keys.h"
#include "tools/cli/reference_examples.h"

namespace signal_delivery::cli {
namespace {

using ::google::protobuf::Descriptor;
using mapping::ConfigKey;
using mapping::KnownPath;
using ::mparticle::events::v2::Batch;

constexpr absl::string_view kImpressions = "data.product_impressions";

constexpr absl::string_view kIntroduction =
    R"(# Field mappings: the reference

What may stand in an integration's file (`NAME.yaml`; the name is the integration's id),
and what is done with every value. `signalctl reference` prints this page, made of the
tables that the service itself uses; a test holds both together.

A mapping takes a value from a Signal event and puts it into an mParticle batch:

```
source -> transform -> value_map -> default -> target
```

Check a file with `signalctl check-config FILE`, see what it means in full with `signalctl
explain-config FILE`, and see what it makes of events, field by field, with `signalctl
preview`. `signalctl check-config FILE --cases=CASES.json` runs your own examples in your CI.

A mapping replaces the inherited one of the same target; the rest of the preset stays.
Names of events and keys are matched letter by letter. Properties that no mapping takes
become `custom_attributes`: nested objects under dotted names, lists as JSON text. Traits
and context that no mapping takes are not sent. To a mapping, null and a text of nothing but
white space are no value: the next source is tried, then the default. Of the properties that
no mapping takes, null is left out and an empty text is sent. A value that breaks a rule is
left out, and the default does not take its place. A changed file is in force within two
seconds, or at once on SIGHUP; where any file is wrong, none is.

## Examples
)";

std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}});
}

std::string Code(absl::string_view text) {
  return text.empty() ? "" : absl::StrCat("`", text, "`");
}

void AppendKeys(absl::string_view title, absl::Span<const ConfigKey> keys,
                std::string& out) {
  absl::StrAppend(&out, "\n### ", title, "\n\n| Key | Meaning |\n|---|---|\n");
  for (const ConfigKey& key : keys) {
    absl::StrAppend(&out, "| `", key.name, "` | ", Cell(key.meaning), " |\n");
  }
}

void AppendPaths(absl::string_view heading, const std::vector<KnownPath>& paths,
                 std::string& out) {
  absl::StrAppend(&out, "\n| ", heading, " | |\n|---|---|\n");
  for (const KnownPath& path : paths) {
    absl::StrAppend(&out, "| `", path.path, "` | ", Cell(path.value), " |\n");
  }
}

void AppendTransforms(std::string& out) {
  absl::StrAppend(&out, "\n| Transform | Takes | What it does | Example |\n",
                  "|---|---|---|---|\n");
  for (const mapping::TransformRow& row : mapping::TransformTable()) {
    const std::string written =
        row.example_argument.empty()
            ? std::string(row.name)
            : absl::StrCat("{", row.name, ": ", row.example_argument, "}");
    absl::StrAppend(&out, "| ", Code(written), " | ",
                    mapping::DescriptionOf(row.takes), " | ", Cell(row.meaning),
                    " | ", Code(row.example_input), " → ",
                    Code(row.example_output), " |\n");
  }
}

absl::string_view PolicyText(mapping::Policy policy) {
  switch (policy) {
    case mapping::Policy::kFix:
      return "mended, with a warning";
    case mapping::Policy::kLeaveOut:
      return "left out, with a warning";
    case mapping::Policy::kWarn:
      return "sent, with a warning";
    case mapping::Policy::kNextBatch:
      return "sent in another batch";
    case mapping::Policy::kReject:
      return "the event is rejected";
    case mapping::Policy::kIntegrationChooses:
      return "the integration chooses";
  }
  return "";
}

void AppendRules(std::string& out) {
  absl::StrAppend(&out, "\n| Rule | What it demands | Otherwise |\n",
                  "|---|---|---|\n");
  for (const mapping::RuleInfo& rule : mapping::Rules()) {
    absl::StrAppend(&out, "| `", rule.name, "` | ", Cell(rule.meaning), " | ",
                    PolicyText(rule.policy), " |\n");
  }
}

// Targets that every kind of event has, and by kind those that it has beside.
struct EventTargets {
  std::vector<KnownPath> common;
  std::map<std::string, std::vector<KnownPath>> by_kind;
};

EventTargets TargetsOfEvents() {
  EventTargets targets;
  const auto& kinds = mapping::EventData();
  std::map<std::string, int> counts;
  for (int i = 0; i < kinds.field_count(); ++i) {
    std::vector<KnownPath>& own = targets.by_kind[kinds.field(i)->name()];
    own = mapping::KnownTargets(*kinds.field(i)->message_type(),
                                mapping::EventPrefix());
    for (const KnownPath& path : own) ++counts[path.path];
  }
  const auto is_common = [&](const KnownPath& path) {
    return counts[path.path] == kinds.field_count();
  };
  const std::vector<KnownPath>& first = targets.by_kind.begin()->second;
  std::copy_if(first.begin(), first.end(), std::back_inserter(targets.common),
               is_common);
  for (auto& [kind, own] : targets.by_kind) {
    own.erase(std::remove_if(own.begin(), own.end(), is_common), own.end());
  }
  return targets;
}

void AppendTargets(std::string& out) {
  absl::StrAppend(&out, "\n### At the root of the batch\n");
  AppendPaths("Target", mapping::KnownTargets(*Batch::descriptor(), ""), out);
  const EventTargets events = TargetsOfEvents();
  absl::StrAppend(
      &out, "\n### In every kind of event\n\n`event_type` takes a ",
      "fixed value, the kind; the sections below name the kinds.\n");
  AppendPaths("Target", events.common, out);
  for (const auto& [kind, paths] : events.by_kind) {
    absl::StrAppend(&out, "\n### In a ", kind, "\n");
    AppendPaths("Target", paths, out);
  }
  for (const Descriptor* type : mapping::ListedTypes(*Batch::descriptor())) {
    // An event itself is an object in a list too: `events`.
    if (type->name() == "Event") continue;
    absl::StrAppend(&out, "\n### In a ", type->name(), " (`each`)\n");
    AppendPaths("Target", mapping::KnownTargets(*type, ""), out);
  }
}

std::string FixedText(const mapping::EventMapping& event,
                      absl::string_view target) {
  for (const mapping::FieldMapping& field : event.mappings) {
    if (field.target != target || !field.value.has_value()) continue;
    if (const auto* text = std::get_if<std::string>(&*field.value)) {
      return *text;
    }
  }
  return "";
}

// "commerce_event: purchase".
std::string WhatItBecomes(const mapping::EventMapping& event) {
  std::string text = FixedText(event, mapping::kEventTypeTarget);
  for (const std::string& detail :
       {event.vendor_event_name, FixedText(event, "data.product_action.action"),
        FixedText(event, "data.promotion_action.action")}) {
    if (!detail.empty()) absl::StrAppend(&text, ": ", detail);
  }
  for (const mapping::FieldMapping& field : event.mappings) {
    if (field.target == kImpressions) absl::StrAppend(&text, ": impressions");
  }
  return text;
}

void AppendPresets(std::string& out) {
  for (const std::string& name : mapping::PresetNames()) {
    const auto preset = mapping::LoadPreset(name);
    if (!preset.ok()) continue;
    absl::StrAppend(&out, "\n### ", name, "\n\n| Every event's | Goes to |\n",
                    "|---|---|\n");
    for (const mapping::FieldMapping& field : preset->global) {
      absl::StrAppend(&out, "| `", absl::StrJoin(field.sources, "`, `"),
                      "` | `", field.target, "` |\n");
    }
    absl::StrAppend(&out, "\n| Event | Becomes |\n|---|---|\n");
    for (const mapping::EventMapping& event : preset->events) {
      absl::StrAppend(&out, "| `", event.name, "` | ", WhatItBecomes(event),
                      " |\n");
    }
  }
}

}  // namespace

std::string ReferenceText() {
  std::string out(kIntroduction);
  for (const ReferenceExample& example : ReferenceExamples()) {
    absl::StrAppend(&out, "\n### ", example.title, "\n\n", example.note,
                    example.note.empty() ? "" : "\n\n", "```yaml\n",
                    example.yaml, "```\n");
  }
  absl::StrAppend(&out, "\n## Keys\n");
  AppendKeys("The file", server::IntegrationKeys(), out);
  AppendKeys("parameters", server::ParameterKeys(), out);
  AppendKeys("consent", server::ConsentKeys(), out);
  AppendKeys("data_plan", mapping::DataPlanKeys(), out);
  AppendKeys("event_time", server::EventTimeKeys(), out);
  AppendKeys("global", mapping::GlobalKeys(), out);
  AppendKeys("defaults", mapping::DefaultsKeys(), out);
  AppendKeys("An event under events", mapping::EventKeys(), out);
  AppendKeys("A mapping", mapping::FieldMappingKeys(), out);

  absl::StrAppend(&out, "\n## Transforms\n");
  AppendTransforms(out);
  absl::StrAppend(
      &out, "\n## Rules\n\nWhat is checked before anything is sent. Each ",
      "warning and violation names its rule and, where it is about one, the ",
      "field of the event and the field of the batch; none holds the value.\n");
  AppendRules(out);
  absl::StrAppend(&out, "\n## Sources\n\nField names may also be written as ",
                  "Signal's JSON has them (`userId`).\n");
  AppendPaths("Source", mapping::KnownSources(), out);
  absl::StrAppend(&out, "\n## Targets\n");
  AppendTargets(out);
  absl::StrAppend(&out, "\n## Presets\n\nWhat they map in full: `mapping/",
                  "presets/`, or `signalctl explain-config`.\n");
  AppendPresets(out);
  return out;
}

}  // namespace signal_delivery::cli
