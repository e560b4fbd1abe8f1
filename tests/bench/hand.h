// Compact and Protobuf codecs for record.h alone, straight down its fields: what somebody writes who has one
// message and all day. The codecs of lib/codec are measured against them. They write into memory that is
// large enough, and read fields in any order, unknown ones excepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "record.h"

namespace bench::hand {

/// Bytes that `write_compact` and `write_protobuf` may touch.
std::size_t bound(const Record& record);

std::uint8_t* write_compact(const Record& record, std::uint8_t* to);
bool read_compact(std::string_view from, Record& record);

std::uint8_t* write_protobuf(const Record& record, std::uint8_t* to);
bool read_protobuf(std::string_view from, Record& record);

}  // namespace bench::hand
