#ifndef TESTS_BENCHMARKS_UPSTREAMS_H_
#define TESTS_BENCHMARKS_UPSTREAMS_H_

#include <memory>
#include <string>
#include <utility>

#include "tests/support/config_folder.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::benchmarks {

// A host in mParticle's place for one integration, well or ill.
class Upstream {
 public:
  // A sandbox that plays this fault with every request.
  static Upstream Sandbox(const std::string& name, const std::string& fault);
  // That sandbox once more, for another integration. `host` must outlive it.
  static Upstream SameHost(const std::string& name, const Upstream& host);
  // A port that nobody listens on: connections are refused.
  static Upstream Dead(const std::string& name);
  // Takes connections, and then neither reads nor writes.
  static Upstream Hung(const std::string& name);

  ~Upstream();
  Upstream(Upstream&& other) noexcept;
  Upstream& operator=(Upstream&&) = delete;

  // Also the integration's id.
  const std::string& name() const { return name_; }
  // Writes the file of the integration that posts to it.
  void WriteIntegration(const support::ConfigFolder& folder) const;

 private:
  explicit Upstream(std::string name) : name_(std::move(name)) {}
  void Bind();

  std::string name_;
  std::string address_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  int socket_ = -1;
};

}  // namespace signal_delivery::benchmarks

#endif  // TESTS_BENCHMARKS_UPSTREAMS_H_
