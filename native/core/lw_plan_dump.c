#include "lw_plan_dump.h"

#include <inttypes.h>
#include <string.h>

#include "lw_bpf.h"
#include "lw_plan.h"
#include "lw_plan_fields_gen.h"

static const char *mnemonic(uint16_t code)
{
    switch (code) {
    case LW_BPF_AND_K: return "and";
    case LW_BPF_JEQ_K: return "jeq";
    case LW_BPF_JGT_K: return "jgt";
    case LW_BPF_JGE_K: return "jge";
    case LW_BPF_JSET_K: return "jset";
    default: return "ret";
    }
}

void lw_bpf_print(const struct lw_plan_instruction *at, uint32_t index, FILE *out)
{
    fprintf(out, "%04u ", index);
    if (at->code == LW_BPF_LD_W_ABS)
        fprintf(out, "ld [%u]", at->k);
    else if (at->code == LW_BPF_JA)
        fprintf(out, "ja %u", index + 1 + at->k);
    else
        fprintf(out, "%s #0x%x", mnemonic(at->code), at->k);
    if (at->code == LW_BPF_JEQ_K || at->code == LW_BPF_JGT_K || at->code == LW_BPF_JGE_K || at->code == LW_BPF_JSET_K)
        fprintf(out, " jt %u jf %u", index + 1 + at->jt, index + 1 + at->jf);
}

/* Quoted; everything but printable ASCII as \xNN, so that a dump is safe on a terminal and equal in every locale. */
static void print_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20 || *at > 0x7e)
            fprintf(out, "\\x%02x", *at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}

static void print_flags(uint32_t value, const char *(*name)(uint32_t), FILE *out)
{
    if (value == 0)
        fputc('-', out);
    const char *separator = "";
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((value & bit) == 0)
            continue;
        fprintf(out, "%s%s", separator, name(bit));
        separator = ",";
    }
}

static void print_digest(const uint8_t *digest, FILE *out)
{
    for (int i = 0; i < 32; i++)
        fprintf(out, "%02x", digest[i]);
}

static void print_u64(uint64_t value, FILE *out)
{
    if (value == UINT64_MAX)
        fputs("unlimited", out);
    else
        fprintf(out, "%" PRIu64, value);
}

static void print_value(const void *plan, const char *record, const struct lw_field_text *field, FILE *out)
{
    uint32_t value;
    uint64_t wide = 0;
    memcpy(&value, record + field->offset, sizeof(value));
    if (field->format == LW_FORMAT_DECIMAL64 || field->format == LW_FORMAT_HEX64)
        memcpy(&wide, record + field->offset, sizeof(wide));
    switch (field->format) {
    case LW_FORMAT_STRING: print_string(lw_plan_string(plan, value), out); break;
    case LW_FORMAT_DIGEST: print_digest((const uint8_t *)record + field->offset, out); break;
    case LW_FORMAT_ENUM: fputs(field->value_name(value), out); break;
    case LW_FORMAT_FLAGS: print_flags(value, field->value_name, out); break;
    case LW_FORMAT_HEX32: fprintf(out, "0x%x", value); break;
    case LW_FORMAT_OCTAL32: fprintf(out, "%04o", value); break;
    case LW_FORMAT_HEX64: fprintf(out, "0x%" PRIx64, wide); break;
    case LW_FORMAT_DECIMAL64: print_u64(wide, out); break;
    default: fprintf(out, "%u", value); break;
    }
}

static void print_header(const void *plan, FILE *out)
{
    for (uint32_t i = 0; i < lw_plan_header_text.count; i++) {
        const struct lw_field_text *field = &lw_plan_header_text.fields[i];
        fprintf(out, "%s ", field->name);
        print_value(plan, plan, field, out);
        fputc('\n', out);
    }
}

static void print_record(const void *plan, uint32_t section, uint32_t index, FILE *out)
{
    const struct lw_struct_text *text = &lw_section_text[section];
    const char *record = (const char *)plan + lw_plan_header(plan)->sections[section].offset + (size_t)index * text->size;
    fputs("  ", out);
    if (section == LW_SECTION_FILTER) {
        lw_bpf_print((const struct lw_plan_instruction *)(const void *)record, index, out);
    } else {
        fprintf(out, "[%u]", index);
        for (uint32_t i = 0; i < text->count; i++) {
            fprintf(out, " %s=", text->fields[i].name);
            print_value(plan, record, &text->fields[i], out);
        }
    }
    fputc('\n', out);
}

void lw_plan_dump(const void *plan, FILE *out)
{
    print_header(plan, out);
    for (uint32_t section = 0; section < LW_SECTION_STRINGS; section++) {
        uint32_t count = lw_plan_header(plan)->sections[section].count;
        fprintf(out, "%s %u\n", lw_plan_section_name(section), count);
        for (uint32_t i = 0; i < count; i++)
            print_record(plan, section, i, out);
    }
}
