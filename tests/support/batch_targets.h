#ifndef TESTS_SUPPORT_BATCH_TARGETS_H_
#define TESTS_SUPPORT_BATCH_TARGETS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

namespace signal_delivery::support {

// A place in a batch that a mapping may write to.
struct BatchTarget {
  // As a configuration has it; `*` stands for a name of the sender's own.
  std::string path;
  // What is there: a single value, or a list of objects.
  const google::protobuf::FieldDescriptor* field;
  // mParticle refuses the part of the batch that lacks it.
  bool required = false;
  // It refuses the whole: every part on the way here is required.
  bool essential = false;
  // Where it is a list: what may be in each of its objects.
  std::vector<BatchTarget> elements;
};

// Those of every event's user: at the root of a batch.
const std::vector<BatchTarget>& RootTargets();

// A kind of event, and all targets in its data.
struct EventKind {
  // As `event_type` has it.
  std::string name;
  const google::protobuf::Descriptor* data;
  std::vector<BatchTarget> targets;
};
const std::vector<EventKind>& EventKinds();
// The targets that every kind has.
const std::vector<BatchTarget>& CommonTargets();

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_BATCH_TARGETS_H_
