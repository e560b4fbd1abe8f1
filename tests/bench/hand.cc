#include "hand.h"

#include <cstring>

namespace bench::hand {

std::size_t bound(const Record& record) {
  std::size_t size = 300 + record.s1.size() + record.s2.size() + record.s3.size() + record.s4.size() +
                     record.s5.size() + 10 * record.ids.size();
  for (const Sub& sub : record.subs) size += 48 + sub.name.size();
  for (const auto& [key, value] : record.tags) size += 32 + key.size() + value.size();
  return size;
}

namespace {

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::uint8_t* put(std::uint8_t* to, std::uint64_t value) {
  for (; value > 0x7f; value >>= 7) *to++ = static_cast<std::uint8_t>(value | 0x80);
  *to++ = static_cast<std::uint8_t>(value);
  return to;
}
std::uint8_t* put_text(std::uint8_t* to, std::string_view text) {
  to = put(to, text.size());
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

struct Input {
  const std::uint8_t* next;
  const std::uint8_t* end;
  bool broken = false;

  std::size_t left() const { return static_cast<std::size_t>(end - next); }
  std::uint64_t fail() {
    broken = true;
    next = end;
    return 0;
  }
  std::uint8_t byte() { return next < end ? *next++ : static_cast<std::uint8_t>(fail()); }
  std::uint64_t varint() {
    const std::uint8_t* at = next;
    const std::uint8_t* limit = end - at > 10 ? at + 10 : end;
    if (limit - at == 10) [[likely]] {
      std::uint64_t value = *at++;
      if (value < 0x80) return next = at, value;
      value &= 0x7f;
      for (int shift = 7; shift < 70; shift += 7) {
        const std::uint64_t part = *at++;
        value |= (part & 0x7f) << shift;
        if (part < 0x80) return next = at, value;
      }
      return fail();
    }
    std::uint64_t value = 0;
    for (int shift = 0; at < limit; shift += 7) {
      const std::uint64_t part = *at++;
      value |= (part & 0x7f) << shift;
      if (part < 0x80) return next = at, value;
    }
    return fail();
  }
  std::string_view text() {
    const std::uint64_t size = varint();
    if (size > left()) return fail(), std::string_view{};
    const char* from = reinterpret_cast<const char*>(next);
    next += size;
    return {from, size};
  }
};

Input input(std::string_view from) {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(from.data());
  return {begin, begin + from.size()};
}

// Thrift compact.

enum : std::uint8_t { true_ = 1, false_ = 2, i32 = 5, i64 = 6, binary = 8, list = 9, map = 11, struct_ = 12 };

std::uint8_t flag(bool value) { return value ? 0x11 : 0x12; }

std::uint8_t* put_list(std::uint8_t* to, std::size_t size, std::uint8_t element) {
  *to++ = 0x19;
  if (size < 15) {
    *to++ = static_cast<std::uint8_t>(size << 4 | element);
    return to;
  }
  *to++ = static_cast<std::uint8_t>(0xf0 | element);
  return put(to, size);
}

std::uint64_t list_size(Input& in, std::uint8_t element) {
  const std::uint8_t head = in.byte();
  std::uint64_t size = head >> 4;
  if (size == 15) size = in.varint();
  if (size > 0 && (head & 15) != element) return in.fail();
  return size > in.left() ? in.fail() : size;
}

bool read_sub(Input& in, Sub& sub) {
  for (int id = 0;;) {
    const std::uint8_t head = in.byte();
    if (head == 0) return !in.broken;
    id += head >> 4;
    switch (id << 4 | (head & 15)) {
      case 1 << 4 | i32:
        sub.id = static_cast<std::int32_t>(unzigzag(in.varint()));
        break;
      case 2 << 4 | binary:
        sub.name = in.text();
        break;
      case 3 << 4 | i64:
        sub.value = unzigzag(in.varint());
        break;
      case 4 << 4 | true_:
        sub.ok = true;
        break;
      case 4 << 4 | false_:
        sub.ok = false;
        break;
      default:
        return false;
    }
  }
}

}  // namespace

std::uint8_t* write_compact(const Record& record, std::uint8_t* to) {
  *to++ = 0x15;
  to = put(to, zigzag(record.a));
  *to++ = 0x16;
  to = put(to, zigzag(record.b));
  *to++ = 0x15;
  to = put(to, zigzag(record.c));
  *to++ = 0x16;
  to = put(to, zigzag(record.d));
  *to++ = flag(record.e);
  *to++ = flag(record.f);
  *to++ = 0x18;
  to = put_text(to, record.s1);
  *to++ = 0x18;
  to = put_text(to, record.s2);
  *to++ = 0x18;
  to = put_text(to, record.s3);
  *to++ = 0x15;
  to = put(to, zigzag(record.g));
  *to++ = 0x16;
  to = put(to, zigzag(record.h));
  *to++ = 0x16;
  to = put(to, zigzag(record.k));
  *to++ = 0x18;
  to = put_text(to, record.s4);
  *to++ = 0x18;
  to = put_text(to, record.s5);
  *to++ = flag(record.m);
  *to++ = 0x15;
  to = put(to, zigzag(record.n));
  to = put_list(to, record.ids.size(), i64);
  for (std::int64_t id : record.ids) to = put(to, zigzag(id));
  to = put_list(to, record.subs.size(), struct_);
  for (const Sub& sub : record.subs) {
    *to++ = 0x15;
    to = put(to, zigzag(sub.id));
    *to++ = 0x18;
    to = put_text(to, sub.name);
    *to++ = 0x16;
    to = put(to, zigzag(sub.value));
    *to++ = flag(sub.ok);
    *to++ = 0;
  }
  *to++ = 0x1b;
  to = put(to, record.tags.size());
  if (!record.tags.empty()) *to++ = binary << 4 | binary;
  for (const auto& [key, value] : record.tags) to = put_text(put_text(to, key), value);
  *to++ = 0x16;
  to = put(to, zigzag(record.z));
  *to++ = 0;
  return to;
}

bool read_compact(std::string_view from, Record& record) {
  Input in = input(from);
  for (int id = 0; !in.broken;) {
    const std::uint8_t head = in.byte();
    if (head == 0) return !in.broken;
    id += head >> 4;
    switch (id << 4 | (head & 15)) {
      case 1 << 4 | i32:
        record.a = static_cast<std::int32_t>(unzigzag(in.varint()));
        break;
      case 2 << 4 | i64:
        record.b = unzigzag(in.varint());
        break;
      case 3 << 4 | i32:
        record.c = static_cast<std::int32_t>(unzigzag(in.varint()));
        break;
      case 4 << 4 | i64:
        record.d = unzigzag(in.varint());
        break;
      case 5 << 4 | true_:
      case 5 << 4 | false_:
        record.e = (head & 15) == true_;
        break;
      case 6 << 4 | true_:
      case 6 << 4 | false_:
        record.f = (head & 15) == true_;
        break;
      case 7 << 4 | binary:
        record.s1 = in.text();
        break;
      case 8 << 4 | binary:
        record.s2 = in.text();
        break;
      case 9 << 4 | binary:
        record.s3 = in.text();
        break;
      case 10 << 4 | i32:
        record.g = static_cast<std::int32_t>(unzigzag(in.varint()));
        break;
      case 11 << 4 | i64:
        record.h = unzigzag(in.varint());
        break;
      case 12 << 4 | i64:
        record.k = unzigzag(in.varint());
        break;
      case 13 << 4 | binary:
        record.s4 = in.text();
        break;
      case 14 << 4 | binary:
        record.s5 = in.text();
        break;
      case 15 << 4 | true_:
      case 15 << 4 | false_:
        record.m = (head & 15) == true_;
        break;
      case 16 << 4 | i32:
        record.n = static_cast<std::int32_t>(unzigzag(in.varint()));
        break;
      case 17 << 4 | list:
        record.ids.resize(list_size(in, i64));
        for (std::int64_t& element : record.ids) element = unzigzag(in.varint());
        break;
      case 18 << 4 | list:
        record.subs.resize(list_size(in, struct_));
        for (Sub& sub : record.subs)
          if (!read_sub(in, sub)) return false;
        break;
      case 19 << 4 | map: {
        record.tags.clear();
        std::uint64_t size = in.varint();
        if (size > 0 && in.byte() != (binary << 4 | binary)) return false;
        for (; size > 0 && !in.broken; --size) {
          const std::string_view key = in.text(), value = in.text();
          record.tags.emplace_hint(record.tags.end(), key, value);
        }
        break;
      }
      case 20 << 4 | i64:
        record.z = unzigzag(in.varint());
        break;
      default:
        return false;
    }
  }
  return false;
}

// Protobuf: sizes are measured ahead of what they stand in front of.

namespace {

std::size_t size_of(std::uint64_t value) {
  std::size_t size = 1;
  for (; value > 0x7f; value >>= 7) ++size;
  return size;
}
std::uint64_t wide(std::int32_t value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}
std::size_t size_of_text(std::string_view text) {
  return text.empty() ? 0 : 1 + size_of(text.size()) + text.size();
}

template <std::uint32_t Tag>
std::uint8_t* tag(std::uint8_t* to) {
  if constexpr (Tag < 0x80) {
    *to++ = Tag;
  } else {
    *to++ = (Tag & 0x7f) | 0x80;
    *to++ = Tag >> 7;
  }
  return to;
}
template <std::uint32_t Id>
std::uint8_t* number(std::uint8_t* to, std::uint64_t value) {
  return value == 0 ? to : put(tag<Id << 3>(to), value);
}
template <std::uint32_t Id>
std::uint8_t* text(std::uint8_t* to, std::string_view value) {
  return value.empty() ? to : put_text(tag < Id << 3 | 2 > (to), value);
}

bool is_ascii(std::string_view text) {
  std::uint64_t word, all = 0;
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    all |= word;
  }
  for (; at < text.size(); ++at) all |= static_cast<unsigned char>(text[at]);
  return (all & 0x8080808080808080) == 0;
}
/// This record's texts are ASCII: others are refused here.
std::string_view read_text(Input& in) {
  const std::string_view text = in.text();
  if (!is_ascii(text)) in.fail();
  return text;
}
Input part(Input& in) {
  const std::string_view bytes = in.text();
  return input(bytes);
}

bool read_sub_message(Input in, Sub& sub) {
  while (in.left() > 0) {
    switch (in.byte()) {
      case 1 << 3:
        sub.id = static_cast<std::int32_t>(in.varint());
        break;
      case 2 << 3 | 2:
        sub.name = read_text(in);
        break;
      case 3 << 3:
        sub.value = static_cast<std::int64_t>(in.varint());
        break;
      case 4 << 3:
        sub.ok = in.varint() != 0;
        break;
      default:
        return false;
    }
  }
  return !in.broken;
}

bool read_ids(Input in, std::vector<std::int64_t>& ids) {
  std::size_t count = 0;
  for (const std::uint8_t* at = in.next; at != in.end; ++at) count += *at < 0x80;
  ids.reserve(ids.size() + count);
  while (in.left() > 0) ids.push_back(static_cast<std::int64_t>(in.varint()));
  return !in.broken;
}

bool read_tag_entry(Input in, std::map<std::string, std::string>& tags) {
  std::string_view key, value;
  while (in.left() > 0) {
    switch (in.byte()) {
      case 1 << 3 | 2:
        key = read_text(in);
        break;
      case 2 << 3 | 2:
        value = read_text(in);
        break;
      default:
        return false;
    }
  }
  tags.emplace_hint(tags.end(), key, value);
  return !in.broken;
}

}  // namespace

std::uint8_t* write_protobuf(const Record& record, std::uint8_t* to) {
  to = number<1>(to, wide(record.a));
  to = number<2>(to, static_cast<std::uint64_t>(record.b));
  to = number<3>(to, wide(record.c));
  to = number<4>(to, static_cast<std::uint64_t>(record.d));
  to = number<5>(to, record.e);
  to = number<6>(to, record.f);
  to = text<7>(to, record.s1);
  to = text<8>(to, record.s2);
  to = text<9>(to, record.s3);
  to = number<10>(to, wide(record.g));
  to = number<11>(to, static_cast<std::uint64_t>(record.h));
  to = number<12>(to, static_cast<std::uint64_t>(record.k));
  to = text<13>(to, record.s4);
  to = text<14>(to, record.s5);
  to = number<15>(to, record.m);
  to = number<16>(to, wide(record.n));
  if (!record.ids.empty()) {
    std::size_t size = 0;
    for (std::int64_t id : record.ids) size += size_of(static_cast<std::uint64_t>(id));
    to = put(tag < 17 << 3 | 2 > (to), size);
    for (std::int64_t id : record.ids) to = put(to, static_cast<std::uint64_t>(id));
  }
  for (const Sub& sub : record.subs) {
    const std::size_t size = (sub.id != 0 ? 1 + size_of(wide(sub.id)) : 0) + size_of_text(sub.name) +
                             (sub.value != 0 ? 1 + size_of(static_cast<std::uint64_t>(sub.value)) : 0) +
                             (sub.ok ? 2 : 0);
    to = put(tag < 18 << 3 | 2 > (to), size);
    to = number<1>(to, wide(sub.id));
    to = text<2>(to, sub.name);
    to = number<3>(to, static_cast<std::uint64_t>(sub.value));
    to = number<4>(to, sub.ok);
  }
  for (const auto& [key, value] : record.tags) {
    to = put(tag < 19 << 3 | 2 > (to),
             2 + size_of(key.size()) + key.size() + size_of(value.size()) + value.size());
    *to++ = 1 << 3 | 2;
    to = put_text(to, key);
    *to++ = 2 << 3 | 2;
    to = put_text(to, value);
  }
  return number<20>(to, static_cast<std::uint64_t>(record.z));
}

bool read_protobuf(std::string_view from, Record& record) {
  Input in = input(from);
  while (in.left() > 0) {
    switch (in.varint()) {
      case 1 << 3:
        record.a = static_cast<std::int32_t>(in.varint());
        break;
      case 2 << 3:
        record.b = static_cast<std::int64_t>(in.varint());
        break;
      case 3 << 3:
        record.c = static_cast<std::int32_t>(in.varint());
        break;
      case 4 << 3:
        record.d = static_cast<std::int64_t>(in.varint());
        break;
      case 5 << 3:
        record.e = in.varint() != 0;
        break;
      case 6 << 3:
        record.f = in.varint() != 0;
        break;
      case 7 << 3 | 2:
        record.s1 = read_text(in);
        break;
      case 8 << 3 | 2:
        record.s2 = read_text(in);
        break;
      case 9 << 3 | 2:
        record.s3 = read_text(in);
        break;
      case 10 << 3:
        record.g = static_cast<std::int32_t>(in.varint());
        break;
      case 11 << 3:
        record.h = static_cast<std::int64_t>(in.varint());
        break;
      case 12 << 3:
        record.k = static_cast<std::int64_t>(in.varint());
        break;
      case 13 << 3 | 2:
        record.s4 = read_text(in);
        break;
      case 14 << 3 | 2:
        record.s5 = read_text(in);
        break;
      case 15 << 3:
        record.m = in.varint() != 0;
        break;
      case 16 << 3:
        record.n = static_cast<std::int32_t>(in.varint());
        break;
      case 17 << 3 | 2:
        if (!read_ids(part(in), record.ids)) return false;
        break;
      case 18 << 3 | 2:
        if (record.subs.capacity() == 0) record.subs.reserve(8);
        if (!read_sub_message(part(in), record.subs.emplace_back())) return false;
        break;
      case 19 << 3 | 2:
        if (!read_tag_entry(part(in), record.tags)) return false;
        break;
      case 20 << 3:
        record.z = static_cast<std::int64_t>(in.varint());
        break;
      default:
        return false;
    }
  }
  return !in.broken;
}

}  // namespace bench::hand
