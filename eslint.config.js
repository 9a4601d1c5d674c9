import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import baselineJs from 'eslint-plugin-baseline-js';
import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import wc from 'eslint-plugin-wc';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = dirname(fileURLToPath(import.meta.url));

/** Forbids imports of these modules. The message of each says why. */
const forbidden = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      patterns: patterns.map(([regex, message, allowTypeImports = false]) => ({
        regex,
        message,
        allowTypeImports,
      })),
    },
  ],
});

const authkitPackage = [
  '^@picahq/authkit$',
  'Only src/authkit/session.ts calls the package, and options.ts reads its types.',
];
const outside = ['^(\\.\\./)+(demo|test)/', 'The package imports nothing from demo or test.'];
const litPackage = [
  '^(lit|@lit)(/|$)|^lit-',
  'authkit/ and endpoints/ work without Lit. Only the elements and what they share use it.',
];
const lazy = [
  '/lazy\\.js$',
  'Only connect/ and the elements load later parts. Other modules are handed what they need.',
];
const laterMessage =
  'Pages download this part only when they need it. Load it through src/lazy.ts, or import only its types.';
const laterDiagnosis = ['/diagnosis/', laterMessage, true];
const laterSurfaces = ['/(preload|window-surface)\\.js$', laterMessage, true];

const everywhere = ['hardening', 'localization'];
const belowElements = [...everywhere, 'authkit', 'endpoints', 'diagnosis', 'connect'];

/** The folders of src that the modules of each folder may import. */
const layers = {
  hardening: [],
  locales: ['localization'],
  localization: ['hardening', 'locales'],
  authkit: everywhere,
  endpoints: everywhere,
  diagnosis: [...everywhere, 'authkit', 'endpoints'],
  connect: belowElements,
  'connect-button': belowElements,
  'connections-list': belowElements,
  'script-tag': [...belowElements, 'connect-button', 'connections-list', 'locales'],
  frameworks: ['connect-button', 'connections-list'],
};

/** Forbids imports of other folders. */
const onlyFrom = (allowed) => {
  const others = Object.keys(layers).filter((folder) => !allowed.includes(folder));
  return [
    `^\\.\\.?/(\\.\\./)*(${others.join('|')})/`,
    `Imports point one way: script-tag → elements → connect → diagnosis → authkit, endpoints → the files at the top of src. Allowed here: ${allowed.join(', ') || 'no folder'}.`,
  ];
};

const entries = ['index', 'button', 'list', 'classes'];
const importsEntry = [
  `^\\.\\./(${entries.join('|')})\\.js$`,
  'The entries of the package import everything else, so nothing imports them.',
];

/** Calls of the platform that take options, and types of options that are put together before. */
const takesOptions = [
  'CallExpression[callee.name=/^(fetch|matchMedia)$/]',
  'CallExpression[callee.property.name=/^(addEventListener|removeEventListener|animate|attachShadow|createPolicy|fetch|focus|getAnimations|observe|postMessage|request|requestIdleCallback|scrollIntoView|scrollTo|setValidity|share|toLocaleString)$/]',
  'NewExpression[callee.name=/^(?!Pica).*(Event|Observer)$|^(Request|Response|Blob|File|Worker)$/]',
  'ClassDeclaration[superClass.name=/Event$/] CallExpression[callee.type="Super"]',
  'NewExpression[callee.object.name="Intl"]',
].map((call) => `${call} > ObjectExpression.arguments`);

const optionsOfPlatform =
  'VariableDeclarator[id.typeAnnotation.typeAnnotation.typeName.name=/(Init|OptionsDict)$/]';

/** What a page can put in the way of by its markup, or by what it adds to `Object.prototype`; each with what to write. */
const hostilePages = [
  {
    selector:
      'MemberExpression[computed=false][object.name="document"], MemberExpression[computed=false][object.property.name=/^(document|ownerDocument)$/], VariableDeclarator[init.name="document"] > ObjectPattern',
    message:
      'An <img name="…"> of the page may stand before this property. Use safeDocument of src/hardening/safe-document.ts.',
  },
  {
    selector: [...takesOptions, `${optionsOfPlatform} > ObjectExpression`].join(', '),
    message:
      'A browser also reads what options inherit from Object.prototype. Use dictionary() of src/hardening/own.ts.',
  },
  {
    selector: 'BinaryExpression[operator="in"], ForInStatement',
    message:
      'This is true for what is inherited too. Use own() of src/hardening/own.ts, or Object.hasOwn().',
  },
  {
    selector: 'CallExpression[callee.object.name="JSON"][callee.property.name="parse"]',
    message:
      'What is missing would be looked for on Object.prototype. Use parseJson() of src/hardening/own.ts.',
  },
];

/** A rule for templates: Lit takes a listener for its options too. */
const listeners = {
  rules: {
    'template-listeners': {
      create: (context) => ({
        TaggedTemplateExpression({ quasi: { quasis, expressions } }) {
          for (const [index, expression] of expressions.entries()) {
            if (!/\s@[\w-]+=$/.test(quasis[index].value.raw)) continue;
            const source = context.sourceCode.getText(expression);
            if (/^listener\(|^on[A-Z]\w*$/.test(source)) continue;
            context.report({
              node: expression,
              message:
                'A function inherits `once` or `signal` from Object.prototype, which Lit gives to addEventListener. Use listener() of src/hardening/own.ts.',
            });
          }
        },
      }),
    },
  },
};

/**
 * What browsers have long had is used as it is. What some do not have is named here with what holds there;
 * demo/docs/browsers.md tells it to users.
 */
const baseline = {
  available: 'widely',
  includeWebApis: { preset: 'type-aware' },
  includeJsBuiltins: { preset: 'type-aware' },
  ignoreFeatures: [
    // `allow` of a frame: a browser without it keeps nothing from the frame either.
    'permissions-policy',
    // Asked for before it is used: without it the time limit tells that AuthKit does not come.
    'reporting',
    // In every browser of the floor, which is a day's; the plugin's data is older.
    'abortsignal-timeout',
    'state',
    // What cannot be copied says so.
    'async-clipboard',
  ],
};

const browserFiles = ['src/**/*.ts'];

/** Run by Node, on the developer's machine: no browser to support, no page to defend against. */
const commandFiles = ['src/commands/**'];

export default defineConfig(
  {
    ignores: [
      ...['**/node_modules/', '**/dist/', '.data/', '.test-results/'],
      // Apps with dependencies of their own, which are installed and checked by `npm run test:packages`.
      'demo/examples/frameworks/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A number in a text needs no conversion.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An empty text counts as none: `||` says that and `??` does not.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // `() => call()` is how a listener is written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `() => {}` says that nothing is done.
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      // `interface HTMLElementEventMap extends …` adds to a declaration of the platform's.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      // Parameters that come before a used one, or that an interface asks for.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            // Declared a promise for the sake of DOM snapshots, and none for anything else.
            { from: 'package', package: 'chai', name: 'Equal' },
            // The runner waits for its tests.
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after'],
            },
          ],
        },
      ],
      // Takes what a mixin or document.createElement makes for no instance of its class.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'demo/**/*.ts', 'test/**/*.ts'],
    extends: [
      lit.configs['flat/recommended'],
      litA11y.configs.recommended,
      wc.configs['flat/best-practice'],
    ],
  },
  {
    files: browserFiles,
    ignores: commandFiles,
    plugins: { 'baseline-js': baselineJs },
    rules: { 'baseline-js/use-baseline': ['error', baseline] },
  },
  // Plain JavaScript has no types to go by.
  { files: ['**/*.{js,cjs,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
  // One place speaks to the console, so that it can be seen what is said there.
  {
    files: browserFiles,
    ignores: [...commandFiles, 'src/log.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: browserFiles,
    ignores: [...commandFiles, 'src/hardening/own.ts', 'src/hardening/safe-document.ts'],
    plugins: { listeners },
    rules: {
      'no-restricted-syntax': ['error', ...hostilePages],
      'listeners/template-listeners': 'error',
    },
  },
  { files: ['src/**/*.ts', 'demo/app/backend/**/*.ts'], rules: { 'max-lines': ['error', 250] } },
  // The import rules: the last block that matches a file counts.
  { files: ['src/**/*.ts'], rules: forbidden(authkitPackage, outside) },
  {
    files: ['src/*.ts'],
    ignores: [...entries, 'lazy'].map((name) => `src/${name}.ts`),
    rules: forbidden(authkitPackage, outside, litPackage, lazy, onlyFrom(everywhere)),
  },
  ...Object.entries(layers).map(([folder, allowed]) => {
    const patterns = [authkitPackage, outside, onlyFrom([folder, ...allowed])];
    if (['authkit', 'endpoints', 'diagnosis'].includes(folder)) patterns.push(litPackage);
    if (!folder.startsWith('connect')) patterns.push(lazy);
    if (folder.startsWith('connect')) patterns.push(laterDiagnosis);
    patterns.push(laterSurfaces);
    if (!['script-tag', 'frameworks'].includes(folder)) patterns.push(importsEntry);
    return { files: [`src/${folder}/**/*.ts`], rules: forbidden(...patterns) };
  }),
  {
    files: ['src/authkit/session.ts', 'src/authkit/options.ts'],
    rules: forbidden(
      ...[outside, litPackage, lazy, laterSurfaces, importsEntry],
      onlyFrom(['authkit', ...everywhere]),
    ),
  },
  // These files are the later parts, or bring them in.
  {
    files: ['src/script-tag/chunks/*.ts', 'src/script-tag/lazy.ts'],
    rules: forbidden(authkitPackage, outside),
  },
);
