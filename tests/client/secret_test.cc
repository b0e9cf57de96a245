#include "client/secret.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>()
                                           << std::declval<const T&>())>>
    : std::true_type {};

template <typename T, typename = void>
struct IsComparable : std::false_type {};
template <typename T>
struct IsComparable<T, std::void_t<decltype(std::declval<const T&>() ==
                                            std::declval<const T&>())>>
    : std::true_type {};

// The checks themselves, on a type that is both.
static_assert(IsPrintable<std::string>::value);
static_assert(IsComparable<std::string>::value);

static_assert(!IsPrintable<Secret>::value);
static_assert(!IsComparable<Secret>::value);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, absl::string_view>);
static_assert(!std::is_constructible_v<absl::AlphaNum, const Secret&>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

// What freed memory held when it was given back. Blocks of one size, so that
// the test looks at those of its own.
constexpr size_t kSize = 12'345;
int freed_with_text = 0;

}  // namespace
}  // namespace signal_delivery::client

void* operator new[](size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete[](void* memory) noexcept {
  using signal_delivery::client::freed_with_text;
  using signal_delivery::client::kSize;
  if (memory != nullptr && malloc_usable_size(memory) >= kSize &&
      std::memchr(memory, 's', kSize) != nullptr) {
    ++freed_with_text;
  }
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  operator delete[](memory);
}

namespace signal_delivery::client {
namespace {

TEST(Secret, IsWhatItWasMadeOf) {
  Secret secret("s3cret");
  EXPECT_EQ(secret.Reveal(), "s3cret");
  Secret other("other");
  other = std::move(secret);
  EXPECT_EQ(other.Reveal(), "s3cret");
  EXPECT_EQ(Secret(std::move(other)).Reveal(), "s3cret");
}

TEST(Secret, IsOverwrittenWhenItIsReplacedAndWhenItGoes) {
  freed_with_text = 0;
  {
    auto unwiped = std::make_unique<char[]>(kSize);
    std::memset(unwiped.get(), 's', kSize);
  }
  EXPECT_EQ(freed_with_text, 1) << "the test sees what is not overwritten";
  freed_with_text = 0;
  {
    Secret secret{std::string(kSize, 's')};
    secret = Secret(std::string(kSize, 's'));
    const Secret moved(std::move(secret));
  }
  EXPECT_EQ(freed_with_text, 0);
}

TEST(Secret, ATextThatHeldOneIsOverwrittenInPlace) {
  std::string text(100, 's');
  const char* const memory = text.data();
  Wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::memchr(memory, 's', 100), nullptr);
}

}  // namespace
}  // namespace signal_delivery::client
