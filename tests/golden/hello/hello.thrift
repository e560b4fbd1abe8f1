namespace * hello

struct HelloRequest {
  1: string name
}

struct HelloReply {
  1: string message
}

service Greeter {
  /** Greets whoever is named. */
  HelloReply say_hello(1: HelloRequest request)
}
