#include "mapping/json_text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>

namespace signal_delivery::mapping {
namespace {

std::string Number(double value) {
  std::string out;
  EXPECT_TRUE(AppendJsonNumber(value, &out));
  return out;
}

std::string Integer(int64_t value) {
  std::string out;
  AppendJsonInteger(value, &out);
  return out;
}

std::string Text(absl::string_view text) {
  std::string out;
  EXPECT_TRUE(AppendJsonString(text, &out));
  return out;
}

bool IsText(absl::string_view text) {
  std::string out;
  return AppendJsonString(text, &out);
}

TEST(JsonNumberTest, WholeNumbersHaveNoFractionAndNoExponent) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(8.0), "8");
  EXPECT_EQ(Number(-8.0), "-8");
  EXPECT_EQ(Number(100000), "100000");
  EXPECT_EQ(Number(9007199254740992), "9007199254740992");
}

TEST(JsonNumberTest, FractionsTakeTheFewestDigits) {
  EXPECT_EQ(Number(129.99), "129.99");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
}

TEST(JsonNumberTest, NegativeZeroKeepsItsSign) {
  EXPECT_EQ(Number(-0.0), "-0");
}

TEST(JsonNumberTest, ExtremeValuesReadBackTheSame) {
  using Limits = std::numeric_limits<double>;
  for (const double value :
       {Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min(),
        Limits::epsilon(), 9007199254740993.0, 1e22, 1e-7, -1e300}) {
    EXPECT_EQ(nlohmann::json::parse(Number(value)).get<double>(), value);
  }
}

TEST(JsonNumberTest, RandomValuesReadBackTheSame) {
  std::mt19937_64 random(20240129);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = Number(value);
    ASSERT_TRUE(nlohmann::json::accept(text)) << text;
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
  }
}

TEST(JsonNumberTest, RandomAmountsOfMoneyAreWrittenAsPeopleWriteThem) {
  std::mt19937_64 random(20240129);
  for (int i = 0; i < 20000; ++i) {
    const int64_t cents =
        static_cast<int64_t>(random() % 1'000'000'000'000) + 1;
    std::string written = Integer(cents / 100) + ".";
    written += static_cast<char>('0' + cents / 10 % 10);
    written += static_cast<char>('0' + cents % 10);
    while (written.back() == '0') written.pop_back();
    if (written.back() == '.') written.pop_back();
    ASSERT_EQ(Number(static_cast<double>(cents) / 100), written);
  }
}

TEST(JsonNumberTest, DecimalsAreThoseOfToChars) {
  std::mt19937_64 random(20240129);
  for (int i = 0; i < 50000; ++i) {
    // Of up to 17 digits, 0 to 4 of them decimals, and the doubles beside.
    const auto digits = static_cast<double>(
        random() % static_cast<uint64_t>(std::pow(10, 1 + i % 17)));
    const double decimal = digits / std::pow(10, i % 5);
    for (const double value :
         {decimal, -decimal, std::nextafter(decimal, HUGE_VAL)}) {
      if (value == std::trunc(value)) continue;
      char shortest[32];
      const auto end =
          std::to_chars(shortest, shortest + sizeof(shortest), value).ptr;
      ASSERT_EQ(Number(value), std::string(shortest, end));
    }
  }
}

TEST(JsonNumberTest, NoWordForWhatIsNotFinite) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    std::string out = "before";
    EXPECT_FALSE(AppendJsonNumber(value, &out));
    EXPECT_EQ(out, "before");
  }
}

TEST(JsonIntegerTest, KeepsAll64Bits) {
  EXPECT_EQ(Integer(std::numeric_limits<int64_t>::max()),
            "9223372036854775807");
  EXPECT_EQ(Integer(std::numeric_limits<int64_t>::min()),
            "-9223372036854775808");
  EXPECT_EQ(Integer(0), "0");
}

// Eight bytes are looked at at once, so it matters where one stands.
TEST(JsonStringTest, EscapesAreFoundWhereverTheyStand) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  for (size_t length = 1; length <= letters.size(); ++length) {
    const std::string plain = letters.substr(0, length);
    ASSERT_EQ(Text(plain), '"' + plain + '"');
    for (size_t i = 0; i < length; ++i) {
      for (const auto& [unit, written] :
           {std::pair("\n", "\\n"), {"\"", "\\\""}, {"ü", "ü"}}) {
        const std::string before = plain.substr(0, i);
        const std::string after = plain.substr(i + 1);
        ASSERT_EQ(Text(before + unit + after),
                  '"' + before + written + after + '"');
      }
      std::string broken = plain;
      broken[i] = '\xff';
      ASSERT_FALSE(IsText(broken));
    }
  }
}

TEST(JsonStringTest, EscapesWhatJsonWantsEscapedAndNothingElse) {
  EXPECT_EQ(Text(""), R"("")");
  EXPECT_EQ(Text("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Text("\n\r\t\b\f"), R"("\n\r\t\u0008\u000c")");
  EXPECT_EQ(Text("\x1f\x7f"), "\"\\u001f\x7f\"");
  EXPECT_EQ(Text(absl::string_view("a\0b", 3)), R"("a\u0000b")");
  EXPECT_EQ(Text("Zürich 東京 🛒"), "\"Zürich 東京 🛒\"");
}

TEST(JsonStringTest, FindsEveryByteAtEveryPlaceOfALongText) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (size_t place = 0; place < 20; ++place) {
      std::string text(20, 'x');
      text[place] = static_cast<char>(byte);
      ASSERT_EQ(nlohmann::json::parse(Text(text)).get<std::string>(), text)
          << byte << " at " << place;
    }
  }
}

TEST(JsonStringTest, TakesTheFirstAndTheLastCharacterOfEveryLength) {
  for (const char* text : {"\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000",
                           "\uffff", "\U00010000", "\U0010ffff"}) {
    EXPECT_EQ(Text(text), '"' + std::string(text) + '"');
  }
}

TEST(JsonStringTest, RefusesWhatIsNotUtf8) {
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf",
        "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(IsText(text));
    EXPECT_FALSE(IsText(std::string("before ") + text));
    EXPECT_FALSE(IsText(std::string(text) + " and after it"));
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
