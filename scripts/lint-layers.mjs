// The layer check: fails on any import that breaks a rule, or when suspiciously little was seen.
import { fileURLToPath } from 'node:url';
import { cruiseLayers } from './cruise-layers.mjs';

// A check that sees nothing finds nothing: with an unsupported TypeScript dependency-cruiser cruises no module and says so
// happily. Raise the floor as src/ grows.
const FLOOR = 30;

const { modules, violations } = cruiseLayers(fileURLToPath(new URL('..', import.meta.url)));
for (const violation of violations) console.error(violation);
if (modules < FLOOR) console.error(`only ${modules} modules of src/ were seen, ${FLOOR} at least were expected`);
if (violations.length > 0 || modules < FLOOR) process.exit(1);
console.log(`layers: ${modules} modules, no violation`);
