#include "record.h"

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

template struct weft::compact::Codec<bench::Sub>;
template struct weft::compact::Codec<bench::Record>;
template struct weft::protobuf::Codec<bench::Sub>;
template struct weft::protobuf::Codec<bench::Record>;
