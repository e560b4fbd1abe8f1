int main() {
}  // that it links is the test: a header with a definition that is not inline would be in it many times
