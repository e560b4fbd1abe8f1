// Values with every field set, for echoing.
#pragma once

#include "kitchen.weft.h"

namespace interop {

weft_kitchen::Every every_sample();
weft_kitchen::Nest nest_sample();
weft_kitchen::Pick pick_sample();

}  // namespace interop
