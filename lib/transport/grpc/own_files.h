// The .proto files of health and reflection, for those who ask about these by reflection.
#pragma once

#include <weft/middleware/descriptor.h>

#include "reflection_service.h"

namespace weft::detail {

const FileDescriptor& health_file() noexcept;
const FileDescriptor& reflection_file(ReflectionVersion version) noexcept;

}  // namespace weft::detail
