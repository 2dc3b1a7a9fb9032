/**
 * The house rules about imports, run by `npm run check` and by test/house/boundaries.spec.ts, which also proves that they bite.
 */

/** A module may import itself and those before it; the files directly in src may import all. */
const ORDER = [
  'config',
  'telemetry',
  'rights',
  'database',
  'audit',
  'access',
  'approvals',
  'grid',
  'readings',
  'uploads',
  'rulebook',
  'balance',
  'detection',
  'alerts',
  'cases',
  'integrity',
  'metrics',
  'simulation',
  'backup',
  'http',
  'demo',
];

const upwards = ORDER.map((module, position) => ({
  name: `${module}-imports-upwards`,
  comment: `src/${module} may import only itself and: ${ORDER.slice(0, position).join(', ') || 'nothing'}.`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: {
    path: `^(src|migrations|web)/`,
    pathNot: `^src/(${ORDER.slice(0, position + 1).join('|')})/${module === 'database' ? '|^migrations/' : ''}`,
  },
}));

module.exports = {
  forbidden: [
    ...upwards,
    {
      name: 'folder-outside-the-order',
      comment: 'A new folder in src belongs into the order above, and into docs/architecture.md.',
      severity: 'error',
      from: { path: `^src/[^/]+/`, pathNot: `^src/(${ORDER.join('|')})/` },
      to: {},
    },
    {
      name: 'no-cycle',
      comment:
        'Two files that need each other are one file, or three. A type alone may point back: no code runs for it.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-imports-domain-only',
      comment: 'Decisions are plain TypeScript: what they need comes in as an argument.',
      severity: 'error',
      from: { path: '/domain/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['local'], pathNot: '/domain/' },
    },
    {
      name: 'domain-without-machinery',
      comment:
        'No framework, database, file, process, network, thread, clock or randomness in domain/. Hashing is plain ' +
        'arithmetic; what else crypto has, test/house/pure-domain.spec.ts refuses.',
      severity: 'error',
      from: { path: '/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: 'node_modules/(simple-statistics|canonicalize)/|^(node:)?crypto$',
      },
    },
    {
      name: 'no-unreachable-file',
      comment: 'What neither the service nor a command reaches is dead, or its wiring is missing.',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: {
        path: '^(src|migrations)/',
        pathNot: '(^src/main|^src/readings/assembly/.*|\\.(spec|d|worker|thread))\\.ts$',
        reachable: false,
      },
    },
    {
      name: 'pages-stand-alone',
      comment: 'The pages know the service by its programming interface only.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|migrations|test|grafana)/' },
    },
    {
      name: 'page-imports-page',
      comment: 'What two pages need lies in components/ or charts/; each page is loaded without the others.',
      severity: 'error',
      from: { path: '^web/src/pages/([^/]+)/' },
      to: { path: '^web/src/pages/', pathNot: '^web/src/pages/$1/' },
    },
    {
      name: 'no-test-in-production-code',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '(^test/|\\.spec\\.ts$)' },
    },
    {
      name: 'production-needs-dependencies-only',
      comment:
        'What runs in production is listed under dependencies: the image is installed without the others.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
