#include "mapping/batch_schema.h"

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
namespace v2 = mparticle::events::v2;

// The value's name in lower case, without the enum's prefix. buf's rules, which
// all our schemas keep, name the value 0 PREFIX_UNSPECIFIED.
std::string DefaultSpelling(const pb::EnumValueDescriptor& value) {
  const absl::string_view prefix = absl::StripSuffix(
      value.type()->FindValueByNumber(0)->name(), "UNSPECIFIED");
  return absl::AsciiStrToLower(absl::StripPrefix(value.name(), prefix));
}

// Default spellings are in no descriptor, so they are kept here.
class DefaultSpellings {
 public:
  absl::string_view Get(const pb::EnumValueDescriptor& value) {
    absl::MutexLock lock(&mutex_);
    const auto [entry, is_new] = spellings_.try_emplace(&value);
    if (is_new) entry->second = DefaultSpelling(value);
    return entry->second;
  }

 private:
  absl::Mutex mutex_;
  absl::node_hash_map<const pb::EnumValueDescriptor*, std::string> spellings_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::string_view Spelling(const pb::EnumValueDescriptor& value) {
  if (value.number() == 0) return {};
  if (value.options().HasExtension(v2::spelling)) {
    return value.options().GetExtension(v2::spelling);
  }
  // Never destroyed: texts handed out stay good while the process ends.
  static auto& defaults = *new DefaultSpellings;
  return defaults.Get(value);
}

const pb::EnumValueDescriptor* FindBySpelling(const pb::EnumDescriptor& type,
                                              absl::string_view spelling) {
  if (spelling.empty()) return nullptr;
  for (int i = 0; i < type.value_count(); ++i) {
    if (Spelling(*type.value(i)) == spelling) return type.value(i);
  }
  return nullptr;
}

bool IsInlined(const pb::Descriptor& message) {
  return message.options().GetExtension(v2::inlined);
}

bool IsRequired(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(v2::required);
}

v2::TextFormat FormatOf(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(v2::text_format);
}

bool IsCountedName(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(v2::counted_name);
}

absl::string_view DiscriminatorOf(const pb::OneofDescriptor& oneof) {
  return oneof.options().GetExtension(v2::discriminator);
}

}  // namespace signal_delivery::mapping
