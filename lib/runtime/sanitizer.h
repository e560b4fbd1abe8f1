// Whether freed memory is kept for the next taker. Not under AddressSanitizer, which shall see every use
// after free.
#pragma once

namespace weft::detail {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool recycles_memory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool recycles_memory = false;
#else
inline constexpr bool recycles_memory = true;
#endif
#else
inline constexpr bool recycles_memory = true;
#endif

}  // namespace weft::detail
