// A library to load before libc's: counts the calls of malloc and its kin in
// the first eight bytes of the file that ALLOCATIONS_FILE names, which must
// exist. C++'s operator new calls malloc.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

// glibc's own, under the names that it offers for this purpose.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

std::atomic<uint64_t> before_start{0};
std::atomic<std::atomic<uint64_t>*> counter{&before_start};

// Runs before main; until then nobody reads.
__attribute__((constructor)) void Start() {
  const char* const name = std::getenv("ALLOCATIONS_FILE");
  if (name == nullptr) return;
  const int file = open(name, O_RDWR | O_CLOEXEC);
  if (file < 0 || ftruncate(file, sizeof(uint64_t)) != 0) std::abort();
  void* const memory = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) std::abort();
  close(file);
  counter = static_cast<std::atomic<uint64_t>*>(memory);
}

void Count() {
  counter.load(std::memory_order_relaxed)
      ->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* malloc(size_t size) {
  Count();
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  Count();
  return __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) {
  Count();
  return __libc_realloc(memory, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  Count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
  Count();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"
