#include "mapping/leftovers.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/code_points.h"
#include "mapping/field_value.h"
#include "mapping/struct_text.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::Descriptor;

constexpr char kCustomAttributes[] = "custom_attributes";

// How an origin says that no mapping made the attribute.
constexpr absl::string_view kAsItIs = "as it is";
constexpr char kMadeBy[] = "rule: what no mapping takes";

}  // namespace

// Writes one object's leftovers.
class LeftoverWriter {
 public:
  LeftoverWriter(const LeftoverTarget& target, const TakenNodes& taken,
                 const Place& place, Draft& holder, Findings& findings)
      : target_(target),
        taken_(taken),
        place_(place),
        holder_(holder),
        findings_(findings) {
    if (target_.map_ == nullptr) return;
    count_ = holder_.Items(target_.map_->number()).size;
    names_may_repeat_ = count_ > 0;
  }

  // `prefix` stands before the names; it outlives the holder.
  void Write(const ObjectView& object, absl::string_view prefix) {
    for (const Member& member : object.members()) {
      if (taken_.Contains(&member.node)) continue;
      WriteNode(prefix.empty()
                    ? member.name
                    : holder_.Keep(absl::StrCat(prefix, member.name)),
                member.node);
    }
  }

  // One warning for all that are too many: there may be thousands.
  void Finish() {
    if (too_many_ == 0) return;
    Warn(Rule::kAttributeCount, &place_, "", kCustomAttributes,
         absl::StrCat("more than ", target_.map_rules_.max_items,
                      " attributes; left out: ", too_many_, ", from \"",
                      first_too_many_, "\" on"),
         findings_);
  }

 private:
  // `name` outlives the holder.
  void WriteNode(absl::string_view name, const Node& node) {
    Value value = ValueOf(node);
    if (target_.map_ != nullptr) {
      if (const auto as_it_is = AsItIs(target_.value_rules_, value)) {
        return WriteAsItIs(name, *as_it_is);
      }
    }
    if (const auto* object = std::get_if<ObjectView>(&value)) {
      if (object->IsEmpty()) {
        return NoteOrigin(name, "an empty object", /*left_out=*/true);
      }
      names_may_repeat_ = true;
      return Write(*object, holder_.Keep(absl::StrCat(name, ".")));
    }
    if (std::holds_alternative<std::monostate>(value)) {
      return NoteOrigin(name, "null", /*left_out=*/true);
    }
    absl::string_view what = kAsItIs;
    if (const auto* list = std::get_if<ListView>(&value)) {
      value = holder_.Keep(ListAsText(*list, &taken_));
      what = "as JSON text";
    }
    if (target_.map_ == nullptr) {
      return Leave(Rule::kAttributePlace, name,
                   "mParticle has no place for it here; left out");
    }
    const FieldValue fitted = FitToField(
        *target_.value_field_, target_.value_rules_, value, holder_.memory());
    if (fitted.fit == FieldValue::Fit::kUnfit) {
      return Leave(fitted.rule, name, absl::StrCat(fitted.note, "; left out"));
    }
    if (!TakeName(name)) return;
    // A number in a product's attribute is written as text as a matter of
    // course; what is cut is worth a word.
    if (fitted.rule == Rule::kTextLength) {
      Leave(fitted.rule, name, fitted.note);
    }
    NoteOrigin(name, what, /*left_out=*/false);
    SetField(holder_, AddAttribute(name), fitted);
  }

  void WriteAsItIs(absl::string_view name, const Draft::Value& value) {
    if (!TakeName(name)) return;
    NoteOrigin(name, kAsItIs, /*left_out=*/false);
    AddAttribute(name) = value;
  }

  Draft::Value& AddAttribute(absl::string_view name) {
    if (attributes_ == nullptr) {
      attributes_ = &holder_.ListAt(target_.map_->number());
    }
    return holder_.AddEntry(*attributes_, name);
  }

  // False where mParticle would not take an attribute of this name.
  bool TakeName(absl::string_view name) {
    const CollectionRules& rules = target_.map_rules_;
    if (rules.max_name_length > 0 &&
        FirstCodePoints(name, rules.max_name_length).size() < name.size()) {
      Leave(Rule::kAttributeName, name,
            absl::StrCat("its name has more than ", rules.max_name_length,
                         " characters; left out"));
      return false;
    }
    if (IsTaken(name)) {
      Leave(Rule::kAttributeName, name,
            "another value has the same name; left out");
      return false;
    }
    if (rules.max_items > 0 && count_ >= static_cast<size_t>(rules.max_items)) {
      if (too_many_++ == 0) first_too_many_ = std::string(name);
      NoteOrigin(name, "too many attributes", /*left_out=*/true);
      return false;
    }
    ++count_;
    if (names_may_repeat_) names_.insert(name);
    return true;
  }

  bool IsTaken(absl::string_view name) {
    if (!names_may_repeat_) return false;
    if (names_.empty()) {
      for (const Draft::Item* entry =
               holder_.Items(target_.map_->number()).first;
           entry != nullptr; entry = entry->next) {
        names_.insert(entry->key);
      }
    }
    return names_.contains(name);
  }

  std::string TargetOf(absl::string_view name) const {
    if (target_.map_ == nullptr) return "";
    return MparticlePath(&place_, absl::StrCat(kCustomAttributes, ".", name));
  }

  ABSL_ATTRIBUTE_COLD void Leave(Rule rule, absl::string_view name,
                                 std::string reason) {
    findings_.warnings.push_back(
        {rule, SignalPath(&place_, name), TargetOf(name), std::move(reason)});
  }

  void NoteOrigin(absl::string_view name, absl::string_view what,
                  bool left_out) {
    if (findings_.origins != nullptr) AddOrigin(name, what, left_out);
  }
  ABSL_ATTRIBUTE_COLD void AddOrigin(absl::string_view name,
                                     absl::string_view what, bool left_out) {
    findings_.origins->push_back({SignalPath(&place_, name), TargetOf(name),
                                  kMadeBy, std::string(what), left_out});
  }

  const LeftoverTarget& target_;
  const TakenNodes& taken_;
  const Place& place_;
  Draft& holder_;
  Findings& findings_;
  // The map of attributes, once one is added.
  Draft::List* attributes_ = nullptr;
  // How many attributes there are.
  size_t count_ = 0;
  // Two members of one object never have the same name. It takes an attribute
  // that a mapping made, or an object below this one.
  bool names_may_repeat_ = false;
  // Names that have an attribute already; kept only where they may repeat.
  absl::flat_hash_set<absl::string_view> names_;
  size_t too_many_ = 0;
  std::string first_too_many_;
};

LeftoverTarget::LeftoverTarget(const Descriptor& holder)
    : map_(holder.FindFieldByName(kCustomAttributes)) {
  if (map_ == nullptr) return;
  map_rules_ = CollectionRulesOf(*map_);
  value_field_ = map_->message_type()->map_value();
  value_rules_ = RulesOf(*value_field_);
}

void LeftoverTarget::Write(const ObjectView& object, const TakenNodes& taken,
                           const Place& place, Draft& holder,
                           Findings& findings) const {
  if (object.IsEmpty()) return;
  if (findings.origins == nullptr && WriteAsItStands(object, taken, holder)) {
    return;
  }
  LeftoverWriter writer(*this, taken, place, holder, findings);
  writer.Write(object, "");
  writer.Finish();
}

bool LeftoverTarget::WriteAsItStands(const ObjectView& object,
                                     const TakenNodes& taken,
                                     Draft& holder) const {
  if (map_ == nullptr || holder.Find(map_->number()) != nullptr) return false;
  const absl::Span<const Member> members = object.members();
  if (map_rules_.max_items > 0 &&
      members.size() > static_cast<size_t>(map_rules_.max_items)) {
    return false;
  }
  // There are no more characters than bytes.
  const size_t longest_name = map_rules_.max_name_length > 0
                                  ? map_rules_.max_name_length
                                  : std::numeric_limits<size_t>::max();
  auto* const left =
      holder.memory().AllocateArray<const Member*>(members.size());
  size_t count = 0;
  for (const Member& member : members) {
    if (taken.Contains(&member.node)) continue;
    if (member.name.size() > longest_name ||
        !AsItIs(value_rules_, ValueOf(member.node)).has_value()) {
      return false;
    }
    left[count++] = &member;
  }
  if (count > 0) holder.At(map_->number()) = Draft::Members(left, count);
  return true;
}

}  // namespace signal_delivery::mapping
