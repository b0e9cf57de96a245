#include "tools/torture_driver/record_reader.h"

#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::torture {
namespace {

using Json = nlohmann::json;

constexpr char kEventsPath[] = "/v2/events";

// The text at a path of member names; empty where there is none.
std::string TextAt(const Json& json, std::initializer_list<const char*> path) {
  const Json* value = &json;
  for (const char* name : path) {
    if (!value->is_object()) return "";
    const auto member = value->find(name);
    if (member == value->end()) return "";
    value = &*member;
  }
  return value->is_string() ? value->get<std::string>() : "";
}

std::string NameIn(const Json& event) {
  for (const auto& path :
       {std::initializer_list<const char*>{"data", "event_name"},
        {"data", "screen_name"},
        {"data", "product_action", "action"}}) {
    std::string name = TextAt(event, path);
    if (!name.empty()) return name;
  }
  return "";
}

TakenBatch ToTakenBatch(const Json& record) {
  const Json& body = record["body"];
  TakenBatch batch;
  batch.source_request_id = TextAt(record, {"source_request_id"});
  absl::Time received_at;
  std::string error;
  absl::ParseTime(absl::RFC3339_full, TextAt(record, {"received_at"}),
                  &received_at, &error);
  batch.received_at_ms = absl::ToUnixMillis(received_at);
  batch.customer_id = TextAt(body, {"user_identities", "customer_id"});
  batch.other = TextAt(body, {"user_identities", "other"});
  batch.email = TextAt(body, {"user_identities", "email"});
  for (const Json& event : body.value("events", Json::array())) {
    batch.events.push_back(
        {.message_id = TextAt(event, {"data", "source_message_id"}),
         .number = TextAt(event, {"data", "custom_attributes", "number"}),
         .checksum = TextAt(event, {"data", "custom_attributes", "checksum"}),
         .type = TextAt(event, {"event_type"}),
         .name = NameIn(event)});
  }
  return batch;
}

// Whether it was refused for an event in it.
bool IsRefusedAsPoison(const Json& record) {
  if (record["status"] != 400 && record["status"] != 413) return false;
  for (const Json& problem : record["problems"]) {
    if (problem.get_ref<const std::string&>().ends_with(": poison")) {
      return true;
    }
  }
  return false;
}

// "answer" says less than its status.
std::string FaultOf(const Json& record) {
  std::string fault = TextAt(record, {"fault"});
  const bool taken = record["taken"];
  if (fault == "answer")
    fault = absl::StrCat("status ", record["status"].dump());
  if (fault == "stall" || absl::StartsWith(fault, "status ")) {
    absl::StrAppend(&fault, taken ? ", taken" : "");
  }
  return fault;
}

}  // namespace

void ReadRecordLine(absl::string_view line,
                    const std::function<void(const TakenBatch&)>& on_taken,
                    RecordTotals& totals) {
  const Json record = Json::parse(line.begin(), line.end(), nullptr,
                                  /*allow_exceptions=*/false);
  if (!record.is_object()) {
    ++totals.unfinished_lines;
    return;
  }
  const std::string fault = FaultOf(record);
  if (!fault.empty()) ++totals.faults[fault];
  if (TextAt(record, {"path"}) != kEventsPath || !record.contains("body")) {
    return;
  }
  ++totals.requests;
  if (IsRefusedAsPoison(record)) {
    ++totals.faults[absl::StrCat("poison, status ", record["status"].dump())];
    if (record["body"]["events"].size() > 1) ++totals.refused_together;
  }
  if (record["taken"].get<bool>()) on_taken(ToTakenBatch(record));
}

absl::Status ReadRecord(const std::string& path,
                        const std::function<void(const TakenBatch&)>& on_taken,
                        RecordTotals& totals) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  for (std::string line; std::getline(file, line);) {
    ReadRecordLine(line, on_taken, totals);
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::torture
