/* Generated from schemas/kernel/landlock.json (bits: linux-libc-dev 7.3.4-1~bpo13+1) by scripts/gen/landlock.mjs. Do not edit: run `npm run gen`. */
#ifndef LW_LANDLOCK_GEN_H
#define LW_LANDLOCK_GEN_H

#include <stdint.h>

#define LW_LANDLOCK_ABI_KNOWN 11u

/* All rights that an ABI knows; the index is the ABI. */
static const struct {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
} lw_landlock_abi_rights[] = {
    {0, 0, 0}, /* 0: no Landlock */
    {0x1fffu, 0x0u, 0x0u}, /* 1: Linux 5.13 */
    {0x3fffu, 0x0u, 0x0u}, /* 2: Linux 5.19 */
    {0x7fffu, 0x0u, 0x0u}, /* 3: Linux 6.2 */
    {0x7fffu, 0x3u, 0x0u}, /* 4: Linux 6.7 */
    {0xffffu, 0x3u, 0x0u}, /* 5: Linux 6.10 */
    {0xffffu, 0x3u, 0x3u}, /* 6: Linux 6.12 */
    {0xffffu, 0x3u, 0x3u}, /* 7: Linux 6.15 */
    {0xffffu, 0x3u, 0x3u}, /* 8: Linux 7.0 */
    {0x1ffffu, 0x3u, 0x3u}, /* 9: Linux 7.1 */
    {0x1ffffu, 0xfu, 0x3u}, /* 10: Linux 7.2 */
    {0x1ffffu, 0xfu, 0x3u}, /* 11: Linux 7.3 */
};

#endif
