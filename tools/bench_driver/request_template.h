#ifndef TOOLS_BENCH_DRIVER_REQUEST_TEMPLATE_H_
#define TOOLS_BENCH_DRIVER_REQUEST_TEMPLATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::bench {

// Makes DeliverEvents requests of one shape, cheaply: serialized once, and then
// only the names in it are changed. No two requests, of this template or of
// another one that was made later, hold an event or a user of the same name, so
// that no service answers from memory. Not thread-safe.
class RequestTemplate {
 public:
  struct Shape {
    std::string integration;
    int events = 1;
    // Of how many users the events are; they take turns.
    int users = 1;
    // Of each event: text, numbers and truth values in turn.
    int properties = 20;
  };
  explicit RequestTemplate(const Shape& shape);

  grpc::ByteBuffer Next();

 private:
  // Where in the request a name stands, and whose.
  struct Place {
    size_t offset;
    int number;  // of the event or user
  };

  std::vector<Place> FindPlaces(const std::string& mark) const;

  std::string wire_;
  std::vector<Place> events_;
  std::vector<Place> users_;
  // Starts at the nanoseconds of the clock, which go on faster than names are
  // used up.
  uint64_t next_name_;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_REQUEST_TEMPLATE_H_
