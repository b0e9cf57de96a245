// What mapping costs. The events are the integration page's own example: an
// identify, and an Order Completed with two products.
//
//   bazel run --config=opt //tests/benchmarks:mapping_benchmark
//
// The counter `allocations` is per iteration.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/text_format.h"
#include "mapping/draft.h"
#include "mapping/draft_memory.h"
#include "mapping/json_buffer.h"
#include "mapping/json_writer.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "mapping/source_event.h"
#include "mparticle/events/v2/batch.pb.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/message_bytes.h"
#include "server/reused_response.h"
#include "tests/benchmarks/allocations.h"
#include "tests/support/draft_of_message.h"
#include "tests/support/typed_properties.h"
#include "tools/bench_driver/request_template.h"

namespace signal_delivery::benchmarks {
namespace {

namespace delivery = ::datafly::delivery;
using ::datafly::signal::v1::Event;
using ::google::protobuf::Arena;
using ::mparticle::events::v2::Batch;
using ::signal_delivery::mapping::Draft;
using ::signal_delivery::mapping::DraftMemory;
using ::signal_delivery::mapping::EventReader;
using ::signal_delivery::mapping::EventsFromJson;
using ::signal_delivery::mapping::JsonBuffer;
using ::signal_delivery::mapping::JsonWriter;
using ::signal_delivery::mapping::LoadPreset;
using ::signal_delivery::mapping::MappedEvents;
using ::signal_delivery::mapping::Mapper;
using ::signal_delivery::mapping::MappingConfig;
using ::signal_delivery::mapping::SourceEvent;
using ::signal_delivery::mapping::SourceEventOf;
using ::signal_delivery::support::DraftOf;
using ::signal_delivery::support::WithEcommerce;

// Ten seconds after the events.
constexpr absl::Time kNow = absl::FromUnixSeconds(1'706'540'010);

constexpr char kEventsFile[] = "tools/example/order_completed.jsonl";

// What the events become: the same as in tests/server/page_example_test.cc, but
// as a message, for the writer alone.
constexpr char kBatch[] = R"pb(
  environment: ENVIRONMENT_PRODUCTION
  schema_version: 2
  source_request_id: "613f4e351919613f4e351919613f4e351919613f4e351919613f4e35"
  ip: "203.0.113.50"
  user_identities {
    customer_id: "user-123"
    email: "jane.doe@example.com"
    other: "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
  }
  device_info { http_header_user_agent: "Mozilla/5.0 ..." }
  events {
    commerce_event {
      timestamp_unixtime_ms: 1706540000000
      source_message_id: "evt_abc123def456"
      currency_code: "USD"
      product_action {
        action: PRODUCT_ACTION_TYPE_PURCHASE
        transaction_id: "ORD-001"
        total_amount: 129.99
        tax_amount: 8
        shipping_amount: 4.99
        products { id: "SKU-A" name: "Widget" price: 49.99 quantity: 2 }
        products { id: "SKU-B" name: "Gadget" price: 30.01 quantity: 1 }
      }
    }
  }
)pb";

// A benchmark of something that does not work is worth nothing.
void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "mapping_benchmark: %s\n", what);
  std::exit(1);
}

std::unique_ptr<const Mapper> MakeMapper(const char* preset = "default") {
  absl::StatusOr<MappingConfig> config = LoadPreset(preset);
  Require(config.ok(), "the preset cannot be read");
  auto mapper = Mapper::Create(*config, {.api_key = "key"});
  Require(mapper.ok(), "the preset has no plan");
  return *std::move(mapper);
}

// The identify and the order.
std::vector<Event> ReadEvents() {
  std::ifstream file(kEventsFile);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  absl::StatusOr<std::vector<Event>> events = EventsFromJson(text);
  Require(events.ok() && events->size() == 2, kEventsFile);
  return *std::move(events);
}

// Counts the allocations from here to its end, per iteration.
class CountingAllocations {
 public:
  explicit CountingAllocations(benchmark::State& state)
      : state_(state), before_(Allocations()) {}
  ~CountingAllocations() {
    state_.counters["allocations"] =
        benchmark::Counter(static_cast<double>(Allocations() - before_),
                           benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  const int64_t before_;
};

void MapEvents(benchmark::State& state,
               const std::vector<const SourceEvent*>& events,
               absl::Time now = kNow) {
  const std::unique_ptr<const Mapper> mapper = MakeMapper();
  const MappedEvents once = mapper->Map(events, now);
  Require(once.batches.size() == 1, "the events make no batch");
  state.counters["body_bytes"] =
      static_cast<double>(once.batches[0].body.size());
  CountingAllocations counting(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(mapper->Map(events, now));
  }
}

// From events to bodies, as on the way of an event.
void BM_MapOrder(benchmark::State& state) {
  const std::vector<Event> events = ReadEvents();
  Arena arena;
  const SourceEvent order = SourceEventOf(events[1], arena);
  MapEvents(state, {&order});
}
BENCHMARK(BM_MapOrder);

// The same order, by type.
void BM_MapOrderByType(benchmark::State& state) {
  const Event order = WithEcommerce(ReadEvents()[1]);
  Require(order.properties().fields().empty(), "not all has a type");
  Arena arena;
  const SourceEvent source = SourceEventOf(order, arena);
  MapEvents(state, {&source});
}
BENCHMARK(BM_MapOrderByType);

// Before that it is read from the wire.
void ReadFromWire(benchmark::State& state, const Event& event) {
  const std::string wire = event.SerializeAsString();
  state.counters["wire_bytes"] = static_cast<double>(wire.size());
  CountingAllocations counting(state);
  for (auto _ : state) {
    Arena arena;
    SourceEvent read;
    Require(EventReader(arena).Read(wire, read), "the event cannot be read");
    benchmark::DoNotOptimize(read);
  }
}

void BM_ReadOrder(benchmark::State& state) {
  ReadFromWire(state, ReadEvents()[1]);
}
BENCHMARK(BM_ReadOrder);

void BM_ReadOrderByType(benchmark::State& state) {
  ReadFromWire(state, WithEcommerce(ReadEvents()[1]));
}
BENCHMARK(BM_ReadOrderByType);

void BM_MapIdentifyAndOrder(benchmark::State& state) {
  const std::vector<Event> events = ReadEvents();
  Arena arena;
  const SourceEvent identify = SourceEventOf(events[0], arena);
  const SourceEvent order = SourceEventOf(events[1], arena);
  MapEvents(state, {&identify, &order});
}
BENCHMARK(BM_MapIdentifyAndOrder);

// Of that, the JSON.
void BM_WriteOrder(benchmark::State& state) {
  const JsonWriter writer(Batch::descriptor());
  Batch batch;
  Require(google::protobuf::TextFormat::ParseFromString(kBatch, &batch),
          "the batch cannot be read");
  DraftMemory memory;
  const Draft draft = DraftOf(batch, memory);
  JsonBuffer json(2048);
  CountingAllocations counting(state);
  for (auto _ : state) {
    json.Truncate(0);
    Require(writer.Append(*Batch::descriptor(), draft, &json).ok(),
            "the batch cannot be written");
    benchmark::DoNotOptimize(json.text().data());
  }
  state.counters["body_bytes"] = static_cast<double>(json.size());
}
BENCHMARK(BM_WriteOrder);

// A call of 100 events of 20 properties each, as tools/bench sends it.
void BM_MapHundredEvents(benchmark::State& state) {
  bench::RequestTemplate::Shape shape;
  shape.integration = "acme";
  shape.events = 100;
  const grpc::ByteBuffer wire = bench::RequestTemplate(shape).Next();
  const auto request = server::EventRequest::Read(wire);
  Require(request.ok(), "the request cannot be read");
  MapEvents(state, (*request)->sources(), absl::Now());
}
BENCHMARK(BM_MapHundredEvents)->Unit(benchmark::kMicrosecond);

// Reading it from the wire.
void BM_ReadHundredEvents(benchmark::State& state) {
  bench::RequestTemplate::Shape shape;
  shape.events = 100;
  const grpc::ByteBuffer wire = bench::RequestTemplate(shape).Next();
  Require(server::EventRequest::Read(wire).ok(), "the request cannot be read");
  CountingAllocations counting(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(server::EventRequest::Read(wire));
  }
}
BENCHMARK(BM_ReadHundredEvents)->Unit(benchmark::kMicrosecond);

// Answering it, once mParticle has taken the batch.
void BM_AnswerHundredEvents(benchmark::State& state) {
  bench::RequestTemplate::Shape shape;
  shape.events = 100;
  const auto request =
      server::EventRequest::Read(bench::RequestTemplate(shape).Next());
  Require(request.ok(), "the request cannot be read");
  const MappedEvents mapped =
      MakeMapper()->Map((*request)->sources(), absl::Now());
  Require(mapped.batches.size() == 1, "the events make no batch");
  server::BatchOutcome taken{delivery::v1::REASON_TAKEN};
  taken.verdict.http_status = 202;
  taken.verdict.attempts = 1;
  CountingAllocations counting(state);
  for (auto _ : state) {
    server::ReusedResponse response;
    server::WriteResults(**request, mapped, {&taken, 1}, *response);
    benchmark::DoNotOptimize(server::ToBytes(*response));
  }
}
BENCHMARK(BM_AnswerHundredEvents)->Unit(benchmark::kMicrosecond);

// What a start, or a new configuration, costs for each integration.
void BM_CompilePreset(benchmark::State& state, const char* preset) {
  CountingAllocations counting(state);
  for (auto _ : state) benchmark::DoNotOptimize(MakeMapper(preset));
}
BENCHMARK_CAPTURE(BM_CompilePreset, default, "default")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_CompilePreset, retail, "retail")
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace signal_delivery::benchmarks

BENCHMARK_MAIN();
