// The layers of src/, checked by `npm run lint`. What each may import is the table below and nothing else; the picture is in
// CONTRIBUTING.md.

const LAYERS = {
  errors: [],
  kernel: ['errors'],
  plan: ['kernel', 'errors'],
  policy: ['plan', 'kernel', 'errors'],
  protocol: ['errors'],
  'audit-log': ['protocol', 'errors'],
  client: ['protocol', 'errors'],
  native: ['plan', 'errors'],
  daemon: ['native', 'audit-log', 'protocol', 'policy', 'plan', 'kernel', 'errors'],
  probe: ['policy', 'plan', 'kernel', 'protocol', 'errors'],
  cli: ['probe', 'policy', 'plan', 'client', 'audit-log', 'protocol', 'errors', 'daemon'],
};

// No file system, network, process or clock: what they need is passed in. Hashes and bytes are pure.
const PURE = ['errors', 'kernel', 'plan', 'policy', 'protocol', 'audit-log'];
const PURE_BUILTINS = '^(node:)?(crypto|buffer)$';

// server-identity.ts is for clients, which need not load the daemon.
const DAEMON_ENTRIES = '^src/daemon/(index|server-identity)\\.ts$';

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `layer-${layer}`,
  comment: `src/${layer} may import ${allowed.length === 0 ? 'no other layer' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'layer-unknown',
      comment: 'Every module in src/ belongs to a layer of this file.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(LAYERS).join('|')})/` },
      to: {},
    },
    {
      name: 'daemon-entry',
      comment:
        'The command line starts the daemon only through src/daemon/index.ts, and checks who serves by server-identity.ts.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/daemon/', pathNot: DAEMON_ENTRIES },
    },
    {
      name: 'pure',
      comment: `${PURE.join(', ')} have no effects: of Node's modules they may import crypto and buffer.`,
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/`, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: PURE_BUILTINS },
    },
    { name: 'no-cycle', comment: 'No import cycles.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'resolvable',
      comment: 'Every import leads to a file or a listed dependency.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency',
      comment: 'What is shipped imports no dev dependency.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
