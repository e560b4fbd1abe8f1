namespace * embed

struct Person {
  1: string name
}

struct Greeting {
  1: string text
}

service Greeter {
  Greeting greet(1: Person person)
}
