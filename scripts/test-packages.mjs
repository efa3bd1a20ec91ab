// System packages that only tests need: installed where that may be; where not, those tests are skipped by name.
import { ensureSystemPackages } from './system-packages.mjs';

try {
  ensureSystemPackages('integration');
} catch (error) {
  console.error(`packages: ${error.message}`);
}
