#include "tools/cli/reference_examples.h"

namespace signal_delivery::cli {
namespace {

constexpr ReferenceExample kExamples[] = {
    {"Send the email as a hash only",
     "mParticle expects the address itself and hashes it for its outputs. "
     "Where "
     "it must not leave your perimeter, take it out of the identities and send "
     "its hash as a user attribute:",
     R"(global:
  mappings:
    - {target: user_identities.email, remove: true}
    - source: traits.email
      target: user_attributes.email_sha256
      transform: sha256
)"},
    {"Keep properties out",
     "Properties that no mapping takes become custom attributes. An address "
     "that "
     "your senders put into the properties of events would go out that way; "
     "not "
     "if you name it here:",
     R"(drop_properties: [email, phone, address.street]
)"},
    {"Add an event",
     "The name is the one in `datafly.track`. What no mapping takes of its "
     "properties becomes custom attributes by itself.",
     R"(events:
  Video Played:
    vendor_event_name: video_played
    mappings:
      - {target: event_type, value: custom_event}
      - {target: data.custom_event_type, value: media}
      - {source: properties.length, target: data.custom_attributes.seconds, transform: integer}
)"},
    {"Add a commerce event with products",
     "`each` maps the elements of a list.",
     R"(events:
  Product Compared:
    mappings:
      - {target: event_type, value: commerce_event}
      - {target: data.product_action.action, value: view_detail}
      - {source: properties.currency, target: data.currency_code, transform: currency}
      - source: properties.products
        target: data.product_action.products
        each:
          - {source: [product_id, sku], target: id, transform: string}
          - {source: name, target: name}
          - {source: price, target: price, transform: number}
)"},
    {"Change or switch off an event of the preset",
     "One name at a time: the preset `retail` has a login under several names, "
     "and each is an event of its own here.",
     R"(events:
  Products Searched:
    vendor_event_name: site_search
    mappings:
      - {source: properties.query, target: data.custom_attributes.search_term, transform: [trim, lowercase]}
  Logged In:
    enabled: false
)"},
    {"Send the events that have no mapping", "They keep their own names.",
     R"(defaults:
  action: send
)"},
    {"More identities and attributes", "",
     R"(global:
  mappings:
    - {source: traits.loyalty_id, target: user_identities.other_id_2, transform: string}
    - {source: traits.phone, target: user_identities.mobile_number}
    - {source: traits.country, target: user_attributes.$country, transform: country}
    - {source: traits.plan, target: user_attributes.plan, value_map: {f: free, p: paid, '*': unknown}, default: none}
    - {source: traits.interests, target: user_attributes.interests, transform: {split: ","}}
)"},
    {"Consent for more purposes, and the CCPA opt-out",
     "For `ccpa.data_sale_opt_out`, `consented: true` means that the user "
     "opted "
     "out: so the value is turned round.",
     R"(consent: {required: [marketing], when_missing: drop}
global:
  mappings:
    - {source: context.consent.analytics, target: consent_state.gdpr.analytics.consented}
    - source: context.consent.advertising
      target: consent_state.ccpa.data_sale_opt_out.consented
      value_map: {'true': false, 'false': true}
)"},
    {"Name screens by their path instead of their title",
     "mParticle takes 1,000 different screen and event names per workspace. "
     "`/orders/1234` becomes `/orders/:id`.",
     R"(events:
  page:
    mappings:
      - {source: [context.page.path, context.page.url], target: data.screen_name, transform: path_template, default: /}
)"},
    {"The retail vocabulary, a data plan, strict times", "",
     R"(preset: retail
data_plan: {plan_id: web_shop, plan_version: 3}
event_time: {in_future: reject, too_old: reject}
max_events_per_batch: 100
)"},
    {"Profiles from identifies alone, and deleted attributes",
     "An identify that no event of its request carries updates the profile, "
     "and "
     "a trait that is null deletes the attribute that it is mapped to.",
     R"(lone_identifies: send
null_traits: delete
global:
  mappings:
    - {source: traits.plan, target: user_attributes.plan}
)"},
};

}  // namespace

absl::Span<const ReferenceExample> ReferenceExamples() { return kExamples; }

}  // namespace signal_delivery::cli
