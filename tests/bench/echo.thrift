namespace * echo

struct Msg {
  1: i64 id
  2: binary data
}

service Echo {
  Msg echo(1: Msg m)
}
