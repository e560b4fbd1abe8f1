// Seen: which of a record's required fields were there. For codecs; a record without any costs nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <weft/codec/reader.h>
#include <weft/codec/schema.h>

namespace weft::detail {

[[gnu::cold]] void fail_missing(Reader& reader, std::string_view record, std::string_view field);

/// Which required fields were there.
template <class Record>
class Seen {
  template <std::size_t I>
  static constexpr bool required = Record::template presence<I> == Presence::required;
  static constexpr bool any = []<std::size_t... I>(std::index_sequence<I...>) {
    for (bool one : std::array<bool, Record::size + 1>{required<I>..., false})
      if (one) return true;
    return false;
  }(std::make_index_sequence<Record::size>{});

 public:
  template <std::size_t I>
  void mark() noexcept {
    if constexpr (required<I>) words_[I / 64] |= std::uint64_t{1} << (I % 64);
  }
  template <std::size_t Begin = 0, std::size_t End = Record::size>
  void check(Reader& reader) const {
    if constexpr (!any || Begin == End) {
    } else if constexpr (End - Begin == 1) {
      if constexpr (required<Begin>)
        if (!(words_[Begin / 64] >> (Begin % 64) & 1)) [[unlikely]]
          fail_missing(reader, Record::name(), Record::template name<Begin>());
    } else {
      check<Begin, (Begin + End) / 2>(reader);
      check<(Begin + End) / 2, End>(reader);
    }
  }

 private:
  std::array<std::uint64_t, any ? (Record::size + 63) / 64 : 0> words_{};
};

}  // namespace weft::detail
