#include "registers.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

static int get(pid_t tid, struct user_regs_struct *registers)
{
    struct iovec part = {registers, sizeof(*registers)};
    return (int)ptrace(PTRACE_GETREGSET, tid, (void *)NT_PRSTATUS, &part);
}

static void set(pid_t tid, struct user_regs_struct *registers)
{
    struct iovec part = {registers, sizeof(*registers)};
    ptrace(PTRACE_SETREGSET, tid, (void *)NT_PRSTATUS, &part);
}

static uint64_t word_at(pid_t tid, uint64_t address)
{
    uint64_t word = 0;
    struct iovec ours = {&word, sizeof(word)}, theirs = {(void *)(uintptr_t)address, sizeof(word)};
    return process_vm_readv(tid, &ours, 1, &theirs, 1, 0) == sizeof(word) ? word : 0;
}

#if defined(__x86_64__)

void registers_set_call(pid_t tid, long nr)
{
    struct user_regs_struct registers;
    if (get(tid, &registers)) return;
    registers.orig_rax = (unsigned long)nr;
    set(tid, &registers);
}

void registers_set_argument(pid_t tid, int number, uint64_t value)
{
    struct user_regs_struct registers;
    if (number != 2 || get(tid, &registers)) return;
    registers.rdx = value;
    set(tid, &registers);
}

void registers_set_result(pid_t tid, long result)
{
    struct user_regs_struct registers;
    if (get(tid, &registers)) return;
    registers.rax = (unsigned long)result;
    set(tid, &registers);
}

uint64_t registers_clone_flags(pid_t tid)
{
    struct user_regs_struct registers;
    if (get(tid, &registers)) return 0;
    if (registers.orig_rax == SYS_clone3) return word_at(tid, registers.rdi);
    return registers.orig_rax == SYS_clone ? registers.rdi : 0;
}

#else

void registers_set_call(pid_t tid, long nr)
{
    int number = (int)nr;
    struct iovec part = {&number, sizeof(number)};
    ptrace(PTRACE_SETREGSET, tid, (void *)NT_ARM_SYSTEM_CALL, &part);
}

void registers_set_argument(pid_t tid, int number, uint64_t value)
{
    struct user_regs_struct registers;
    if (get(tid, &registers)) return;
    registers.regs[number] = value;
    set(tid, &registers);
}

void registers_set_result(pid_t tid, long result)
{
    registers_set_argument(tid, 0, (uint64_t)result);
}

uint64_t registers_clone_flags(pid_t tid)
{
    struct user_regs_struct registers;
    if (get(tid, &registers)) return 0;
    if (registers.regs[8] == SYS_clone3) return word_at(tid, registers.regs[0]);
    return registers.regs[8] == SYS_clone ? registers.regs[0] : 0;
}

#endif
