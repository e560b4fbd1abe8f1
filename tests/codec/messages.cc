#include "messages.h"

#include <weft/codec/protobuf.h>

template struct weft::protobuf::Codec<messages::Nothing>;
template struct weft::protobuf::Codec<messages::Point>;
template struct weft::protobuf::Codec<messages::Scalars>;
template struct weft::protobuf::Codec<messages::Optionals>;
template struct weft::protobuf::Codec<messages::Repeated>;
template struct weft::protobuf::Codec<messages::Maps>;
template struct weft::protobuf::Codec<messages::Choice>;
template struct weft::protobuf::Codec<messages::Node>;
template struct weft::protobuf::Codec<messages::Part>;
template struct weft::protobuf::Codec<messages::Item>;
template struct weft::protobuf::Codec<messages::Inner>;
template struct weft::protobuf::Codec<messages::Old>;
