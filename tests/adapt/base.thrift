namespace cpp adapted.base

enum Color { RED = 1, BLUE = 2 }

service Base {
  string ping(1: string text, 2: Color color = Color.BLUE)
}
