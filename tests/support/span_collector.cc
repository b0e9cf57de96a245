#include "tests/support/span_collector.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::support {

using ::nlohmann::json;

SpanCollector::SpanCollector(std::function<std::string()> answer)
    : http_(std::make_unique<httplib::Server>()) {
  http_->Post("/v1/traces", [this, answer = std::move(answer)](
                                const httplib::Request& request,
                                httplib::Response& out) {
    EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
    const json received = json::parse(request.body);
    {
      std::lock_guard lock(mutex_);
      bytes_ += request.body;
      for (const json& resource : received["resourceSpans"]) {
        for (const json& scope : resource["scopeSpans"]) {
          for (json span : scope["spans"]) {
            span["resource"] = resource["resource"];
            spans_.push_back(std::move(span));
          }
        }
      }
    }
    changed_.notify_all();
    out.set_content(answer(), "application/json");
  });
  port_ = http_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { http_->listen_after_bind(); });
  // A stop before the thread listens would be lost.
  while (!http_->is_running()) std::this_thread::yield();
}

SpanCollector::~SpanCollector() {
  http_->stop();
  thread_.join();
}

std::string SpanCollector::endpoint() const {
  return absl::StrCat("http://127.0.0.1:", port_);
}

std::vector<json> SpanCollector::WaitForSpans(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return spans_.size() >= count; });
  return spans_;
}

std::vector<json> SpanCollector::spans() {
  std::lock_guard lock(mutex_);
  return spans_;
}

std::string SpanCollector::bytes() {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::string AttributeOf(const json& span, const std::string& key) {
  for (const json& attribute : span["attributes"]) {
    if (attribute["key"] != key) continue;
    const json& value = attribute["value"];
    return value.contains("intValue") ? value["intValue"]
                                      : value["stringValue"];
  }
  return "";
}

}  // namespace signal_delivery::support
