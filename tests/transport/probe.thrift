namespace * probe

exception Refused {
  1: string why
  2: i32 number
}

service Probe {
  string echo(1: string text)
  binary blob(1: i32 size)
  /** Waits, then answers. */
  i32 wait(1: i32 ms, 2: i32 token)
  i32 refuse(1: i32 number) throws (1: Refused refused)
  i32 crash(1: string message)
  /** The milliseconds left of the call's deadline, or -1. */
  i32 deadline()
  oneway void note(1: i32 number)
  i32 notes() (idempotent)
  /** Who the caller proved to be, and from where it calls. */
  list<string> who()
}
