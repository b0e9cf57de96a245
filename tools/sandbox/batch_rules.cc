#include "tools/sandbox/batch_rules.h"

#include <utility>

#include "tools/sandbox/event_rules.h"
#include "tools/sandbox/limits.h"
#include "tools/sandbox/rule.h"

namespace signal_delivery::sandbox {
namespace {

constexpr UnknownFields kRefused = UnknownFields::kRefused;
constexpr UnknownFields kIgnored = UnknownFields::kIgnored;

Rule UserAttributes() {
  return MapOf(ListOr(ListOf(Scalar(kMaxAttributeListEntryCharacters),
                             kMaxAttributeListEntries),
                      Scalar(kMaxAttributeValueCharacters)),
               {kMaxAttributes, kMaxAttributeNameCharacters});
}

Rule DeviceInfo() {
  return Object(
      kRefused,
      Join({AllOptional({"brand",
                         "product",
                         "device",
                         "android_uuid",
                         "device_manufacturer",
                         "os_version",
                         "device_model",
                         "device_country",
                         "locale_language",
                         "locale_country",
                         "network_country",
                         "network_carrier",
                         "network_code",
                         "network_mobile_country_code",
                         "build_identifier",
                         "http_header_user_agent",
                         "push_token",
                         "cpu_architecture",
                         "radio_access_technology",
                         "bluetooth_version",
                         "build_version_release",
                         "amp_id",
                         "microsoft_advertising_id",
                         "microsoft_publisher_id"},
                        Scalar()),
            AllOptional({"ios_advertising_id", "ios_idfv",
                         "android_advertising_id", "roku_advertising_id",
                         "roku_publisher_id", "fire_advertising_id"},
                        Uuid()),
            AllOptional({"screen_height", "screen_width", "screen_dpi",
                         "timezone_offset"},
                        Integer()),
            AllOptional(
                {"is_tablet", "push_notification_sound_enabled",
                 "push_notification_vibrate_enabled", "supports_telephony",
                 "has_nfc", "bluetooth_enabled", "limit_ad_tracking", "is_dst"},
                Boolean()),
            {Optional("platform", OneOf({"iOS", "Android", "web", "tvOS",
                                         "roku", "out_of_band", "alexa",
                                         "smart_tv", "fire_tv", "xbox"})),
             Optional("att_authorization_status",
                      OneOf({"authorized", "denied", "not_determined",
                             "restricted"})),
             Optional("att_timestamp_unixtime_ms", Milliseconds())}}));
}

Rule ApplicationInfo() {
  return Object(
      kRefused,
      Join(
          {AllOptional(
               {"application_name", "application_version",
                "application_build_number", "install_referrer", "package"},
               Scalar()),
           {Optional("os", OneOf({"IOS", "Android", "WindowsPhone", "MobileWeb",
                                  "UnityIOS", "UnityAndroid", "Desktop", "TVOS",
                                  "Roku", "OutOfBand", "Alexa", "SmartTV",
                                  "FireTV", "Xbox"})),
            Optional("apple_search_ads_attributes", MapOf(MapOf(Scalar())))}}));
}

Rule ConsentState() {
  const Rule purposes = MapOf(Object(
      kRefused,
      Join({{Required("consented", Boolean()),
             Required("timestamp_unixtime_ms", Milliseconds())},
            AllOptional({"regulation", "document", "location", "hardware_id"},
                        Scalar())})));
  return Object(kRefused, AllOptional({"gdpr", "ccpa"}, purposes));
}

Rule Context() {
  return Object(
      kIgnored,
      {Optional("data_plan",
                Object(kRefused, {Required("plan_id", Text()),
                                  Optional("plan_version", Integer())})),
       Optional("location", GeoLocationRule())});
}

Rule SourceInfo() {
  return Object(
      kRefused,
      Join({{Required("channel",
                      OneOf({"native", "javascript", "pixel", "desktop",
                             "partner", "server_to_server"})),
             Optional("is_historical", Boolean())},
            AllOptional({"partner", "replay_request_id", "replay_job_id"},
                        Scalar())}));
}

Rule AttributionInfo() {
  return Object(kRefused, {Required("service_provider", Scalar()),
                           Required("publisher", Scalar()),
                           Required("campaign", Scalar())});
}

Rule Batch() {
  return Object(
      kRefused,
      Join({{Required("environment", OneOf({"production", "development"})),
             Optional("schema_version", Exactly(2)),
             Optional("ip", IpAddress()), Optional("mp_deviceid", Uuid()),
             Optional("events", ListOf(EventRule())),
             Optional("user_identities",
                      Object(kRefused, AllOptional(IdentityKinds(), Scalar()))),
             Optional("user_attributes", UserAttributes()),
             Optional("deleted_user_attributes", ListOf(Text())),
             Optional("device_info", DeviceInfo()),
             Optional("application_info", ApplicationInfo()),
             Optional("consent_state", ConsentState()),
             Optional("context", Context()),
             Optional("source_info", SourceInfo()),
             Optional("attribution_info", AttributionInfo()),
             Optional("integration_attributes", MapOf(MapOf(Scalar()))),
             Optional("partner_identities", MapOf(Scalar())),
             Optional("api_keys", ListOf(Text())),
             Optional("timestamp_unixtime_ms", Milliseconds())},
            AllOptional({"source_request_id", "api_key", "partner_identity",
                         "sdk_version", "job_id"},
                        Scalar()),
            AllOptional({"batch_id", "mpid", "origin_mpid"}, Integer())}));
}

}  // namespace

std::vector<std::string> CheckBatch(const nlohmann::json& batch) {
  static const Rule* const rule = new Rule(Batch());
  Problems problems(kMaxProblems);
  (*rule)(batch, Path{}, problems);
  return std::move(problems).Take();
}

}  // namespace signal_delivery::sandbox
