/*
 * SHA-256 (FIPS 180-4), for the receipt: which filter program a job has really given to the kernel. May be used after clone, where
 * nothing else may be loaded or allocated; that is why it is no library's.
 */
#ifndef LW_SHA256_H
#define LW_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define LW_SHA256_SIZE 32u

/* The digest of `size` bytes. */
void lw_sha256(const void *data, size_t size, uint8_t digest[LW_SHA256_SIZE]);

#endif
