/* Instructions that may be made without a system call, and what they say. */
long instruction(long which)
{
    struct {
        unsigned short limit;
        unsigned long base;
    } __attribute__((packed)) table = {0, 0};
    unsigned long value = 0;

    switch (which) {
    case 0:
        __asm__ volatile("sgdt %0" : "=m"(table));
        return (long)table.base;
    case 1:
        __asm__ volatile("sidt %0" : "=m"(table));
        return (long)table.base;
    case 2:
        __asm__ volatile("sldt %0" : "=r"(value));
        return (long)value;
    case 3:
        __asm__ volatile("str %0" : "=r"(value));
        return (long)value;
    case 4:
        __asm__ volatile("smsw %0" : "=r"(value));
        return (long)value;
    default:
        __asm__ volatile("rdtsc; shl $32, %%rdx; or %%rdx, %%rax" : "=a"(value) : : "rdx");
        return (long)value;
    }
}
