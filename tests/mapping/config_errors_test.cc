// What a user is told about a mistake in the form of a configuration file.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "mapping/mapping_config.h"
#include "tests/mapping/mistake.h"

namespace signal_delivery::mapping {
namespace {

class ConfigErrorsTest : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigErrorsTest, SayWhereWhatAndWhatInstead) {
  ExpectMessage(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Files, ConfigErrorsTest,
    testing::Values(
        Mistake{"NotYaml", "global: {mappings: [\n",
                "acme.yaml:2:1: not valid YAML: end of sequence flow not "
                "found"},
        Mistake{"TabsAsIndentation", "global:\n\tmappings: []\n",
                "acme.yaml:2:10: not valid YAML: illegal map value"},
        Mistake{"UnknownKeyInGlobal", "global:\n  mapings: []\n",
                "acme.yaml:2:3: global.mapings: unknown key \"mapings\"; did "
                "you mean \"mappings\"?"},
        Mistake{"UnknownKeyInDefaults", "defaults: {acton: drop}\n",
                "acme.yaml:1:12: defaults.acton: unknown key \"acton\"; did "
                "you mean \"action\"?"},
        Mistake{"UnknownKeyOfAnEvent",
                "events:\n  Logged In:\n    vendor_name: login\n",
                "acme.yaml:3:5: events.Logged In.vendor_name: unknown key "
                "\"vendor_name\"; it may be: enabled, vendor_event_name, "
                "mappings"},
        Mistake{"UnknownKeyOfAMapping",
                GlobalFile("source: user_id, taget: user_identities.alias"),
                "acme.yaml:3:25: global.mappings[0].taget: unknown key "
                "\"taget\"; did you mean \"target\"?"},
        Mistake{"KeyTwice", "events:\n  Logged In: {}\n  Logged In: {}\n",
                "acme.yaml:3:3: events.Logged In: this key is given twice"},
        Mistake{"GlobalThatIsAList", "global: []\n",
                "acme.yaml:1:1: global: expected a map, found a list"},
        Mistake{"GlobalWithoutMappings", "global: {}\n",
                "acme.yaml:1:1: global: \"mappings\" is missing"},
        Mistake{"MappingsThatAreAMap",
                "global:\n  mappings: {source: user_id}\n",
                "acme.yaml:2:3: global.mappings: expected a list, found a "
                "map"},
        Mistake{"MappingThatIsAText", "global:\n  mappings:\n    - user_id\n",
                "acme.yaml:3:7: global.mappings[0]: expected a map, found a "
                "single value"},
        Mistake{"EventsThatAreAList", "events: [Logged In]\n",
                "acme.yaml:1:1: events: expected a map, found a list"},
        Mistake{"EnabledThatIsAText",
                "events:\n  Logged In: {enabled: \"false\"}\n",
                "acme.yaml:2:15: events.Logged In.enabled: expected true or "
                "false"},
        Mistake{"EnabledThatIsYes", "events:\n  Logged In: {enabled: yes}\n",
                "acme.yaml:2:15: events.Logged In.enabled: expected true or "
                "false"},
        Mistake{"NameThatIsAList",
                "events:\n  Logged In: {vendor_event_name: [login]}\n",
                "acme.yaml:2:15: events.Logged In.vendor_event_name: expected "
                "a text, found a list"},
        Mistake{
            "TwoNames",
            "events:\n  Logged In:\n    vendor_event_name: a\n    mappings: "
            "[{target: data.event_name, value: b}]\n",
            "acme.yaml:4:16: events.Logged In.mappings[0]: names the event, "
            "and so does \"vendor_event_name\"; leave out either"},
        Mistake{"NoName", "events:\n  Logged In: {vendor_event_name: ''}\n",
                "acme.yaml:2:15: events.Logged In.vendor_event_name: is empty; "
                "leave it out, or name the event"},
        Mistake{"EachWithinItself",
                "global:\n  mappings:\n    - source: a\n      target: b\n"
                "      each: &p [{source: c, target: d, each: *p}]\n",
                "acme.yaml:5:46: an alias inside of what it stands for"},
        Mistake{"EachTooDeep",
                "global:\n  mappings:\n    - {source: a, target: b, each: "
                "[{source: c, target: d, each: [{source: e, target: f, each: "
                "[{source: g, target: h, each: [{source: i, target: j, each: "
                "[{source: k, target: l}]}]}]}]}]}\n",
                "acme.yaml:3:150: global.mappings[0].each[0].each[0].each[0]."
                "each[0].each: stands in more than 4 others; mParticle's lists "
                "go no deeper than 2"},
        Mistake{"TextBesideTheDocument", ", global: {}\n",
                "acme.yaml:1:1: not valid YAML: what stands here belongs to no "
                "value"},
        Mistake{"TwoDocuments", "global:\n---\nevents: {}\n",
                "acme.yaml:2:1: a second YAML document (after ---); a file "
                "holds one"},
        Mistake{"DataPlanTwice",
                "data_plan: {plan_id: a}\nglobal:\n  mappings:\n"
                "    - {target: context.data_plan.plan_id, value: b}\n",
                "acme.yaml:4:7: global.mappings[0]: data_plan says it already; "
                "leave out either"},
        Mistake{"UnknownAction", "defaults: {action: dorp}\n",
                "acme.yaml:1:12: defaults.action: unknown action \"dorp\"; "
                "did you mean \"drop\"?"},
        Mistake{"MappingsOfWhatIsDropped",
                "defaults:\n  mappings: [{source: name, target: ip}]\n",
                "acme.yaml:2:3: defaults.mappings: would never be used: events "
                "that `events` does not name are dropped; remove them, or "
                "write action: send"},
        Mistake{"KeyThatIsAList", "events:\n  [Logged In]: {}\n",
                "acme.yaml:1:1: events: a key must be a single word"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Mappings, ConfigErrorsTest,
    testing::Values(
        Mistake{"WithoutTarget", GlobalFile("source: user_id"),
                "acme.yaml:3:7: global.mappings[0]: \"target\" is missing"},
        Mistake{"NeitherSourceNorValue", GlobalFile("target: ip"),
                "acme.yaml:3:7: global.mappings[0]: a mapping needs either a "
                "\"source\" or a \"value\""},
        Mistake{"BothSourceAndValue",
                GlobalFile("target: ip, source: context.ip, value: 10.0.0.1"),
                "acme.yaml:3:7: global.mappings[0]: a mapping needs either a "
                "\"source\" or a \"value\""},
        Mistake{"NoSources", GlobalFile("target: ip, source: []"),
                "acme.yaml:3:20: global.mappings[0].source: the list of "
                "sources is empty"},
        Mistake{"SourceThatIsAMap", GlobalFile("target: ip, source: {a: b}"),
                "acme.yaml:3:20: global.mappings[0].source: expected a text, "
                "found a map"},
        Mistake{"TargetThatIsAList",
                GlobalFile("target: [ip], source: context.ip"),
                "acme.yaml:3:8: global.mappings[0].target: expected a text, "
                "found a list"},
        Mistake{"SameTargetTwice",
                "global:\n  mappings:\n"
                "    - {source: context.ip, target: ip}\n"
                "    - {source: traits.ip, target: ip}\n",
                "acme.yaml:4:7: global.mappings[1]: a second mapping to "
                "\"ip\"; the first is at acme.yaml:3:7"},
        Mistake{"EachWithAValue",
                EventFile("commerce_event",
                          "target: data.product_action.products, value: x, "
                          "each: [{source: a, target: id}]"),
                "acme.yaml:5:58: events.Made Up.mappings[1].each: needs a "
                "\"source\""},
        Mistake{
            "RemovalBesideASource",
            GlobalFile("target: ip, remove: true, source: context.ip"),
            "acme.yaml:3:34: global.mappings[0].source: does nothing beside "
            "\"remove\"; leave out either"},
        Mistake{"RemovalThatIsFalse", GlobalFile("target: ip, remove: false"),
                "acme.yaml:3:20: global.mappings[0].remove: may only be true; "
                "leave it out"},
        Mistake{"RemovalOfWhatIsNotThere",
                GlobalFile("target: user_identities.emial, remove: true"),
                "acme.yaml:3:7: global.mappings[0]: unknown mapping to remove: "
                "\"user_identities.emial\"; did you mean "
                "\"user_identities.email\"?"},
        Mistake{"RemovalOfWhatTheEventDoesNotInherit",
                "events:\n  Logged In:\n    mappings:\n"
                "      - {target: data.screen_nme, remove: true}\n",
                "acme.yaml:4:9: events.Logged In.mappings[0]: unknown mapping "
                "to remove: \"data.screen_nme\"; it may be: "
                "user_identities.customer_id, user_identities.email, "
                "user_identities.other, ip, "
                "device_info.http_header_user_agent, "
                "user_attributes.$firstname, user_attributes.$lastname, "
                "user_attributes.$mobile, "
                "consent_state.gdpr.marketing.consented, "
                "data.source_message_id, data.timestamp_unixtime_ms, "
                "event_type, data.custom_event_type"},
        Mistake{
            "RemovalInAnEach",
            EventFile("commerce_event",
                      "target: data.product_action.products, source: "
                      "properties.items, each: [{target: id, remove: true}]"),
            "acme.yaml:5:94: events.Made Up.mappings[1].each[0].remove: an "
            "\"each\" is replaced as a whole; write the mappings that "
            "stay"},
        Mistake{"DefaultBesideAValue",
                GlobalFile("target: ip, value: 10.0.0.1, default: 10.0.0.2"),
                "acme.yaml:3:37: global.mappings[0].default: needs a "
                "\"source\"; a \"value\" is written as it is"},
        Mistake{"TransformBesideAnEach",
                EventFile("commerce_event",
                          "target: data.product_action.products, source: "
                          "properties.items, transform: trim, each: [{source: "
                          "a, target: id}]"),
                "acme.yaml:5:74: events.Made Up.mappings[1].transform: does "
                "nothing beside \"each\"; put it into the mappings there"},
        Mistake{"TransformOfTwoKeys",
                GlobalFile("target: ip, source: context.ip, transform: {trim: "
                           "1, truncate: 2}"),
                "acme.yaml:3:40: global.mappings[0].transform: expected one "
                "transform and its argument, such as {truncate: 40}; write "
                "several as a list"},
        Mistake{"ValueMapThatIsAList",
                GlobalFile("target: ip, source: context.ip, value_map: [a]"),
                "acme.yaml:3:40: global.mappings[0].value_map: expected a map, "
                "found a list"},
        Mistake{"ValueMapWithoutValues",
                GlobalFile("target: ip, source: context.ip, value_map: {}"),
                "acme.yaml:3:40: global.mappings[0].value_map: has no values"},
        Mistake{"EachWithoutMappings",
                EventFile("commerce_event",
                          "target: data.product_action.products, source: "
                          "properties.items, each: []"),
                "acme.yaml:5:74: events.Made Up.mappings[1].each: has no "
                "mappings"}),
    NameOf);

TEST(ConfigFileTest, AliasesOfAliasesAreCountedEachTime) {
  // 30 to the power of 4 mappings in six lines.
  std::string yaml = "a: &a [{source: x, target: t}]\n";
  std::string from = "a";
  for (const char* to : {"b", "c", "d"}) {
    absl::StrAppend(&yaml, to, ": &", to, " [");
    for (int i = 0; i < 30; ++i) {
      absl::StrAppend(&yaml, "{source: x, target: t", i, ", each: *", from,
                      "}, ");
    }
    absl::StrAppend(&yaml, "]\n");
    from = to;
  }
  absl::StrAppend(&yaml, "global: {mappings: *d}\n");
  EXPECT_EQ(
      Load(yaml).message(),
      "acme.yaml:4:318: more than 100000 values, those of aliases counted "
      "each time");
}

TEST(ConfigVersionTest, TwoIsRead) {
  const auto file = ConfigNode::Parse("version: 2\n", "acme.yaml");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(CheckVersion(*file).ok());
}

TEST(ConfigVersionTest, OthersAreRefused) {
  for (const char* version : {"1", "3", "2.0", "\"2\"", "two", "[2]"}) {
    const auto file = ConfigNode::Parse(
        absl::StrCat("# Acme\nversion: ", version, "\n"), "acme.yaml");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(std::string(CheckVersion(*file).message()),
              "acme.yaml:2:1: version: this service reads version 2 only; "
              "write version: 2")
        << version;
  }
}

TEST(ConfigVersionTest, MustBeThere) {
  const auto file = ConfigNode::Parse("events: {}\n", "acme.yaml");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(std::string(CheckVersion(*file).message()),
            "acme.yaml:1:1: \"version\" is missing");
}

TEST(PresetTest, AnUnknownNameIsAnErrorThatListsThoseThereAre) {
  const absl::Status status = LoadPreset("defualt").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()),
            "there is no preset \"defualt\"; there is: default, retail");
}

TEST(ConfigFileTest, DefaultsAsSignalWritesThemAreRead) {
  const absl::StatusOr<ConfigNode> file = ConfigNode::Parse(
      "defaults:\n  action: drop\n  mappings: []\n", "acme.yaml");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(LoadMappings(*file).ok());
}

TEST(ConfigFileTest, AnEmptyFileChangesNothing) {
  EXPECT_TRUE(Load("").ok());
  EXPECT_TRUE(Load("global:\ndefaults:\nevents:\n").ok());
}

}  // namespace
}  // namespace signal_delivery::mapping
