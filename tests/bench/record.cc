#include "record.h"

#include <weft/codec/compact.h>

template struct weft::compact::Codec<bench::Sub>;
template struct weft::compact::Codec<bench::Record>;
