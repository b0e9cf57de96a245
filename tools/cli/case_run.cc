#include "tools/cli/case_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "server/reasons.h"
#include "tools/cli/event_text.h"
#include "tools/cli/json_difference.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::PreviewedEvent;
using Json = ::nlohmann::ordered_json;

constexpr char kSourceRequestId[] = "source_request_id";

PreviewedEvent Previewed(const mapping::EventFate& fate) {
  PreviewedEvent event;
  const auto reason = server::ReasonOf(fate.fate);
  if (reason != datafly::delivery::v1::REASON_UNSPECIFIED) {
    const server::ReasonInfo& info = server::InfoOf(reason);
    event.set_outcome(info.outcome);
    event.set_reason(reason);
    event.set_hint(std::string(info.hint));
  }
  if (!fate.consent_category.empty()) {
    event.set_detail(
        absl::StrCat("consent to ", fate.consent_category, " is not granted"));
  }
  const auto copy = [](const std::vector<mapping::Finding>& findings,
                       auto& field) {
    for (const mapping::Finding& finding : findings) {
      auto* copied = field.Add();
      copied->set_signal_path(finding.signal_path);
      copied->set_mparticle_path(finding.mparticle_path);
      copied->set_description(finding.description);
      copied->set_rule(std::string(mapping::InfoOf(finding.rule).name));
    }
  };
  copy(fate.findings.violations, *event.mutable_violations());
  copy(fate.findings.warnings, *event.mutable_warnings());
  return event;
}

std::string OutcomeOf(const PreviewedEvent& event) {
  return event.outcome() == datafly::delivery::v1::OUTCOME_UNSPECIFIED
             ? kSent
             : ReasonText(event.reason());
}

// A warning about a part that misses something names no field of the event.
const std::string& PathOf(const datafly::delivery::v1::Finding& warning) {
  return warning.signal_path().empty() ? warning.mparticle_path()
                                       : warning.signal_path();
}

Json ActualOf(const Case& tested, const mapping::MappedEvents& mapped,
              const std::vector<PreviewedEvent>& events) {
  Json actual = {{"batches", Json::array()},
                 {"outcomes", Json::array()},
                 {"warnings", Json::array()}};
  const Json expected = tested.expected.value("batches", Json::array());
  for (std::size_t i = 0; i < mapped.batches.size(); ++i) {
    Json batch = Json::parse(mapped.batches[i].body);
    if (i >= expected.size() || !expected[i].is_object() ||
        !expected[i].contains(kSourceRequestId)) {
      batch.erase(kSourceRequestId);
    }
    actual["batches"].push_back(std::move(batch));
  }
  for (const PreviewedEvent& event : events) {
    actual["outcomes"].push_back(OutcomeOf(event));
    for (const auto& warning : event.warnings()) {
      actual["warnings"].push_back(PathOf(warning));
    }
  }
  return actual;
}

// The elements as JSON, sorted.
std::vector<std::string> Elements(const Json& list) {
  std::vector<std::string> elements;
  for (const Json& element : list) elements.push_back(element.dump());
  std::sort(elements.begin(), elements.end());
  return elements;
}

// In no order: which warning comes first is of no matter.
std::vector<std::string> WarningDifferences(const Json& expected_list,
                                            const Json& actual_list) {
  const std::vector<std::string> expected = Elements(expected_list);
  const std::vector<std::string> actual = Elements(actual_list);
  std::vector<std::string> missing, unexpected, differences;
  absl::c_set_difference(expected, actual, std::back_inserter(missing));
  absl::c_set_difference(actual, expected, std::back_inserter(unexpected));
  for (const std::string& path : missing) {
    differences.push_back(
        absl::StrCat("warnings: expected ", Printable(path), ", got nothing"));
  }
  for (const std::string& path : unexpected) {
    differences.push_back(
        absl::StrCat("warnings: expected nothing, got ", Printable(path)));
  }
  return differences;
}

}  // namespace

CaseRun RunCase(const Case& tested, const mapping::Mapper& mapper) {
  std::vector<const datafly::signal::v1::Event*> events;
  for (const auto& event : tested.events) events.push_back(&event);
  const mapping::MappedEvents mapped = mapper.Map(events, tested.now);

  CaseRun run;
  for (const mapping::EventFate& fate : mapped.fates) {
    run.events.push_back(Previewed(fate));
  }
  run.actual = ActualOf(tested, mapped, run.events);
  if (!tested.expected.contains("batches")) {
    run.differences.push_back(
        "batches: missing; write what is to be posted, or let --update do it");
  }
  for (const auto& [name, expected] : tested.expected.items()) {
    const std::vector<std::string> differences =
        name == "warnings" ? WarningDifferences(expected, run.actual[name])
                           : Differences(expected, run.actual[name], name);
    run.differences.insert(run.differences.end(), differences.begin(),
                           differences.end());
  }
  return run;
}

}  // namespace signal_delivery::cli
