// That it links is the test: a definition in a header that is not inline would be in this program many times.
int main() {}
