#include "tools/sandbox/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kRequestId[] = "source_request_id";
// Where a record's body begins. It is not in any text before: there its quotes
// would be escaped.
constexpr char kBodyStart[] = ",\"body\":";

absl::string_view Masked(absl::string_view authorization) {
  return absl::StartsWithIgnoreCase(authorization, "Basic ") ? "Basic ***"
                                                             : "***";
}

Json HeadersOf(const Record& record) {
  Json headers = Json::object();
  for (const auto& [name, value] : record.headers) {
    const std::string shown(
        absl::EqualsIgnoreCase(name, "Authorization") ? Masked(value) : value);
    Json& entry = headers[name];
    entry = entry.is_null() ? shown
                            : absl::StrCat(entry.get_ref<const std::string&>(),
                                           ", ", shown);
  }
  return headers;
}

// The line without its sequence number, which is known only under the lock.
std::string LineAfterSequence(const Record& record) {
  Json line = {{"received_at",
                absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", record.received_at,
                                 absl::UTCTimeZone())},
               {"connection", record.connection}};
  if (!record.method.empty()) {
    line["method"] = record.method;
    line["path"] = record.path;
    line["headers"] = HeadersOf(record);
  }
  line["status"] = record.status ? Json(*record.status) : Json();
  line["taken"] = record.taken;
  line["duplicate"] = record.duplicate;
  if (!record.fault.empty()) line["fault"] = record.fault;
  if (record.taken && !record.request_id.empty()) {
    line[kRequestId] = Json::parse(record.request_id);
  }
  if (record.taken) line["source_message_ids"] = record.message_ids;
  line["problems"] = record.problems;
  if (!record.body_is_json && !record.body.empty()) {
    line["body_text"] = record.body;
  }
  std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (record.body_is_json) {
    // As it came, so that a reader sees the sender's own order and spelling of
    // numbers. Line breaks in valid JSON only stand between tokens.
    text.pop_back();
    absl::StrAppend(&text, kBodyStart, record.body, "}");
    std::replace_if(
        text.begin(), text.end(),
        [](char byte) { return byte == '\n' || byte == '\r'; }, ' ');
  }
  return text;
}

void WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      std::perror("the record cannot be written");
      std::_Exit(1);
    }
    text.remove_prefix(written);
  }
}

// A sandbox that was killed while writing leaves half a line; the next record
// must not become part of it.
bool EndsInsideLine(int file) {
  const off_t size = lseek(file, 0, SEEK_END);
  char last = '\n';
  return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Open(
    const std::string& path) {
  if (path.empty()) return std::unique_ptr<Recorder>(new Recorder(-1));
  const int file =
      open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  if (EndsInsideLine(file)) WriteAll(file, "\n");
  return std::unique_ptr<Recorder>(new Recorder(file));
}

std::vector<std::string> Recorder::TakenIds(const std::string& path) {
  std::vector<std::string> ids;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    // Bodies are long, and not needed. Half a line is no record.
    const std::size_t body = line.find(kBodyStart);
    if (body == std::string::npos || line.back() != '}') continue;
    const Json head = Json::parse(line.substr(0, body) + "}", nullptr,
                                  /*allow_exceptions=*/false);
    if (!head.is_object() || !head.value("taken", false)) continue;
    const auto id = head.find(kRequestId);
    if (id != head.end()) ids.push_back(id->dump());
  }
  return ids;
}

Recorder::~Recorder() {
  if (file_ >= 0) close(file_);
}

void Recorder::Add(const Record& record) {
  const std::string rest = LineAfterSequence(record);
  std::lock_guard lock(mutex_);
  std::string line =
      absl::StrCat("{\"sequence\":", ++count_, ",", rest.substr(1), "\n");
  if (file_ >= 0) WriteAll(file_, line);
  line.pop_back();
  bytes_ += line.size();
  lines_.push_back(std::move(line));
  while (bytes_ > kMaxBytesInMemory) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
  }
  added_.notify_all();
}

std::vector<std::string> Recorder::Lines() const {
  std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

void Recorder::Clear() {
  std::lock_guard lock(mutex_);
  lines_.clear();
  bytes_ = 0;
}

bool Recorder::WaitForCount(int64_t count, absl::Duration timeout) const {
  std::unique_lock lock(mutex_);
  return added_.wait_for(lock, absl::ToChronoMilliseconds(timeout),
                         [&] { return count_ >= count; });
}

}  // namespace signal_delivery::sandbox
