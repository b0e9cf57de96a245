#ifndef TESTS_MAPPING_MISTAKE_H_
#define TESTS_MAPPING_MISTAKE_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace signal_delivery::mapping {

// A mistake in a configuration file, and what the user is told about it: the
// place (file, line and column), the key, and what to write instead.
struct Mistake {
  // The test's name: letters and digits.
  std::string name;
  // The file, "acme.yaml", on top of the preset "default".
  std::string yaml;
  // The whole message.
  std::string message;
};

void PrintTo(const Mistake& mistake, std::ostream* out);

std::string NameOf(const testing::TestParamInfo<Mistake>& info);

// Reads the file and compiles it: the first error.
absl::Status Load(const std::string& yaml);

// Expects that the file gives the error.
void ExpectMessage(const Mistake& mistake);

// A file with one global mapping: `mapping`, in flow style without braces.
std::string GlobalFile(const std::string& mapping);

// A file with one more event: what mParticle event it is, and one mapping.
std::string EventFile(const std::string& event_type,
                      const std::string& mapping);

}  // namespace signal_delivery::mapping

#endif  // TESTS_MAPPING_MISTAKE_H_
