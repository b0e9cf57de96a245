#include "tests/support/random_config.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "tests/support/batch_targets.h"
#include "tests/support/random_pipeline.h"
#include "tests/support/random_values.h"

namespace signal_delivery::support {
namespace {

std::string RandomKey(RandomChoices& choices) {
  static constexpr const char* kKeys[] = {"marketing",  "data_sale_opt_out",
                                          "$firstname", "with space",
                                          "10",         "\xC3\xA9t\xC3\xA9"};
  return choices.Of(kKeys);
}

class ConfigWriter {
 public:
  explicit ConfigWriter(RandomChoices& choices) : choices_(choices) {}

  RandomConfig Write() && {
    const bool on_preset = choices_.OneIn(2);
    const bool on_retail = on_preset && choices_.OneIn(3);
    absl::StrAppend(&config_.yaml, "preset: ",
                    on_retail ? "retail" : (on_preset ? "default" : "none"),
                    "\n");
    if (choices_.OneIn(4)) {
      static constexpr const char* kDropped[] = {
          "products", "products.name", "name, items.price", "any.any, email"};
      absl::StrAppend(&config_.yaml, "drop_properties: [",
                      choices_.Of(kDropped), "]\n");
    }
    if (choices_.OneIn(4)) {
      absl::StrAppend(&config_.yaml, "data_plan: {plan_id: plan",
                      choices_.OneIn(2) ? ", plan_version: 2" : "", "}\n");
    }
    if (choices_.OneIn(2)) {
      Mappings global;
      if (on_preset) AddRemoval(global);
      Add(RootTargets(), choices_.Below(12), global);
      if (choices_.OneIn(4)) Add(CommonTargets(), choices_.Below(4), global);
      absl::StrAppend(&config_.yaml, "global:\n  mappings: ", List(global),
                      "\n");
    }
    if (choices_.OneIn(4)) {
      absl::StrAppend(&config_.yaml, "defaults:\n    action: send\n");
      WriteMappings(choices_.Of(EventKinds()), /*is_named=*/false);
    }
    absl::StrAppend(&config_.yaml, "events:\n");
    WriteEvent("page");
    if (choices_.OneIn(2)) WriteEvent("group");
    for (size_t left = 1 + choices_.Below(4); left > 0; --left) {
      config_.event_names.push_back(absl::StrCat("Own ", left));
      WriteEvent(config_.event_names.back());
    }
    if (on_preset) {
      for (const char* name : {"Order Completed", "Product Viewed",
                               "Products Searched", "Logged In"}) {
        config_.event_names.emplace_back(name);
      }
    }
    if (on_retail) {
      for (const char* name :
           {"view_item_list", "view_cart", "select_item", "view_promotion",
            "select_promotion", "begin_checkout", "Checkout Step Completed",
            "add_shipping_info", "purchase", "refund", "remove_from_wishlist",
            "view_search_results", "sign_up", "login", "page_view"}) {
        config_.event_names.emplace_back(name);
      }
    }
    return std::move(config_);
  }

 private:
  // In flow style.
  using Mappings = std::vector<std::string>;

  static std::string List(const Mappings& mappings) {
    return absl::StrCat("[", absl::StrJoin(mappings, ",\n      "), "]");
  }

  // Takes one of the preset's global mappings away.
  void AddRemoval(Mappings& mappings) {
    static constexpr const char* kTargets[] = {
        "user_identities.email", "ip", "device_info.http_header_user_agent"};
    removed_ = choices_.Of(kTargets);
    mappings.push_back(absl::StrCat("{target: ", removed_, ", remove: true}"));
  }

  void WriteEvent(const std::string& name) {
    absl::StrAppend(&config_.yaml, "  ", Quoted(name), ":\n");
    if (choices_.OneIn(20)) {
      absl::StrAppend(&config_.yaml, "    enabled: false\n");
    }
    const EventKind& kind = choices_.Of(EventKinds());
    const bool has_name = kind.data->FindFieldByName("event_name") != nullptr;
    const std::string vendor_name = has_name ? RandomText(choices_) : "";
    // One that is too long would be an error.
    const bool is_named =
        !vendor_name.empty() && vendor_name.size() <= 256 && choices_.OneIn(2);
    if (is_named) {
      absl::StrAppend(&config_.yaml,
                      "    vendor_event_name: ", Quoted(vendor_name), "\n");
    }
    WriteMappings(kind, is_named);
  }

  // The mappings that make an event of this kind; its name is said already
  // where it `is_named`.
  void WriteMappings(const EventKind& kind, bool is_named) {
    Mappings mappings = {
        absl::StrCat("{target: event_type, value: ", kind.name, "}")};
    // A commerce event has one of its parts, as mParticle wants it.
    static constexpr const char* kParts[] = {"data.product_action",
                                             "data.promotion_action",
                                             "data.product_impressions"};
    const std::string part = choices_.Of(kParts);
    const auto is_in = [](const BatchTarget& target, absl::string_view path) {
      return absl::StartsWith(target.path, path);
    };
    std::vector<BatchTarget> optional;
    for (const BatchTarget& target : kind.targets) {
      if (is_named && target.path == "data.event_name") continue;
      // Without these there is no event.
      if (target.essential || target.path == part ||
          (target.required && is_in(target, part))) {
        mappings.push_back(Mapping(target, false));
      } else if (is_in(target, part) ||
                 std::none_of(
                     std::begin(kParts), std::end(kParts),
                     [&](auto* other) { return is_in(target, other); })) {
        optional.push_back(target);
      }
    }
    Add(optional, choices_.Below(12), mappings);
    Add(RootTargets(), choices_.Below(4), mappings);

    absl::StrAppend(&config_.yaml, "    mappings: ", List(mappings), "\n");
  }

  // Adds mappings to `count` random ones of `targets`, or somewhat more: with a
  // part of the batch goes what that part requires.
  void Add(const std::vector<BatchTarget>& targets, size_t count,
           Mappings& mappings, bool in_element = false) {
    std::set<const BatchTarget*> taken;
    const auto take = [&](const BatchTarget& target) {
      // The data plan has a key of its own, and an address may not be hashed.
      if (absl::StartsWith(target.path, "context.data_plan.") ||
          target.path == "user_identities.email") {
        return;
      }
      if (target.path != removed_ && taken.insert(&target).second) {
        mappings.push_back(Mapping(target, in_element));
      }
    };
    const auto part_of = [](const BatchTarget& target) {
      return target.path.substr(0, target.path.rfind('.') + 1);
    };
    // Of an element, or of a part on the way to `path`.
    const auto is_required_with = [&](const BatchTarget& other,
                                      absl::string_view path) {
      if (!other.required) return false;
      const std::string part = part_of(other);
      if (part.empty()) return in_element;
      return part != "data." && absl::StartsWith(path, part);
    };
    key_ = RandomKey(choices_);
    for (; count > 0 && !targets.empty(); --count) {
      const BatchTarget& target = choices_.Of(targets);
      take(target);
      for (const BatchTarget& other : targets) {
        if (is_required_with(other, target.path)) take(other);
      }
    }
  }

  std::string Mapping(const BatchTarget& target, bool in_element) {
    std::string text = absl::StrCat(
        "{target: ", Quoted(absl::StrReplaceAll(target.path, {{"*", key_}})));
    if (!target.elements.empty()) {
      return absl::StrCat(text, ", source: ", ListSource(in_element),
                          ", each: ", Elements(target.elements), "}");
    }
    const bool is_enum = target.field->cpp_type() ==
                         google::protobuf::FieldDescriptor::CPPTYPE_ENUM;
    if (is_enum || choices_.OneIn(target.required ? 2 : 8)) {
      return absl::StrCat(
          text, ", value: ", RandomFixedValue(choices_, *target.field), "}");
    }
    return absl::StrCat(
        text, ", ", RandomPipeline(choices_, *target.field, in_element), "}");
  }

  std::string ListSource(bool in_element) {
    if (in_element) return "products";
    static constexpr const char* kSources[] = {
        "properties.products", "[properties.products, properties]",
        "[properties.items, properties.products]", "properties.any"};
    return choices_.Of(kSources);
  }

  // The value of `each`, which may not be empty.
  std::string Elements(const std::vector<BatchTarget>& targets) {
    Mappings mappings;
    Add(targets, 1 + choices_.Below(6), mappings, /*in_element=*/true);
    return List(mappings);
  }

  RandomChoices& choices_;
  RandomConfig config_;
  // What stands for `*` in targets.
  std::string key_ = "key";
  // The target whose mapping was taken away.
  std::string removed_;
};

}  // namespace

RandomConfig MakeRandomConfig(RandomChoices& choices) {
  return ConfigWriter(choices).Write();
}

}  // namespace signal_delivery::support
