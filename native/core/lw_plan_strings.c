#include "lw_plan_strings.h"

#include <string.h>

#include "lw_plan_gen.h"

uint32_t lw_strings_begin(struct lw_string_walk *walk, const char *bytes, uint32_t size)
{
    *walk = (struct lw_string_walk){.bytes = bytes, .size = size, .next = 1};
    if (size == 0)
        return LW_PLAN_REASON_EMPTY_SECTION;
    if (bytes[0] != '\0' || bytes[size - 1] != '\0')
        return LW_PLAN_REASON_STRING_UNTERMINATED;
    return LW_PLAN_REASON_NONE;
}

size_t lw_utf8_sequence(const char *bytes)
{
    const unsigned char *text = (const unsigned char *)bytes;
    static const struct {
        unsigned char first, last, low, high, length; /* of the lead byte; of the second byte */
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (text[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (text[1] < forms[i].low || text[1] > forms[i].high)
            return 0;
        /* The NUL at the end of the text is no continuation byte, so this never reads beyond it. */
        for (size_t k = 2; k < forms[i].length; k++)
            if ((text[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static int is_utf8(const char *text)
{
    while (*text != '\0') {
        size_t length = lw_utf8_sequence(text);
        if (length == 0)
            return 0;
        text += length;
    }
    return 1;
}

/* Quadratic, but over at most some thousand short strings, once per plan, and it needs no memory. */
static int stands_before(const struct lw_string_walk *walk, uint32_t offset, size_t length)
{
    for (uint32_t at = 1; at < offset;) {
        size_t other = strlen(walk->bytes + at);
        if (other == length && memcmp(walk->bytes + at, walk->bytes + offset, length) == 0)
            return 1;
        at += (uint32_t)other + 1;
    }
    return 0;
}

static uint32_t refer_new(struct lw_string_walk *walk)
{
    const char *text = walk->bytes + walk->next;
    size_t length = strlen(text);
    if (length == 0)
        return LW_PLAN_REASON_STRING_EMPTY;
    if (length > LW_STRING_MAX)
        return LW_PLAN_REASON_STRING_TOO_LONG;
    if (!is_utf8(text))
        return LW_PLAN_REASON_STRING_ENCODING;
    if (stands_before(walk, walk->next, length))
        return LW_PLAN_REASON_STRING_DUPLICATE;
    walk->next += (uint32_t)length + 1;
    return LW_PLAN_REASON_NONE;
}

uint32_t lw_strings_refer(struct lw_string_walk *walk, uint32_t offset)
{
    if (offset == 0)
        return LW_PLAN_REASON_NONE;
    if (offset >= walk->size)
        return LW_PLAN_REASON_STRING_OFFSET;
    if (offset == walk->next)
        return refer_new(walk);
    if (offset > walk->next)
        return LW_PLAN_REASON_STRING_ORDER;
    /* No string seen so far is empty: what follows a NUL is the start of one. */
    return walk->bytes[offset - 1] == '\0' ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_STRING_OFFSET;
}

uint32_t lw_strings_end(const struct lw_string_walk *walk)
{
    return walk->next == walk->size ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_STRING_UNUSED;
}

uint32_t lw_check_text(const char *text)
{
    if (*text == '\0')
        return LW_PLAN_REASON_STRING_EMPTY;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f)
            return LW_PLAN_REASON_CONTROL_CHARACTER;
    return LW_PLAN_REASON_NONE;
}

static int is_dots(const char *component, size_t length)
{
    return (length == 1 && component[0] == '.') || (length == 2 && component[0] == '.' && component[1] == '.');
}

uint32_t lw_check_path(const char *path, int root_allowed)
{
    uint32_t reason = lw_check_text(path);
    if (reason != LW_PLAN_REASON_NONE)
        return reason;
    if (path[0] != '/')
        return LW_PLAN_REASON_PATH_NOT_ABSOLUTE;
    if (path[1] == '\0')
        return root_allowed ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_PATH_IS_ROOT;
    for (const char *at = path; *at == '/';) {
        const char *component = at + 1;
        size_t length = strcspn(component, "/");
        if (length == 0 || is_dots(component, length))
            return LW_PLAN_REASON_PATH_NOT_NORMALIZED;
        at = component + length;
    }
    return LW_PLAN_REASON_NONE;
}

uint32_t lw_check_component(const char *name)
{
    uint32_t reason = lw_check_text(name);
    if (reason != LW_PLAN_REASON_NONE)
        return reason;
    size_t length = strlen(name);
    return length != strcspn(name, "/") || is_dots(name, length) ? LW_PLAN_REASON_NAME_INVALID : LW_PLAN_REASON_NONE;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

uint32_t lw_check_hostname(const char *name)
{
    size_t length = 0;
    while (is_letter(name[length]) || is_digit(name[length]) || name[length] == '-' || name[length] == '.')
        length++;
    return length == 0 || length > 64 || name[length] != '\0' ? LW_PLAN_REASON_NAME_INVALID : LW_PLAN_REASON_NONE;
}

uint32_t lw_check_variable(const char *entry)
{
    size_t length = 0;
    while (is_letter(entry[length]) || entry[length] == '_' || (length > 0 && is_digit(entry[length])))
        length++;
    return length == 0 || entry[length] != '=' ? LW_PLAN_REASON_ENVIRONMENT_INVALID : LW_PLAN_REASON_NONE;
}

int lw_compare_variables(const char *a, const char *b)
{
    size_t length_a = strcspn(a, "=");
    size_t length_b = strcspn(b, "=");
    int order = memcmp(a, b, length_a < length_b ? length_a : length_b);
    if (order != 0)
        return order;
    return length_a < length_b ? -1 : length_a > length_b;
}
