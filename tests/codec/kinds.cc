#include "kinds.h"

#include <weft/codec/compact.h>

template struct weft::compact::Codec<kinds::Nothing>;
template struct weft::compact::Codec<kinds::Point>;
template struct weft::compact::Codec<kinds::Scalars>;
template struct weft::compact::Codec<kinds::Optionals>;
template struct weft::compact::Codec<kinds::Containers>;
template struct weft::compact::Codec<kinds::Node>;
template struct weft::compact::Codec<kinds::Pick>;
template struct weft::compact::Codec<kinds::Strict>;
template struct weft::compact::Codec<kinds::MixedIds>;
template struct weft::compact::Codec<kinds::NotFound>;
