/* What a build without a layer can be known by; nothing that is shipped contains it (test/conformance/runner/layers.test.ts). */
#include "knockout.h"

__attribute__((used)) const char lw_knockout_mark[] = "leeward-knockout: " LW_KNOCKOUT;
