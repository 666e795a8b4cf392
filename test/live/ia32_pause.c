/* A 32-bit program that waits for ever. */
void _start(void) {
    for (;;) {
        long ret;
        __asm__ volatile("int $0x80" : "=a"(ret) : "a"(29L) : "memory");
    }
}
