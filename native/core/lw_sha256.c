#include "lw_sha256.h"

#include <string.h>

enum { BLOCK_SIZE = 64, ROUNDS = 64, LENGTH_SIZE = 8 };

static const uint32_t round_constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static uint32_t load_big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void store_big_endian(uint8_t *bytes, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++) bytes[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void expand(uint32_t schedule[ROUNDS], const uint8_t *block)
{
    for (unsigned i = 0; i < 16; i++) schedule[i] = load_big_endian(block + 4 * i);
    for (unsigned i = 16; i < ROUNDS; i++) {
        uint32_t early = schedule[i - 15], late = schedule[i - 2];
        uint32_t sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3;
        uint32_t sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10;
        schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
    }
}

/* FIPS 180-4, 6.2.2; `v` are its a to h. */
static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t schedule[ROUNDS], v[8];
    expand(schedule, block);
    memcpy(v, state, sizeof(v));
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t sum1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t first = v[7] + sum1 + choice + round_constants[i] + schedule[i];
        uint32_t sum0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += first;
        v[0] = first + sum0 + majority;
    }
    for (unsigned i = 0; i < 8; i++) state[i] += v[i];
}

/* What is left of the message, a one bit, zeroes, and its length in bits: one or two blocks. */
static void finish(uint32_t state[8], const uint8_t *rest, size_t rest_size, uint64_t size)
{
    uint8_t blocks[2 * BLOCK_SIZE] = {0};
    size_t used = rest_size + 1 + LENGTH_SIZE <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    memcpy(blocks, rest, rest_size);
    blocks[rest_size] = 0x80;
    store_big_endian(blocks + used - 8, (uint32_t)(size >> 29));
    store_big_endian(blocks + used - 4, (uint32_t)(size << 3));
    for (size_t at = 0; at < used; at += BLOCK_SIZE) compress(state, blocks + at);
}

void lw_sha256(const void *data, size_t size, uint8_t digest[LW_SHA256_SIZE])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const uint8_t *bytes = data;
    size_t whole = size - size % BLOCK_SIZE;
    for (size_t at = 0; at < whole; at += BLOCK_SIZE) compress(state, bytes + at);
    finish(state, bytes + whole, size - whole, size);
    for (unsigned i = 0; i < 8; i++) store_big_endian(digest + 4 * i, state[i]);
}
