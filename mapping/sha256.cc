#include "mapping/sha256.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"

namespace signal_delivery::mapping {

namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// OpenSSL's SHA256() looks the algorithm up and makes a context each time, for
// which it takes longer than for the hash of a batch's keys.
void Hash(std::initializer_list<absl::string_view> pieces,
          unsigned char* hash) {
  static const EVP_MD* const algorithm =
      EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(
      EVP_MD_CTX_new());
  EVP_DigestInit_ex2(context.get(), algorithm, nullptr);
  for (const absl::string_view piece : pieces) {
    EVP_DigestUpdate(context.get(), piece.data(), piece.size());
  }
  EVP_DigestFinal_ex(context.get(), hash, nullptr);
}

}  // namespace

std::string Sha256Hex(absl::string_view data) {
  std::string hex(2 * SHA256_DIGEST_LENGTH, '0');
  WriteSha256Hex({data}, absl::MakeSpan(hex));
  return hex;
}

void WriteSha256Hex(std::initializer_list<absl::string_view> pieces,
                    absl::Span<char> digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  unsigned char hash[SHA256_DIGEST_LENGTH];
  Hash(pieces, hash);
  for (size_t i = 0; i < digits.size(); ++i) {
    const unsigned char byte = hash[i / 2];
    digits[i] = kDigits[i % 2 == 0 ? byte >> 4 : byte & 0xF];
  }
}

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 2 * SHA256_DIGEST_LENGTH &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isxdigit(c); });
}

}  // namespace signal_delivery::mapping
