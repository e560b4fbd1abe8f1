// All that a service or client author needs.
#pragma once

#include <weft/middleware/stack.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/transport/connect.h>
#include <weft/transport/server.h>
