#include "code_address.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace weft::detail {
namespace {

/// A file as the memory that it is mapped to.
class Mapped {
 public:
  explicit Mapped(const char* path) {
    int file = ::open(path, O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0) {
      size_ = static_cast<std::size_t>(status.st_size);
      memory_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    }
    if (file >= 0) ::close(file);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (memory_ != MAP_FAILED) munmap(memory_, size_);
  }
  /// `count` objects at `offset`; null where the file does not have them.
  template <class T>
  const T* at(std::uint64_t offset, std::uint64_t count = 1) const {
    if (memory_ == MAP_FAILED || offset > size_ || count > (size_ - offset) / sizeof(T)) return nullptr;
    return reinterpret_cast<const T*>(static_cast<const char*>(memory_) + offset);
  }

 private:
  void* memory_ = MAP_FAILED;
  std::size_t size_ = 0;
};

struct Symbol {
  std::string name;
  std::uint64_t offset = 0;  ///< of the address in it
};

/// Also of functions that the dynamic linker knows nothing of, as in most programs.
Symbol symbol_of(const Mapped& file, std::uint64_t address) {
  using Header = ElfW(Ehdr);
  using Section = ElfW(Shdr);
  using Entry = ElfW(Sym);
  const Header* header = file.at<Header>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return {};
  const Section* sections = file.at<Section>(header->e_shoff, header->e_shnum);
  for (unsigned index = 0; sections && index < header->e_shnum; ++index) {
    const Section& section = sections[index];
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= header->e_shnum) continue;
    const Section& names = sections[section.sh_link];
    std::uint64_t count = section.sh_size / sizeof(Entry);
    const Entry* entries = file.at<Entry>(section.sh_offset, count);
    const char* text = file.at<char>(names.sh_offset, names.sh_size);
    for (std::uint64_t entry = 0; entries && text && entry < count; ++entry) {
      const Entry& symbol = entries[entry];
      if ((symbol.st_info & 0xf) != STT_FUNC || address - symbol.st_value >= symbol.st_size) continue;
      if (symbol.st_name < names.sh_size) return {text + symbol.st_name, address - symbol.st_value};
    }
  }
  return {};
}

/// Empty where it is no mangled name.
std::string demangle(const std::string& name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = text ? text : "";
  std::free(text);
  return result;
}

std::string readable(const std::string& name) {
  if (!name.starts_with("_Z")) return name;
  // What clang makes of a coroutine has the name of the function and a suffix.
  std::size_t suffix = std::min(name.find('.'), name.size());
  if (std::string text = demangle(name.substr(0, suffix)); !text.empty()) return text + name.substr(suffix);
  // GCC's has a parameter of a type that no name may have, P and a local name, and no other.
  if (name.ends_with(".actor"))
    if (std::string text = demangle(name.substr(0, name.find("PZ")) + "v"); !text.empty())
      return text + ".actor";
  return name;
}

}  // namespace

std::string describe_code(const void* address) {
  Dl_info info{};
  link_map* map = nullptr;
  if (!dladdr1(address, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) || !map || !info.dli_fname)
    return fmt::format("{}", address);
  bool is_program = !map->l_name || !*map->l_name;
  // As the file has it, wherever it was loaded.
  std::uint64_t in_file = reinterpret_cast<std::uintptr_t>(address) - map->l_addr;
  Symbol symbol = symbol_of(Mapped(is_program ? "/proc/self/exe" : map->l_name), in_file);
  if (symbol.name.empty() && info.dli_sname)
    symbol = {info.dli_sname, static_cast<std::uint64_t>(static_cast<const char*>(address) -
                                                         static_cast<const char*>(info.dli_saddr))};
  std::string place = fmt::format("{}+{:#x}", info.dli_fname, in_file);
  if (symbol.name.empty()) return place;
  return fmt::format("{}+{:#x} ({})", readable(symbol.name), symbol.offset, place);
}

}  // namespace weft::detail
