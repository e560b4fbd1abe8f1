// That it links is the test: a header with a definition that is not inline would be in this program many times.
int main() {}
