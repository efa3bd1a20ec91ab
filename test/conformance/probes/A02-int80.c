/* A system call of the i386 ABI: the number in eax, arguments in ebx, ecx and edx. */
long call32(long nr, long a, long b, long c)
{
    long result = nr;

    __asm__ volatile("int $0x80" : "+a"(result) : "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return result;
}
