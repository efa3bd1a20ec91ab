/*
 * The five capability sets and the securebits (capabilities(7)). All functions may be used after clone.
 */
#ifndef LW_CAPS_H
#define LW_CAPS_H

#include <stdint.h>

/* Drops every capability but those of `keep` from the bounding set. Needs CAP_SETPCAP. Returns 0 or -errno. */
int lw_caps_drop_bounding(uint64_t keep);

/*
 * Makes all five sets equal to `keep` (bit n = capability n) and sets the securebits, in the order that the kernel asks
 * for: what needs CAP_SETPCAP comes before the permitted set is emptied. Returns 0 or -errno.
 */
int lw_caps_apply(uint64_t keep, uint32_t securebits);

#endif
