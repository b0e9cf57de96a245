#ifndef TESTS_SUPPORT_SPAN_COLLECTOR_H_
#define TESTS_SUPPORT_SPAN_COLLECTOR_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nlohmann/json.hpp"

namespace httplib {
class Server;
}

namespace signal_delivery::support {

// What takes spans over OTLP/HTTP on a free port of this machine, and keeps
// them. Thread-safe.
class SpanCollector {
 public:
  // `answer` is the body of what it answers; it is called before that.
  explicit SpanCollector(std::function<std::string()> answer = [] {
    return "{}";
  });
  ~SpanCollector();

  // "http://127.0.0.1:PORT".
  std::string endpoint() const;

  // All spans so far, as OTLP's JSON has them. The first waits until there are
  // so many.
  std::vector<nlohmann::json> WaitForSpans(size_t count);
  std::vector<nlohmann::json> spans();
  // Everything that was received.
  std::string bytes();

 private:
  const std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<nlohmann::json> spans_;
  std::string bytes_;
  std::thread thread_;
};

// The value of an attribute of a span, as a text; "" where it has none.
std::string AttributeOf(const nlohmann::json& span, const std::string& key);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SPAN_COLLECTOR_H_
