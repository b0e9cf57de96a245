#include "server/span_exporter.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/random/random.h"
#include "absl/synchronization/notification.h"
#include "tests/support/span_collector.h"

namespace signal_delivery::server {
namespace {

using support::SpanCollector;

Span MakeSpan() {
  absl::BitGen random;
  return {.context = TraceContext::Begin(/*sampled=*/true, random),
          .name = "work",
          .kind = Span::Kind::kServer};
}

TEST(SpanExporter, CountsWhatTheCollectorTakesAndWhatItDoesNot) {
  SpanCollector collector(
      [] { return R"({"partialSuccess": {"rejectedSpans": "1"}})"; });
  SpanExporter exporter({.collector = collector.endpoint()});
  for (int i = 0; i < 3; ++i) exporter.Add(MakeSpan());
  exporter.Shutdown();
  EXPECT_EQ(collector.spans().size(), 3u);
  EXPECT_EQ(exporter.exported(), 2u);
  EXPECT_EQ(exporter.dropped(), 1u);
}

TEST(SpanExporter, ManySpansAreSeveralRequests) {
  SpanCollector collector;
  SpanExporter exporter({.collector = collector.endpoint()});
  const size_t count = 2 * SpanExporter::kMaxBatch + 1;
  for (size_t i = 0; i < count; ++i) exporter.Add(MakeSpan());
  exporter.Shutdown();
  EXPECT_EQ(collector.spans().size(), count);
  EXPECT_EQ(exporter.exported(), count);
}

TEST(SpanExporter, ASlowCollectorMakesNobodyWaitAndFillsNoMemory) {
  absl::Notification may_answer;
  SpanCollector collector([&] {
    may_answer.WaitForNotification();
    return "{}";
  });
  SpanExporter exporter({.collector = collector.endpoint()});
  const size_t count = 4 * SpanExporter::kMaxWaiting;
  for (size_t i = 0; i < count; ++i) exporter.Add(MakeSpan());
  EXPECT_GT(exporter.dropped(), 0u);
  may_answer.Notify();
  exporter.Shutdown();
  EXPECT_EQ(exporter.exported() + exporter.dropped(), count);
}

TEST(SpanExporter, WhatComesAfterTheEndIsDropped) {
  SpanCollector collector;
  SpanExporter exporter({.collector = collector.endpoint()});
  exporter.Shutdown();
  exporter.Add(MakeSpan());
  EXPECT_EQ(exporter.dropped(), 1u);
  EXPECT_TRUE(collector.spans().empty());
}

}  // namespace
}  // namespace signal_delivery::server
