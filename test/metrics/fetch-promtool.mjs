// Fetches promtool into the user's cache where the path has none. The package `prometheus` is not installed for it: that would
// start a server.
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownLists, unpack, withScratch } from '../../scripts/debian-packages.mjs';
import { fetchedPromtool, findPromtool } from './promtool.js';

const PACKAGE = 'prometheus';

function fetchPromtool() {
  withScratch(dirname(fetchedPromtool()), (scratch) => {
    const tree = unpack([PACKAGE], scratch, ownLists(join(scratch, 'apt')));
    renameSync(join(tree, 'usr/bin/promtool'), fetchedPromtool());
  });
  if (findPromtool() === undefined) throw new Error(`that of the package ${PACKAGE} does not run here`);
  console.log(`promtool: ${fetchedPromtool()}, of the package ${PACKAGE}`);
}

try {
  if (findPromtool() === undefined) fetchPromtool();
} catch (error) {
  // The tests then say of themselves why they are skipped.
  console.error(`promtool: ${error.message}`);
}
