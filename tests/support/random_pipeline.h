#ifndef TESTS_SUPPORT_RANDOM_PIPELINE_H_
#define TESTS_SUPPORT_RANDOM_PIPELINE_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "tests/support/random_choices.h"

namespace signal_delivery::support {

// A text in YAML's (and JSON's) quotes.
std::string Quoted(const std::string& text);

// A fixed value that fits the field, as YAML.
std::string RandomFixedValue(RandomChoices& choices,
                             const google::protobuf::FieldDescriptor& field);

// `source`, and maybe `transform`, `format`, `value_map` and `default`: keys of
// a mapping from event (or element) to the field, as YAML. The loader takes
// them; the values of an event may still not fit.
std::string RandomPipeline(RandomChoices& choices,
                           const google::protobuf::FieldDescriptor& field,
                           bool in_element);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RANDOM_PIPELINE_H_
