#ifndef SERVER_OPENSSL_OBJECTS_H_
#define SERVER_OPENSSL_OBJECTS_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// Owners of OpenSSL's objects, and what it takes to read them from texts.

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;

// Reads from the text, which must outlive it.
inline Bio OpenText(absl::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL would ask for an encrypted key's passphrase on the
// terminal.
inline int NoPassphrase(char*, int, int, void*) { return -1; }

// The next certificate; null where there is none, or it is broken.
inline Certificate ReadCertificate(BIO& bio) {
  return Certificate(PEM_read_bio_X509(&bio, nullptr, &NoPassphrase, nullptr));
}

inline absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? absl::FromTimeT(timegm(&parts))
                                            : absl::InfinitePast();
}

}  // namespace signal_delivery::server

#endif  // SERVER_OPENSSL_OBJECTS_H_
