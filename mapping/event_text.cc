#include "mapping/event_text.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Campaign;
using ::datafly::signal::v1::Context;
using ::datafly::signal::v1::Device;
using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::Page;

using Text = std::optional<absl::string_view>;

template <int kNumber>
Text OfEvent(const EventFields& event) {
  return event.Text(kNumber);
}

template <auto kHas, auto kText, typename Message>
Text TextIn(const Message& message) {
  if (!(message.*kHas)()) return std::nullopt;
  return (message.*kText)();
}

template <auto kHas, auto kText>
Text OfContext(const EventFields& event) {
  return TextIn<kHas, kText>(event.context());
}

template <auto kPart, auto kHas, auto kText>
Text OfPart(const EventFields& event) {
  return TextIn<kHas, kText>((event.context().*kPart)());
}

template <auto kHas, auto kText>
constexpr EventText kOfPage = OfPart<&Context::page, kHas, kText>;
template <auto kHas, auto kText>
constexpr EventText kOfDevice = OfPart<&Context::device, kHas, kText>;
template <auto kHas, auto kText>
constexpr EventText kOfCampaign = OfPart<&Context::campaign, kHas, kText>;

// All that event.proto has: a test holds this to it.
constexpr struct {
  absl::string_view path;
  EventText text;
} kTexts[] = {
    {"event", OfEvent<Event::kEventFieldNumber>},
    {"name", OfEvent<Event::kNameFieldNumber>},
    {"user_id", OfEvent<Event::kUserIdFieldNumber>},
    {"anonymous_id", OfEvent<Event::kAnonymousIdFieldNumber>},
    {"group_id", OfEvent<Event::kGroupIdFieldNumber>},
    {"message_id", OfEvent<Event::kMessageIdFieldNumber>},
    {"context.locale", OfContext<&Context::has_locale, &Context::locale>},
    {"context.timezone", OfContext<&Context::has_timezone, &Context::timezone>},
    {"context.ip", OfContext<&Context::has_ip, &Context::ip>},
    {"context.user_agent",
     OfContext<&Context::has_user_agent, &Context::user_agent>},
    {"context.page.url", kOfPage<&Page::has_url, &Page::url>},
    {"context.page.path", kOfPage<&Page::has_path, &Page::path>},
    {"context.page.referrer", kOfPage<&Page::has_referrer, &Page::referrer>},
    {"context.page.title", kOfPage<&Page::has_title, &Page::title>},
    {"context.page.search", kOfPage<&Page::has_search, &Page::search>},
    {"context.device.type", kOfDevice<&Device::has_type, &Device::type>},
    {"context.device.manufacturer",
     kOfDevice<&Device::has_manufacturer, &Device::manufacturer>},
    {"context.device.model", kOfDevice<&Device::has_model, &Device::model>},
    {"context.campaign.source",
     kOfCampaign<&Campaign::has_source, &Campaign::source>},
    {"context.campaign.medium",
     kOfCampaign<&Campaign::has_medium, &Campaign::medium>},
    {"context.campaign.name",
     kOfCampaign<&Campaign::has_name, &Campaign::name>},
    {"context.campaign.term",
     kOfCampaign<&Campaign::has_term, &Campaign::term>},
    {"context.campaign.content",
     kOfCampaign<&Campaign::has_content, &Campaign::content>},
};

}  // namespace

EventText FindEventText(absl::string_view path) {
  for (const auto& [known, text] : kTexts) {
    if (known == path) return text;
  }
  return nullptr;
}

}  // namespace signal_delivery::mapping
