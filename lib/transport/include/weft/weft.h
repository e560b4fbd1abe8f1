// All that a service or client author needs.
#pragma once

#include <weft/middleware/balance.h>
#include <weft/middleware/current_call.h>
#include <weft/middleware/retry.h>
#include <weft/middleware/stack.h>
#include <weft/middleware/timeout.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/queue.h>
#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/transport/connect.h>
#include <weft/transport/server.h>

using namespace std::chrono_literals;  // weft::within(50ms, ...)
