// What a user is told about a mapping that cannot be: its source, its target,
// or what is to go from one to the other.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/mapping/mistake.h"

namespace signal_delivery::mapping {
namespace {

// Mappings of so many attributes, each on a line, from line 4 on.
std::string Attributes(const std::string& map, int count) {
  std::string lines = "global:\n  mappings:\n";
  for (int i = 1; i <= count; ++i) {
    absl::StrAppend(&lines, "    - {value: x, target: ", map, ".a", i, "}\n");
  }
  return lines;
}

class PlanErrorsTest : public testing::TestWithParam<Mistake> {};

TEST_P(PlanErrorsTest, SayWhereWhatAndWhatInstead) {
  ExpectMessage(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Sources, PlanErrorsTest,
    testing::Values(
        Mistake{"UnknownField", GlobalFile("target: ip, source: context.ipp"),
                "acme.yaml:3:7: global.mappings[0]: a Signal event has no "
                "field \"context.ipp\"; did you mean \"ip\"?"},
        Mistake{"UnknownRoot", GlobalFile("target: ip, source: usr_id"),
                "acme.yaml:3:7: global.mappings[0]: a Signal event has no "
                "field \"usr_id\"; did you mean \"user_id\"?"},
        Mistake{"SecondOfTwo",
                GlobalFile("target: ip, source: [context.ip, contxt.ip]"),
                "acme.yaml:3:7: global.mappings[0]: a Signal event has no "
                "field \"contxt.ip\"; did you mean \"context\"?"},
        Mistake{"Object", GlobalFile("target: ip, source: context.page"),
                "acme.yaml:3:7: global.mappings[0]: \"context.page\" is not a "
                "single value; below it there is: url, path, referrer, title, "
                "search"},
        Mistake{"BelowASingleValue",
                GlobalFile("target: ip, source: context.ip.v4"),
                "acme.yaml:3:7: global.mappings[0]: \"context.ip\" is a single "
                "value; nothing stands below it"},
        Mistake{"Empty", GlobalFile("source: '', target: ip"),
                "acme.yaml:3:7: global.mappings[0]: \"\" has an empty step"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Targets, PlanErrorsTest,
    testing::Values(
        Mistake{
            "UnknownField",
            GlobalFile("source: user_id, target: user_identities.custmer_id"),
            "acme.yaml:3:7: global.mappings[0]: there is no field "
            "\"user_identities.custmer_id\"; UserIdentities has no "
            "\"custmer_id\"; did you mean \"customer_id\"?"},
        Mistake{"UnknownRoot", GlobalFile("source: user_id, target: ipp"),
                "acme.yaml:3:7: global.mappings[0]: there is no field "
                "\"ipp\"; Batch has no \"ipp\"; did you mean \"ip\"?"},
        Mistake{"Object",
                GlobalFile("source: user_id, target: context.data_plan"),
                "acme.yaml:3:7: global.mappings[0]: \"context.data_plan\" is "
                "an object; write one of context.data_plan.plan_id, "
                "context.data_plan.plan_version"},
        Mistake{"MapWithoutName",
                GlobalFile("source: user_id, target: user_attributes"),
                "acme.yaml:3:7: global.mappings[0]: \"user_attributes\" holds "
                "entries by name; write user_attributes.NAME"},
        Mistake{"MapWithAnEmptyName",
                GlobalFile("source: user_id, target: user_attributes."),
                "acme.yaml:3:7: global.mappings[0]: \"user_attributes.\" ends "
                "in an empty name"},
        Mistake{"PurposeWithoutField",
                GlobalFile("source: context.consent.a, target: "
                           "consent_state.gdpr.a"),
                "acme.yaml:3:7: global.mappings[0]: \"consent_state.gdpr.a\" "
                "is an object; write one of consent_state.gdpr.a.consented, "
                "consent_state.gdpr.a.timestamp_unixtime_ms, "
                "consent_state.gdpr.a.document, "
                "consent_state.gdpr.a.regulation, "
                "consent_state.gdpr.a.location, "
                "consent_state.gdpr.a.hardware_id"},
        Mistake{"ListOfTexts",
                GlobalFile("source: traits.a, target: deleted_user_attributes"),
                "acme.yaml:3:7: global.mappings[0]: "
                "\"deleted_user_attributes\" is a list of single values, "
                "which has no mapping"},
        Mistake{"BelowASingleValue",
                GlobalFile("source: context.ip, target: ip.v4"),
                "acme.yaml:3:7: global.mappings[0]: nothing stands below "
                "\"ip\", which is a single value"},
        Mistake{"ListWithoutEach",
                EventFile("commerce_event",
                          "source: properties.items, target: "
                          "data.product_action.products"),
                "acme.yaml:5:9: events.Made Up.mappings[1]: "
                "\"data.product_action.products\" is a list of objects; say "
                "with \"each\" how each one is mapped"},
        Mistake{"FieldOfAList",
                EventFile("commerce_event",
                          "source: properties.id, target: "
                          "data.product_action.products.id"),
                "acme.yaml:5:9: events.Made Up.mappings[1]: "
                "\"data.product_action.products\" is a list; map it with "
                "\"each\""},
        Mistake{"EachOnASingleValue",
                GlobalFile("source: properties, target: ip, each: [{source: a, "
                           "target: b}]"),
                "acme.yaml:3:7: global.mappings[0]: \"ip\" is not a list; "
                "remove \"each\""},
        Mistake{"UnknownFieldInEach",
                EventFile("commerce_event",
                          "source: properties.items, target: "
                          "data.product_action.products, each: [{source: a, "
                          "target: sku}]"),
                "acme.yaml:5:81: events.Made Up.mappings[1].each[0]: there is "
                "no field \"sku\"; Product has no \"sku\"; it may be: id, "
                "name, brand, category, variant, position, price, quantity, "
                "coupon_code, added_to_cart_time_ms, total_product_amount, "
                "custom_attributes"},
        Mistake{
            "FieldOfAnotherKindOfEvent",
            EventFile("custom_event",
                      "source: context.page.title, target: data.screen_name"),
            "acme.yaml:5:9: events.Made Up.mappings[1]: there is no field "
            "\"data.screen_name\"; CustomEventData has no \"screen_name\"; did "
            "you mean \"event_name\"?"},
        Mistake{"ReservedField",
                GlobalFile("source: message_id, target: source_request_id"),
                "acme.yaml:3:7: global.mappings[0]: \"source_request_id\" is "
                "filled by the service; remove it"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    FixedValues, PlanErrorsTest,
    testing::Values(
        Mistake{"TextForANumber",
                EventFile("custom_event", "target: data.event_num, value: one"),
                "acme.yaml:5:9: events.Made Up.mappings[1]: value for "
                "\"data.event_num\": expected a number, found a text"},
        Mistake{"FractionForAnInteger",
                EventFile("custom_event", "target: data.event_num, value: 1.5"),
                "acme.yaml:5:9: events.Made Up.mappings[1]: value for "
                "\"data.event_num\": expected a whole number"},
        Mistake{"NumberForABoolean",
                GlobalFile("target: device_info.is_tablet, value: 1"),
                "acme.yaml:3:7: global.mappings[0]: value for "
                "\"device_info.is_tablet\": expected true or false, found a "
                "number"},
        Mistake{"UnknownWord",
                EventFile("custom_event",
                          "target: data.custom_event_type, value: attribution"),
                "acme.yaml:5:9: events.Made Up.mappings[1]: value for "
                "\"data.custom_event_type\": is not one of navigation, "
                "location, search, transaction, user_content, "
                "user_preference, social, other, media"},
        Mistake{"WordInAnotherCase",
                GlobalFile("target: device_info.platform, value: ios"),
                "acme.yaml:3:7: global.mappings[0]: value for "
                "\"device_info.platform\": is not one of iOS, Android, web, "
                "tvOS, roku, out_of_band, alexa, smart_tv, fire_tv, xbox"},
        Mistake{"NoIpAddress", GlobalFile("target: ip, value: localhost"),
                "acme.yaml:3:7: global.mappings[0]: value for \"ip\": is not "
                "an IPv4 or IPv6 address"},
        Mistake{"NoUuid", GlobalFile("target: mp_deviceid, value: \"1\""),
                "acme.yaml:3:7: global.mappings[0]: value for "
                "\"mp_deviceid\": is not a UUID"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Transforms, PlanErrorsTest,
    testing::Values(
        Mistake{
            "UnknownTransform",
            GlobalFile("source: timestamp, target: user_attributes.at, "
                       "transform: data_format, format: epoch_millis"),
            "acme.yaml:3:55: global.mappings[0].transform: unknown transform "
            "\"data_format\"; did you mean \"date_format\"?"},
        Mistake{"UnknownFormat",
                GlobalFile("source: timestamp, target: user_attributes.at, "
                           "transform: date_format, format: epoch_milis"),
                "acme.yaml:3:79: global.mappings[0].format: unknown format "
                "\"epoch_milis\"; did you mean \"epoch_millis\"?"},
        Mistake{"NoFormat",
                GlobalFile("source: timestamp, target: user_attributes.at, "
                           "transform: date_format"),
                "acme.yaml:3:55: global.mappings[0].transform: date_format "
                "needs a \"format\"; write, for example, format: "
                "epoch_millis"},
        Mistake{"ArgumentOfWhatTakesNone",
                GlobalFile("source: name, target: user_attributes.at, "
                           "transform: {trim: 1}"),
                "acme.yaml:3:62: global.mappings[0].transform.trim: \"trim\" "
                "takes no argument"},
        Mistake{"NoArgument",
                GlobalFile("source: name, target: user_attributes.at, "
                           "transform: [trim, truncate]"),
                "acme.yaml:3:68: global.mappings[0].transform[1]: \"truncate\" "
                "needs an argument; write {truncate: ...}"},
        Mistake{"CountThatIsNone",
                GlobalFile("source: name, target: user_attributes.at, "
                           "transform: {truncate: 0}"),
                "acme.yaml:3:62: global.mappings[0].transform.truncate: "
                "\"truncate\" takes a whole number from 1"},
        Mistake{"SeparatorThatIsEmpty",
                GlobalFile("source: name, target: user_attributes.at, "
                           "transform: {split: ''}"),
                "acme.yaml:3:62: global.mappings[0].transform.split: \"split\" "
                "takes a text that is not empty"},
        Mistake{"StepThatCannotTakeWhatTheOneBeforeGives",
                GlobalFile("source: name, target: user_attributes.at, "
                           "transform: [{split: ','}, lowercase]"),
                "acme.yaml:3:76: global.mappings[0].transform[1]: "
                "\"lowercase\" takes a text, a number or a boolean, but "
                "\"split\" gives a list"},
        Mistake{"TimeWithoutATransform",
                GlobalFile("source: timestamp, target: user_attributes.at"),
                "acme.yaml:3:7: global.mappings[0]: \"user_attributes.at\" "
                "takes a text, a number, a boolean or a list, but "
                "\"timestamp\" gives a time; add transform: date_format"},
        Mistake{"NumberForAText",
                GlobalFile("source: timestamp, target: user_identities.other, "
                           "transform: date_format, format: epoch_millis"),
                "acme.yaml:3:7: global.mappings[0]: \"user_identities.other\" "
                "takes a text, but \"date_format\" gives a number; add the "
                "transform string"},
        Mistake{"TextForANumber",
                GlobalFile("source: name, target: context.location.latitude, "
                           "transform: trim"),
                "acme.yaml:3:7: global.mappings[0]: "
                "\"context.location.latitude\" takes a number, but \"trim\" "
                "gives a text; add the transform number"},
        Mistake{"ListForAText",
                GlobalFile("source: name, target: user_identities.other, "
                           "transform: {split: ','}"),
                "acme.yaml:3:7: global.mappings[0]: \"user_identities.other\" "
                "takes a text, but \"split\" gives a list; add the transform "
                "{join: \", \"}"},
        Mistake{"MappedValueThatDoesNotFit",
                GlobalFile("source: name, target: context.location.latitude, "
                           "value_map: {a: north}"),
                "acme.yaml:3:7: global.mappings[0]: value_map for \"a\": "
                "\"context.location.latitude\" expected a number, found a "
                "text"},
        Mistake{"DefaultThatDoesNotFit",
                GlobalFile("source: name, target: ip, default: localhost"),
                "acme.yaml:3:7: global.mappings[0]: default for \"ip\": is not "
                "an IPv4 or IPv6 address"},
        Mistake{"FormatWithoutTransform",
                GlobalFile("source: timestamp, target: user_attributes.at, "
                           "format: epoch_millis"),
                "acme.yaml:3:55: global.mappings[0].format: belongs to one "
                "transform without an argument; write transform: date_format "
                "beside it"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    EventTypes, PlanErrorsTest,
    testing::Values(
        Mistake{"Missing",
                "events:\n  Made Up:\n    vendor_event_name: made_up\n",
                "acme.yaml:2:3: events.Made Up: does not say which mParticle "
                "event it becomes; add, for example, {target: event_type, "
                "value: custom_event}"},
        Mistake{"OfAnEventThatIsNotThere",
                "events:\n  Order Complete: {enabled: false}\n",
                "acme.yaml:2:3: events.Order Complete: unknown event to "
                "disable: \"Order Complete\"; did you mean \"Order "
                "Completed\"?"},
        Mistake{"ThatNeverHasWhatMparticleRequires",
                EventFile("custom_event",
                          "target: data.custom_event_type, value: other"),
                "acme.yaml:2:3: events.Made Up: a custom_event needs "
                "\"data.event_name\"; say vendor_event_name, or add a mapping "
                "to it"},
        Mistake{"CommerceOfTwoParts",
                "events:\n  A:\n    mappings:\n"
                "      - {target: event_type, value: commerce_event}\n"
                "      - {target: data.product_action.action, value: click}\n"
                "      - {target: data.promotion_action.action, value: view}\n",
                "acme.yaml:2:3: events.A: a commerce_event has exactly one of "
                "product_action, promotion_action, product_impressions; remove "
                "the fixed values of one"},
        Mistake{"PresetsPartWithoutWhatItRequires",
                "events:\n  Order Completed:\n    mappings:\n"
                "      - {target: data.product_action.action, remove: true}\n",
                "acme.yaml:2:3: events.Order Completed: mParticle takes "
                "\"data.product_action\" only with \"action\"; add a mapping "
                "to \"data.product_action.action\""},
        Mistake{
            "PartWithoutWhatItRequires",
            "events:\n  A:\n    mappings:\n"
            "      - {target: event_type, value: commerce_event}\n"
            "      - {target: data.product_action.action, value: click}\n"
            "      - {source: properties.x, target: data.location.dma_code}\n",
            "acme.yaml:6:9: events.A.mappings[2]: mParticle takes "
            "\"data.location\" only with "
            "\"latitude\"; add a mapping to \"data.location.latitude\""},
        Mistake{
            "ElementWithoutWhatItRequires",
            "events:\n  A:\n    mappings:\n"
            "      - {target: event_type, value: commerce_event}\n"
            "      - {source: properties, target: data.product_impressions, "
            "each: [{source: list, target: product_impression_list}]}\n",
            "acme.yaml:5:9: events.A.mappings[1]: mParticle requires "
            "\"products\" in each; add a mapping to it"},
        Mistake{"GlobalFieldOfOneKind",
                GlobalFile("source: name, target: data.screen_name"),
                "acme.yaml:3:7: global.mappings[0]: there is no field "
                "\"data.screen_name\"; CustomEventData has no \"screen_name\"; "
                "did you mean \"event_name\"?; a global mapping is for every "
                "event: put it under the events that have the field"},
        Mistake{
            "NameThatIsTooLong",
            "events:\n  Logged In: {vendor_event_name: " +
                std::string(257, 'x') + "}\n",
            "acme.yaml:2:3: events.Logged In: value for \"data.event_name\" "
            "has more than 256 characters, the most that mParticle takes"},
        Mistake{"EmailThatIsHashed",
                GlobalFile("source: traits.email, target: "
                           "user_identities.email, transform: sha256"),
                "acme.yaml:3:61: global.mappings[0].transform: "
                "\"user_identities.email\" takes the address, which mParticle "
                "hashes itself; map the hash to a user attribute"},
        Mistake{"BooleansTextThatIsNone",
                GlobalFile("source: context.consent.sale, target: "
                           "user_attributes.sale, value_map: {yes: 1}"),
                "acme.yaml:3:7: global.mappings[0]: value_map for \"yes\": "
                "\"context.consent.sale\" gives a boolean, whose texts are "
                "'true' and 'false'"},
        Mistake{
            "DroppedPropertyWithAnEmptyStep", "drop_properties: [a..b]\n",
            "acme.yaml:1:19: drop_properties[0]: \"a..b\" has an empty step"},
        Mistake{"DroppedPropertyWithANumber",
                "drop_properties: [email, products.0.name]\n",
                "acme.yaml:1:26: drop_properties[1]: \"products.0.name\" has a "
                "number for a key; of a list, all elements are meant: write "
                "\"products.name\""},
        Mistake{"CommerceWithoutAPart",
                EventFile("commerce_event",
                          "target: data.currency_code, value: USD"),
                "acme.yaml:2:3: events.Made Up: a commerce_event needs "
                "data.product_action, data.promotion_action or "
                "data.product_impressions; add, for example, {target: "
                "data.product_action.action, value: view_detail}"},
        Mistake{"ForAnIdentify", "events:\n  identify: {}\n",
                "acme.yaml:2:3: events.identify: an identify becomes no event; "
                "map its traits under global.mappings"},
        Mistake{"Unknown",
                EventFile("comerce_event", "target: ip, source: context.ip"),
                "acme.yaml:4:9: events.Made Up.mappings[0]: unknown event_type "
                "\"comerce_event\"; did you mean \"commerce_event\"?"},
        Mistake{"FromASource",
                "events:\n  Made Up:\n    mappings:\n"
                "      - {target: event_type, source: properties.kind}\n",
                "acme.yaml:4:9: events.Made Up.mappings[0]: \"event_type\" "
                "takes a fixed value"},
        Mistake{"ThatIsANumber",
                "events:\n  Made Up:\n    mappings:\n"
                "      - {target: event_type, value: 4}\n",
                "acme.yaml:4:9: events.Made Up.mappings[0]: \"event_type\" "
                "takes a fixed value"},
        Mistake{"WithANameItCannotHave",
                "events:\n  page:\n    vendor_event_name: page_view\n",
                "acme.yaml:2:3: events.page: a screen_view has no event_name; "
                "remove "
                "\"vendor_event_name\""}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    AttributesThatAreTooMany, PlanErrorsTest,
    testing::Values(
        Mistake{"OfAUser", Attributes("user_attributes", 98),
                "acme.yaml:100:7: global.mappings[97]: a mapping to "
                "\"user_attributes.a98\" would be one more than the 100 "
                "user_attributes that mParticle takes; remove one"},
        Mistake{"OfAnEvent", Attributes("data.custom_attributes", 101),
                "acme.yaml:103:7: global.mappings[100]: a mapping to "
                "\"data.custom_attributes.a101\" would be one more than the "
                "100 custom_attributes that mParticle takes; remove one"},
        Mistake{"WithThoseOfAPresetsEvent",
                "preset: retail\n" + Attributes("data.custom_attributes", 100),
                "acme.yaml:103:7: global.mappings[99]: with the event "
                "\"Products Searched\" a mapping to "
                "\"data.custom_attributes.query\" would be one more than the "
                "100 custom_attributes that mParticle takes; remove one"},
        Mistake{"WithThoseOfAnEvent",
                Attributes("data.custom_attributes", 100) +
                    "events:\n  Logged In:\n    mappings:\n"
                    "      - {value: x, target: data.custom_attributes.b}\n",
                "acme.yaml:106:9: events.Logged In.mappings[0]: a mapping to "
                "\"data.custom_attributes.b\" would be one more than the 100 "
                "custom_attributes that mParticle takes; remove one"}),
    NameOf);

}  // namespace
}  // namespace signal_delivery::mapping
