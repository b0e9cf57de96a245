#include "tools/sandbox/event_rules.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tools/sandbox/commerce_rules.h"
#include "tools/sandbox/limits.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;

constexpr UnknownFields kRefused = UnknownFields::kRefused;
constexpr UnknownFields kIgnored = UnknownFields::kIgnored;

Rule DeviceCurrentState() {
  const Rule orientation =
      OneOf({"portrait", "portrait_upside_down", "landscape", "LandscapeLeft",
             "LandscapeRight", "FaceUp", "FaceDown", "Square"});
  return Object(
      kRefused,
      Join({AllOptional(
                {"time_since_start_ms", "total_system_memory_usage_bytes",
                 "disk_space_free_bytes", "external_disk_space_free_bytes"},
                Integer()),
            AllOptional({"battery_level", "system_memory_available_bytes",
                         "system_memory_threshold_bytes",
                         "application_memory_available_bytes",
                         "application_memory_max_bytes",
                         "application_memory_total_bytes"},
                        Number()),
            AllOptional(
                {"data_connection_type", "data_connection_type_detail", "cpu"},
                Scalar()),
            AllOptional({"gps_state", "system_memory_low"}, Boolean()),
            AllOptional({"device_orientation", "status_bar_orientation"},
                        orientation)}));
}

// What the data of every type of event may carry.
std::vector<Field> CommonFields() {
  return Join(
      {AllOptional({"timestamp_unixtime_ms", "session_start_unixtime_ms",
                    "event_start_unixtime_ms"},
                   Milliseconds()),
       AllOptional({"event_id", "session_id", "event_num"}, Integer()),
       AllOptional({"lifetime_value_attribute_name", "data_connection_type",
                    "view_controller", "canonical_name"},
                   Scalar()),
       AllOptional({"is_goal_defined", "is_main_thread"}, Boolean()),
       {Optional("source_message_id", Text()), Optional("session_uuid", Uuid()),
        Optional("lifetime_value_change", Number()),
        Optional("custom_attributes",
                 MapOf(Scalar(kMaxAttributeValueCharacters),
                       {kMaxAttributes, kMaxAttributeNameCharacters})),
        Optional("location", GeoLocationRule()),
        Optional("device_current_state", DeviceCurrentState()),
        Optional(
            "event_system_notification_info",
            Object(kIgnored, {Required("type", OneOf({"gdpr_change"}))}))}});
}

// The data of one type: the common fields and its own. mParticle ignores what
// it does not know here.
Rule Data(std::vector<Field> own) {
  return Object(kIgnored, Join({CommonFields(), std::move(own)}));
}

Rule CustomFlags() { return MapOf(Scalar()); }

Rule CustomEventData() {
  return Data({
      Required("event_name", Text(kMaxEventNameCharacters)),
      Required("custom_event_type",
               OneOf({"navigation", "location", "search", "transaction",
                      "user_content", "user_preference", "social", "other",
                      "media"})),
      Optional("custom_flags", CustomFlags()),
  });
}

Rule ScreenViewData() {
  return Data({
      Required("screen_name", Text(kMaxEventNameCharacters)),
      Optional("activity_type", Scalar()),
      Optional("custom_flags", CustomFlags()),
  });
}

Rule CommerceData() {
  return AllOf(
      {Data(Join({CommerceFields(),
                  {Optional("event_name", Text(kMaxEventNameCharacters)),
                   Optional("screen_name", Text(kMaxEventNameCharacters)),
                   Optional("custom_flags", CustomFlags())}})),
       ExactlyOneOf(
           {"product_action", "promotion_action", "product_impressions"})});
}

Rule BreadcrumbData() {
  return Data(
      {Required("label", Text()), Optional("session_number", Integer())});
}

Rule Breadcrumb() {
  return Object(kRefused, {Required("event_type", OneOf({"breadcrumb"})),
                           Required("data", BreadcrumbData())});
}

Rule CrashReportData() {
  return Data(
      Join({{Required("severity", Scalar()), Required("message", Scalar()),
             Optional("breadcrumbs", ListOf(Breadcrumb())),
             Optional("exception_handled", Boolean())},
            AllOptional({"class_name", "stack_trace", "topmost_context",
                         "pl_crash_report_file_base64"},
                        Scalar()),
            AllOptional(
                {"ios_image_base_address", "ios_image_size", "session_number"},
                Integer())}));
}

Rule ApplicationStateTransitionData() {
  return Data(Join(
      {{Required("application_transition_type",
                 OneOf({"application_initialized", "application_exit",
                        "application_background", "application_foreground"}))},
       AllOptional({"successfully_closed", "is_first_run", "is_upgrade"},
                   Boolean()),
       AllOptional({"push_notification_payload", "launch_referral"},
                   Scalar())}));
}

Rule PushMessageData() {
  return Data({
      Required("push_message_token", Scalar()),
      Required("push_message_type", OneOf({"sent", "received", "action"})),
      Required("push_notification_payload", Scalar()),
      Optional("message", Scalar()),
      Optional("network", Scalar()),
      Optional("application_state",
               OneOf({"not_running", "background", "foreground"})),
      Optional("action_identifier", Scalar()),
      Optional("push_message_behavior", OneOf({"Received", "DirectOpen", "Read",
                                               "InfluencedOpen", "Displayed"})),
  });
}

Rule NetworkPerformanceData() {
  return Data(Join(
      {{Required("url", Text()), Required("response_code", Integer()),
        Optional("http_verb", Text()), Optional("data", Scalar())},
       AllOptional({"time_elapsed", "bytes_in", "bytes_out"}, Integer())}));
}

Rule ProfileData() {
  return Data({
      Required("previous_mpid", Integer()),
      Required("current_mpid", Integer()),
      Required("profile_event_type",
               OneOf({"signup", "login", "logout", "update", "delete"})),
  });
}

Rule UserAttributeChangeData() {
  const Rule value = ListOr(ListOf(Scalar()), Scalar());
  return Data({
      Required("user_attribute_name", Text()),
      Optional("new", value),
      Optional("old", value),
      Optional("deleted", Boolean()),
      Optional("is_new_attribute", Boolean()),
  });
}

Rule UserIdentityChangeData() {
  const Rule identity =
      Object(kRefused, {Required("identity_type", OneOf(IdentityKinds())),
                        Required("identity", Scalar()),
                        Required("timestamp_unixtime_ms", Milliseconds()),
                        Optional("created_this_batch", Boolean())});
  return Data({Required("new", identity), Required("old", identity)});
}

struct EventType {
  std::string name;
  Rule data;
  // Whether the event may have members beside event_type and data.
  UnknownFields beside_data = kIgnored;
};

std::vector<EventType> EventTypes() {
  return {
      {"application_state_transition", ApplicationStateTransitionData(),
       kRefused},
      {"breadcrumb", BreadcrumbData(), kRefused},
      {"commerce_event", CommerceData(), kRefused},
      {"crash_report", CrashReportData()},
      {"custom_event", CustomEventData(), kRefused},
      {"first_run", Data({}), kRefused},
      {"network_performance", NetworkPerformanceData()},
      {"opt_out", Data({Required("is_opted_out", Boolean())})},
      {"profile", ProfileData()},
      {"push_message", PushMessageData()},
      {"push_registration", Data({Required("register", Boolean()),
                                  Required("registration_token", Text())})},
      {"screen_view", ScreenViewData()},
      {"session_end", Data({Required("session_duration_ms", Integer())})},
      {"session_start", Data({})},
      {"uninstall", Data({})},
      {"user_attribute_change", UserAttributeChangeData()},
      {"user_identity_change", UserIdentityChangeData()},
  };
}

}  // namespace

Rule EventRule() {
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, Rule> rules;
  for (EventType& type : EventTypes()) {
    names.push_back(type.name);
    rules.emplace(type.name,
                  Object(type.beside_data, {Required("event_type", Text()),
                                            Required("data", type.data)}));
  }
  // For an event whose type says nothing: only the type is a problem.
  Rule unknown =
      Object(kIgnored, {Required("event_type", OneOf(std::move(names)))});
  return [rules = std::move(rules), unknown = std::move(unknown)](
             const Json& value, const Path& where, Problems& problems) {
    const auto type =
        value.is_object() ? value.find("event_type") : value.end();
    const auto rule = type != value.end() && type->is_string()
                          ? rules.find(type->get_ref<const std::string&>())
                          : rules.end();
    (rule != rules.end() ? rule->second : unknown)(value, where, problems);
  };
}

Rule GeoLocationRule() {
  return Object(
      kRefused,
      Join({{Required("latitude", Number()), Required("longitude", Number()),
             Optional("accuracy", Number()), Optional("dma_code", Integer())},
            AllOptional({"country_code", "region_code", "postal_code",
                         "location_source", "city_name"},
                        Scalar())}));
}

std::vector<std::string> IdentityKinds() {
  return {"other",          "customer_id",
          "facebook",       "twitter",
          "google",         "microsoft",
          "yahoo",          "email",
          "alias",          "other_id_2",
          "other_id_3",     "other_id_4",
          "other_id_5",     "other_id_6",
          "other_id_7",     "other_id_8",
          "other_id_9",     "other_id_10",
          "mobile_number",  "phone_number_2",
          "phone_number_3", "facebook_custom_audience_id"};
}

}  // namespace signal_delivery::sandbox
