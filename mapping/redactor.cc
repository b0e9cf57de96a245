#include "mapping/redactor.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "mapping/batch_schema.h"
#include "mapping/code_points.h"
#include "mapping/json_buffer.h"
#include "mapping/json_text.h"
#include "rapidjson/reader.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
namespace v2 = mparticle::events::v2;

// mParticle's limits of an event's name and of an attribute's; what is longer
// is no name.
constexpr size_t kMaxShownBytes = 256;
// So many digits in a row may be somebody's number: of a phone, a card, a user.
constexpr int kMaxDigitsInName = 4;
// What a name consists of; the brackets and dots are those of a path.
constexpr absl::string_view kBytesOfNames =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$. []";
// So many objects and lists in one another are read: as many as Protocol
// Buffers read of messages, so no batch has more. RapidJSON would go on until
// the stack ends.
constexpr size_t kMostOpen = 100;

struct MessageView;
using Spellings = absl::flat_hash_set<absl::string_view>;

// How a value is shown.
struct View {
  enum class Kind {
    kHidden,  // and all that is in it
    kNumber,  // or boolean
    kText,    // that may be shown
    kEnum,
    kMessage,
    kMap,  // of messages, under names of the sender's own
  };
  Kind kind = Kind::kHidden;
  const Spellings* values = nullptr;     // kEnum
  const MessageView* message = nullptr;  // kMessage and kMap
};

struct MessageView {
  absl::flat_hash_map<std::string, View> members;
  // A oneof that stands as two members: the name of the first, whose value says
  // which choice the second one is; and that of the second. Empty: none.
  std::string discriminator;
  std::string chosen;
  absl::flat_hash_map<std::string, View> choices;
};

// Of each byte, whether a name may have it.
constexpr std::array<bool, 256> kInNames = [] {
  std::array<bool, 256> in_names = {};
  for (const unsigned char byte : kBytesOfNames) in_names[byte] = true;
  return in_names;
}();

bool IsShapedLikeAName(absl::string_view name) {
  if (name.size() > kMaxShownBytes) return false;
  int digits = 0;
  for (const unsigned char byte : name) {
    digits = absl::ascii_isdigit(byte) ? digits + 1 : 0;
    if (digits > kMaxDigitsInName || !kInNames[byte]) return false;
  }
  return true;
}

std::string HiddenName(absl::string_view name) {
  return absl::StrCat("[name of ", CountCodePoints(name), "]");
}

bool CanBeShown(absl::string_view text) {
  return text.size() <= kMaxShownBytes && !absl::StrContains(text, '@');
}

}  // namespace

// Of all message types that are reachable from one.
class Redactor::Views {
 public:
  explicit Views(const pb::Descriptor& root) : root_(Build(root)) {}

  View root() const { return {View::Kind::kMessage, nullptr, root_}; }

 private:
  const MessageView* Build(const pb::Descriptor& message) {
    const auto [entry, is_new] = views_.try_emplace(&message);
    MessageView& view = entry->second;  // stays where it is
    if (!is_new) return &view;  // perhaps half built, by a caller of ours
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      const pb::OneofDescriptor* const oneof = field.real_containing_oneof();
      if (oneof == nullptr || DiscriminatorOf(*oneof).empty()) {
        view.members[field.name()] = ViewOf(field);
        continue;
      }
      view.discriminator = std::string(DiscriminatorOf(*oneof));
      view.chosen = oneof->name();
      view.choices[field.name()] = ViewOf(field);
    }
    return &view;
  }

  View ViewOf(const pb::FieldDescriptor& field) {
    if (field.is_map()) {
      const pb::FieldDescriptor& value = *field.message_type()->map_value();
      if (value.type() != pb::FieldDescriptor::TYPE_MESSAGE) return {};
      View view = ViewOf(value);
      if (view.kind == View::Kind::kMessage) view.kind = View::Kind::kMap;
      return view;
    }
    if (field.type() == pb::FieldDescriptor::TYPE_MESSAGE) {
      // One that stands as its value is any value of the sender's.
      if (IsInlined(*field.message_type())) return {};
      return {View::Kind::kMessage, nullptr, Build(*field.message_type())};
    }
    const bool is_text = field.type() == pb::FieldDescriptor::TYPE_STRING;
    const bool shown = field.options().HasExtension(v2::shown)
                           ? field.options().GetExtension(v2::shown)
                           : !is_text;
    if (!shown) return {};
    if (field.type() == pb::FieldDescriptor::TYPE_ENUM) {
      return {View::Kind::kEnum, SpellingsOf(*field.enum_type())};
    }
    return {is_text ? View::Kind::kText : View::Kind::kNumber};
  }

  const Spellings* SpellingsOf(const pb::EnumDescriptor& type) {
    Spellings& spellings = spellings_[&type];
    for (int i = 0; i < type.value_count(); ++i) {
      spellings.insert(Spelling(*type.value(i)));
    }
    spellings.erase("");
    return &spellings;
  }

  absl::node_hash_map<const pb::EnumDescriptor*, Spellings> spellings_;
  absl::node_hash_map<const pb::Descriptor*, MessageView> views_;
  const MessageView* const root_;
};

namespace {

// Numbers are handed on as they are written, and no text is copied for it.
constexpr unsigned kParseFlags =
    rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseInsituFlag;

// Writes what the parser reads, redacted. The public functions are those that
// RapidJSON calls; one that returns false stops it.
class Writing
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Writing> {
 public:
  // `bytes` is how long the text may become, about.
  Writing(View root, Redactor::Texts texts, size_t bytes)
      : texts_(texts), out_(bytes), next_(root) {}

  absl::string_view out() const { return out_.text(); }

  // Of whatever has no function of its own here, which nothing has.
  bool Default() { return false; }

  bool Null() {
    Begin();
    return Append("null");
  }
  bool Bool(bool value) {
    Begin();
    if (next_.kind != View::Kind::kNumber) return Append("\"[boolean]\"");
    return Append(value ? "true" : "false");
  }
  bool RawNumber(const char* digits, size_t size, bool) {
    Begin();
    return Append(next_.kind == View::Kind::kNumber
                      ? absl::string_view(digits, size)
                      : "\"[number]\"");
  }
  bool String(const char* text, size_t size, bool) {
    Begin();
    return WriteValue({text, size});
  }

  bool StartObject() { return Open('{'); }
  bool StartArray() { return Open('['); }
  bool EndObject(size_t) { return Close('}'); }
  bool EndArray(size_t) { return Close(']'); }

  bool Key(const char* text, size_t size, bool) {
    const absl::string_view name(text, size);
    Frame& frame = frames_.back();
    Separate(frame);
    is_discriminator_ = false;
    next_ = View();
    bool is_known = false;
    if (frame.view.kind == View::Kind::kMap) {
      next_ = {View::Kind::kMessage, nullptr, frame.view.message};
    } else if (frame.view.kind == View::Kind::kMessage) {
      const MessageView& message = *frame.view.message;
      const auto member = message.members.find(name);
      is_discriminator_ = name == message.discriminator;
      is_known = member != message.members.end();
      if (is_known) {
        next_ = member->second;
      } else if (name == message.chosen) {
        next_ = frame.chosen;
      }
    }
    after_key_ = true;
    const bool is_written = is_known || IsShapedLikeAName(name)
                                ? AppendText(name)
                                : AppendText(HiddenName(name));
    out_.Append(':');
    return is_written;
  }

 private:
  // An object or list that is open.
  struct Frame {
    View view;
    bool is_empty = true;
    View chosen;  // by the discriminator
  };

  bool WriteValue(absl::string_view text) {
    if (is_discriminator_) {
      Frame& frame = frames_.back();
      const auto& choices = frame.view.message->choices;
      const auto chosen = choices.find(text);
      if (chosen == choices.end()) return AppendText(HiddenText(text));
      frame.chosen = chosen->second;
      return AppendText(text);
    }
    return IsShown(text) ? AppendText(text) : AppendText(HiddenText(text));
  }

  bool IsShown(absl::string_view text) const {
    switch (next_.kind) {
      case View::Kind::kText:
        return texts_ == Redactor::Texts::kAsTheSchemaSays && CanBeShown(text);
      case View::Kind::kEnum:
        return next_.values->contains(text);
      default:
        return false;
    }
  }

  void Separate(Frame& frame) {
    if (!std::exchange(frame.is_empty, false)) out_.Append(',');
  }

  // Before every value.
  void Begin() {
    if (std::exchange(after_key_, false) || frames_.empty()) return;
    Frame& list = frames_.back();
    Separate(list);
    is_discriminator_ = false;
    next_ = list.view;
  }

  bool Append(absl::string_view value) {
    out_.Append(value);
    return true;
  }
  bool AppendText(absl::string_view text) {
    const char* const end =
        WriteJsonString(text, out_.Room(JsonStringRoom(text.size())));
    if (end == nullptr) return false;
    out_.EndAt(end);
    return true;
  }
  bool Open(char bracket) {
    if (frames_.size() == kMostOpen) return false;
    Begin();
    out_.Append(bracket);
    frames_.push_back({next_});
    return true;
  }
  bool Close(char bracket) {
    out_.Append(bracket);
    frames_.pop_back();
    return true;
  }

  const Redactor::Texts texts_;
  JsonBuffer out_;
  absl::InlinedVector<Frame, 8> frames_;  // seldom more
  View next_;                             // of the value that comes
  bool after_key_ = false;
  bool is_discriminator_ = false;
};

}  // namespace

Redactor::Redactor(const pb::Descriptor& root)
    : views_(std::make_unique<const Views>(root)) {}

Redactor::~Redactor() = default;

std::string Redactor::Redact(std::string json, Texts texts) const {
  if (!IsUtf8(json)) return "";
  Writing writing(views_->root(), texts, json.size());
  rapidjson::InsituStringStream stream(json.data());
  rapidjson::Reader reader;
  if (reader.Parse<kParseFlags>(stream, writing).IsError()) return "";
  return std::string(writing.out());
}

std::string HiddenText(absl::string_view text) {
  return absl::StrCat("[text of ", CountCodePoints(text), "]");
}

std::string ShownText(absl::string_view text) {
  return CanBeShown(text) ? std::string(text) : HiddenText(text);
}

std::string ShownName(absl::string_view name) {
  return IsShapedLikeAName(name) ? std::string(name) : HiddenName(name);
}

}  // namespace signal_delivery::mapping
