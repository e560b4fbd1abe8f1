#include <doctest/doctest.h>

#include <weft/runtime/log.h>

// Servers say why they close a connection; here they are made to, hundreds of times.
int main(int argc, char** argv) {
  weft::set_log_hook(nullptr);
  return doctest::Context(argc, argv).run();
}
