#include <weft/weft.h>

#include "book.h"
#include "ledger.weft.h"

// The request comes on an arena, and the reply is made beside it: both are freed at once when the call ends.
struct Served : ledger::Ledger {
  weft::Task<weft::OnArena<ledger::Balance>> move(weft::OnArena<ledger::Transfer> transfer) override {
    if (!book.move(*transfer)) co_return weft::failed_precondition("too little on the account");
    auto balance = transfer.make<ledger::Balance>();
    book.write(*balance);
    co_return balance;
  }

  ledger::Book book;
};

int main(int argc, char** argv) {
  // One core, and so one book.
  weft::Server server{{.listen = argc > 1 ? argv[1] : "127.0.0.1:9000", .cores = 1}};
  server.add<Served>();
  return server.run();
}
