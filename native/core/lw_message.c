#include "lw_message.h"

#include <errno.h>
#include <string.h>

#include "lw_plan_check.h"

#define TYPE_COUNT (sizeof(lw_message_rules) / sizeof(lw_message_rules[0]))

static const struct lw_message_rules *rules_of(uint32_t type)
{
    return type > 0 && type < TYPE_COUNT ? &lw_message_rules[type] : NULL;
}

/* Counts within their bounds and everything but the strings inside the message; *end is where the strings start. */
static uint32_t check_extent(const char *message, size_t size, const struct lw_message_rules *rules, size_t *end)
{
    *end = rules->body.size;
    if (size < *end)
        return LW_PLAN_REASON_TOO_SHORT;
    for (uint32_t i = 0; i < rules->tail_count; i++) {
        uint32_t count;
        memcpy(&count, message + rules->tails[i].count_offset, sizeof(count));
        if (count > rules->tails[i].bound)
            return LW_PLAN_REASON_TOO_MANY;
        *end += (size_t)count * rules->tails[i].record.size;
    }
    if (rules->has_strings ? size <= *end : size != *end)
        return LW_PLAN_REASON_SIZE_MISMATCH;
    return LW_PLAN_REASON_NONE;
}

static uint32_t check_tails(const char *message, const struct lw_message_rules *rules, struct lw_string_walk *walk)
{
    const char *record = message + rules->body.size;
    for (uint32_t i = 0; i < rules->tail_count; i++) {
        const struct lw_tail_rules *tail = &rules->tails[i];
        uint32_t count, offset;
        memcpy(&count, message + tail->count_offset, sizeof(count));
        for (uint32_t k = 0; k < count; k++, record += tail->record.size) {
            if (tail->record.count == 0)
                continue;
            uint32_t reason = lw_check_fields(record, &tail->record, walk, &offset);
            if (reason != LW_PLAN_REASON_NONE)
                return reason;
        }
    }
    return LW_PLAN_REASON_NONE;
}

static uint32_t check_message(const char *message, size_t size)
{
    const struct lw_message_header *header = (const struct lw_message_header *)message;
    if (size < sizeof(*header))
        return LW_PLAN_REASON_TOO_SHORT;
    if (header->size != size || size > LW_MESSAGE_MAX)
        return LW_PLAN_REASON_SIZE_MISMATCH;
    const struct lw_message_rules *rules = rules_of(header->type);
    if (!rules)
        return LW_PLAN_REASON_MESSAGE_TYPE;
    size_t end;
    uint32_t offset;
    struct lw_string_walk walk = {.next = 0};
    uint32_t reason = check_extent(message, size, rules, &end);
    if (reason == LW_PLAN_REASON_NONE && rules->has_strings)
        reason = lw_strings_begin(&walk, message + end, (uint32_t)(size - end));
    if (reason == LW_PLAN_REASON_NONE)
        reason = lw_check_fields(message, &rules->body, &walk, &offset);
    if (reason == LW_PLAN_REASON_NONE)
        reason = check_tails(message, rules, &walk);
    if (reason == LW_PLAN_REASON_NONE && rules->has_strings)
        reason = lw_strings_end(&walk);
    return reason;
}

int lw_message_validate(const void *message, size_t size, struct lw_error *error)
{
    uint32_t reason = check_message(message, size);
    if (reason == LW_PLAN_REASON_NONE)
        return 0;
    uint32_t type = size < sizeof(struct lw_message_header) ? 0 : ((const struct lw_message_header *)message)->type;
    lw_fail(error, LW_STAGE_CONFIG, type, EINVAL);
    error->detail = reason;
    return -EINVAL;
}

int lw_message_begin(void *message, size_t capacity)
{
    struct lw_message_header *header = message;
    const struct lw_message_rules *rules = rules_of(header->type);
    size_t size = lw_message_body_size(message) + (rules && rules->has_strings ? 1 : 0);
    if (size > capacity || size > LW_MESSAGE_MAX)
        return -EMSGSIZE;
    header->size = (uint32_t)size;
    if (rules && rules->has_strings)
        ((char *)message)[size - 1] = '\0';
    return 0;
}

/* Copies well-formed UTF-8 into `target`, which has room for LW_STRING_MAX bytes and a NUL. Returns the length. */
static size_t copy_text(char *target, size_t room, const char *text)
{
    size_t length = 0;
    while (*text != '\0') {
        size_t sequence = lw_utf8_sequence(text);
        size_t step = sequence == 0 ? 1 : sequence;
        if (length + step > room)
            break;
        memcpy(target + length, sequence == 0 ? "?" : text, step);
        length += step;
        text += step;
    }
    target[length] = '\0';
    return length;
}

int lw_message_add_string(void *message, size_t capacity, uint32_t *field, const char *text)
{
    struct lw_message_header *header = message;
    char *strings = (char *)message + lw_message_body_size(message);
    uint32_t used = header->size - (uint32_t)lw_message_body_size(message);
    size_t limit = capacity < LW_MESSAGE_MAX ? capacity : LW_MESSAGE_MAX;
    *field = 0;
    if (*text == '\0')
        return 0;
    size_t free_bytes = limit - header->size;
    if (free_bytes < 2 || free_bytes - 1 < (strlen(text) < LW_STRING_MAX ? strlen(text) : LW_STRING_MAX))
        return -EMSGSIZE;
    uint32_t length = (uint32_t)copy_text(strings + used, LW_STRING_MAX, text);
    for (uint32_t at = 1; at < used; at += (uint32_t)strlen(strings + at) + 1) {
        if (strcmp(strings + at, strings + used) == 0) {
            memset(strings + used, 0, length);
            *field = at;
            return 0;
        }
    }
    *field = used;
    header->size += length + 1;
    return 0;
}
