#include "tests/support/exposed_metrics.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <regex>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace signal_delivery::support {

ExposedMetrics::ExposedMetrics(const std::string& text) {
  static const std::regex label_name("([a-zA-Z_]+)=\"");
  std::string name;  // of the metric whose series follow
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (absl::ConsumePrefix(&line, "# TYPE ")) {
      const std::pair<std::string, std::string> words =
          absl::StrSplit(line, ' ');
      name = words.first;
      EXPECT_TRUE(metrics_.emplace(name, Metric{words.second, {}}).second)
          << name << " comes twice";
      continue;
    }
    if (line.front() == '#') continue;
    const size_t space = line.rfind(' ');
    const std::string series(line.substr(0, space));
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(line.substr(space + 1), &value)) << series;
    EXPECT_TRUE(series_.emplace(series, value).second)
        << series << " comes twice";
    EXPECT_EQ(series.compare(0, name.size(), name), 0) << series;
    for (std::sregex_iterator label(series.begin(), series.end(), label_name);
         label != std::sregex_iterator(); ++label) {
      if ((*label)[1] != "le") metrics_[name].labels.insert((*label)[1]);
    }
  }
}

std::optional<double> ExposedMetrics::Find(const std::string& series) const {
  const auto found = series_.find(series);
  if (found == series_.end()) return std::nullopt;
  return found->second;
}

double ExposedMetrics::operator[](const std::string& series) const {
  const std::optional<double> value = Find(series);
  EXPECT_TRUE(value.has_value()) << "there is no " << series;
  return value.value_or(-1);
}

ExposedMetrics Scrape(int port) {
  const auto answer = httplib::Client("127.0.0.1", port).Get("/metrics");
  if (!answer) {
    ADD_FAILURE() << "no answer to the scrape";
    return ExposedMetrics("");
  }
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->get_header_value("Content-Type"),
            "text/plain; version=0.0.4; charset=utf-8");
  return ExposedMetrics(answer->body);
}

}  // namespace signal_delivery::support
