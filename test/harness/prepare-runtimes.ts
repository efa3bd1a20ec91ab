// Builds the runtimes that tests need, before any test waits for their downloads.
import { prepareHost } from './host.js';

prepareHost('test/integration/policies').remove();
