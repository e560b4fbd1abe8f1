namespace * limits

const i32 LIMIT = 42
const string WORD = "shared"
