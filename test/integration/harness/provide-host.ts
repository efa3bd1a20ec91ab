// Each test file is a process of its own: vitest hands over what the global setup has prepared.
import { inject } from 'vitest';
import { provideHost } from '../../harness/host.js';

provideHost(inject('host'));
