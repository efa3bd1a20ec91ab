// System packages that only tests need: installed where that may be; where not, those tests are skipped by name.
import { ensureSystemPackages } from './system-packages.mjs';

for (const part of ['unit', 'integration']) {
  try {
    ensureSystemPackages(part);
  } catch (error) {
    console.error(`packages: ${error.message}`);
  }
}
