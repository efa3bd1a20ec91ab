/*
 * The native reading of plans, messages and filters, for tests that compare it with TypeScript's, and for people.
 *
 *   lw-plan-tool dump FILE      prints the plan in FILE, or why it is refused; exit 1 then
 *   lw-plan-tool MODE           reads items from standard input, each a u32 length (little-endian) and that many bytes
 *
 * MODE   an item is                                              prints for each item
 *   plans     a plan                                              its dump or `refused REASON`, then `---`
 *   messages  a message                                           `ok` or `refused REASON`
 *   filters   u32 number of instructions, these, 64-byte inputs   for each input `ACTION EXECUTED CACHEABLE TRACE`, then `---`;
 *                                                                 or `refused INDEX REASON`, then `---`
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lw_bpf.h"
#include "lw_message.h"
#include "lw_plan.h"
#include "lw_plan_dump.h"

enum { ITEM_MAX = 1 << 24 };

/* Aligned as malloc does; exactly as large as the item, so that a sanitizer sees every read beyond it. */
struct item {
    char *bytes;
    size_t size;
};

static int dump(const struct item *item)
{
    struct lw_error error = {0};
    char text[128];
    if (lw_plan_validate(item->bytes, item->size, 0, &error) != 0) {
        printf("refused %s\n", lw_plan_refusal_text(&error, text, sizeof(text)));
        return 1;
    }
    lw_plan_dump(item->bytes, stdout);
    return 0;
}

static void plan_item(const struct item *item)
{
    dump(item);
    puts("---");
}

static void message_item(const struct item *item)
{
    struct lw_error error = {0};
    if (lw_message_validate(item->bytes, item->size, &error) == 0)
        puts("ok");
    else
        printf("refused %s\n", lw_plan_reason_name(error.detail));
}

static void print_run(const struct lw_plan_instruction *filter, uint32_t count, const struct lw_bpf_input *input)
{
    uint8_t trace[LW_PLAN_MAX_FILTER] = {0};
    struct lw_bpf_result result = lw_bpf_run(filter, count, input, trace);
    printf("0x%x %u %u ", result.action, result.executed, result.cacheable);
    const char *separator = "";
    for (uint32_t i = 0; i < count; i++) {
        if (!trace[i])
            continue;
        printf("%s%u", separator, i);
        separator = ",";
    }
    putchar('\n');
}

static void filter_item(const struct item *item)
{
    uint32_t count = 0, index;
    memcpy(&count, item->bytes, item->size < sizeof(count) ? item->size : sizeof(count));
    size_t room = item->size < sizeof(count) ? 0 : (item->size - sizeof(count)) / sizeof(struct lw_plan_instruction);
    if (count > room) {
        fprintf(stderr, "lw-plan-tool: %u instructions do not fit in %zu bytes\n", count, item->size);
        exit(2);
    }
    struct lw_plan_instruction *filter = calloc(count ? count : 1, sizeof(*filter));
    if (!filter)
        exit(2);
    memcpy(filter, item->bytes + sizeof(count), count * sizeof(*filter));
    uint32_t reason = lw_bpf_check(filter, count, 1, &index);
    if (reason != LW_PLAN_REASON_NONE)
        printf("refused %u %s\n", index, lw_plan_reason_name(reason));
    struct lw_bpf_input input;
    for (size_t at = sizeof(count) + count * sizeof(*filter); reason == LW_PLAN_REASON_NONE && at + sizeof(input) <= item->size;
         at += sizeof(input)) {
        memcpy(&input, item->bytes + at, sizeof(input));
        print_run(filter, count, &input);
    }
    free(filter);
    puts("---");
}

/* Returns 1 with an item, 0 at the end of the stream, -1 with a message on stderr. */
static int read_item(FILE *from, struct item *item)
{
    uint32_t size;
    size_t got = fread(&size, 1, sizeof(size), from);
    if (got == 0)
        return 0;
    item->size = size;
    item->bytes = got == sizeof(size) && size <= ITEM_MAX ? malloc(size ? size : 1) : NULL;
    if (item->bytes && fread(item->bytes, 1, size, from) == size)
        return 1;
    free(item->bytes);
    fputs("lw-plan-tool: standard input ends within an item\n", stderr);
    return -1;
}

static int each_item(void (*handle)(const struct item *))
{
    struct item item;
    int more;
    while ((more = read_item(stdin, &item)) == 1) {
        handle(&item);
        free(item.bytes);
    }
    return more == 0 && fflush(stdout) == 0 ? 0 : 2;
}

static int dump_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "lw-plan-tool: %s: %s\n", path, strerror(errno));
        return 2;
    }
    struct item item = {.bytes = malloc(ITEM_MAX)};
    item.size = item.bytes ? fread(item.bytes, 1, ITEM_MAX, file) : 0;
    fclose(file);
    int status = item.bytes ? dump(&item) : 2;
    free(item.bytes);
    return status;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*handle)(const struct item *);
    } modes[] = {{"plans", plan_item}, {"messages", message_item}, {"filters", filter_item}};
    if (argc == 3 && strcmp(argv[1], "dump") == 0)
        return dump_file(argv[2]);
    for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (strcmp(argv[1], modes[i].name) == 0)
            return each_item(modes[i].handle);
    fputs("usage: lw-plan-tool dump FILE | plans | messages | filters\n", stderr);
    return 2;
}
