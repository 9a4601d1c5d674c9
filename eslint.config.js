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
  'Only src/authkit/open-with-own-globals.ts calls the package, and options.ts reads its types.',
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
const laterSurfaces = ['/(opener|list-actions|preload|window-surface)\\.js$', laterMessage, true];

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

/** Calls of the platform that take an object of options. */
const takesOptions = [
  'CallExpression[callee.name=/^(fetch|matchMedia)$/]',
  'CallExpression[callee.property.name=/^(addEventListener|removeEventListener|animate|attachShadow|createPolicy|fetch|focus|getAnimations|observe|postMessage|request|requestIdleCallback|scrollIntoView|scrollTo|setValidity|share|toLocaleString)$/]',
  'NewExpression[callee.name=/^(?!Pica).*(Event|Observer)$|^(Request|Response|Blob|File|Worker)$/]',
  'ClassDeclaration[superClass.name=/Event$/] CallExpression[callee.type="Super"]',
  'NewExpression[callee.object.name="Intl"]',
].map((call) => `${call} > ObjectExpression.arguments`);

/** Variables for such options. */
const platformOptions =
  'VariableDeclarator[id.typeAnnotation.typeAnnotation.typeName.name=/(Init|OptionsDict)$/]';

/** Code that a page's markup, or an addition to `Object.prototype`, can change. Each message says what to write instead. */
const hostilePages = [
  {
    selector:
      'MemberExpression[computed=false][object.name="document"], MemberExpression[computed=false][object.property.name=/^(document|ownerDocument)$/], VariableDeclarator[init.name="document"] > ObjectPattern',
    message:
      'An <img name="…"> of the page may shadow this property. Use safeDocument from src/hardening/safe-document.ts.',
  },
  {
    selector: [...takesOptions, `${platformOptions} > ObjectExpression`].join(', '),
    message:
      'Browsers also read options that are inherited from Object.prototype. Use dictionary() from src/hardening/prototype-pollution.ts.',
  },
  {
    selector: 'BinaryExpression[operator="in"], ForInStatement',
    message:
      'This includes inherited properties. Use own() from src/hardening/prototype-pollution.ts, or Object.hasOwn().',
  },
  {
    selector: 'CallExpression[callee.object.name="JSON"][callee.property.name="parse"]',
    message:
      'Missing members would be read from Object.prototype. Use parseJson() from src/hardening/prototype-pollution.ts.',
  },
];

/** A rule for templates, because Lit passes a listener to addEventListener() as the options too. */
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
                'Lit passes the listener to addEventListener() as the options too, and a function may inherit `once` or `signal` from Object.prototype. Use listener() from src/hardening/prototype-pollution.ts.',
            });
          }
        },
      }),
    },
  },
};

/**
 * Features that browsers have had for long can be used. Newer ones are listed with the reason why they can be, and
 * demo/docs/browsers.md tells users what happens without them.
 */
const baseline = {
  available: 'widely',
  includeWebApis: { preset: 'type-aware' },
  includeJsBuiltins: { preset: 'type-aware' },
  ignoreFeatures: [
    // The `allow` of a frame. A browser without it doesn't restrict the frame either.
    'permissions-policy',
    // Detected before it is used. Without it, the time limit ends an opening that doesn't load.
    'reporting',
    // In all supported browsers. The plugin's data is older.
    'abortsignal-timeout',
    'state',
    // The copy button says when it could not copy.
    'async-clipboard',
  ],
};

const browserFiles = ['src/**/*.ts'];

/** These run in Node on the developer's machine, so there is no browser to support and no page to defend against. */
const commandFiles = ['src/commands/**'];

export default defineConfig(
  {
    ignores: [
      ...['**/node_modules/', '**/dist/', '.data/', '.test-results/'],
      // These apps have dependencies of their own. `npm run test:packages` installs and checks them.
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
      // A number in a template needs no conversion.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An empty string counts as missing, so `||` is right and `??` is not.
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        { ignorePrimitives: { string: true } },
      ],
      // Listeners are written as `() => call()`.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `() => {}` does nothing on purpose.
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      // `interface HTMLElementEventMap extends …` extends a declaration of the platform.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      // Parameters before a used one, and parameters that an interface requires.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            // Declared as a promise for DOM snapshots. In other uses it is not one.
            { from: 'package', package: 'chai', name: 'Equal' },
            // The test runner waits for these.
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after'],
            },
          ],
        },
      ],
      // Wrong about instances from a mixin or from document.createElement().
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
  // Plain JavaScript has no types.
  { files: ['**/*.{js,cjs,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
  // Only log.ts writes to the console, so that it is easy to see what is written there.
  {
    files: browserFiles,
    ignores: [...commandFiles, 'src/log.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: browserFiles,
    ignores: [
      ...commandFiles,
      'src/hardening/prototype-pollution.ts',
      'src/hardening/safe-document.ts',
    ],
    plugins: { listeners },
    rules: {
      'no-restricted-syntax': ['error', ...hostilePages],
      'listeners/template-listeners': 'error',
    },
  },
  { files: ['src/**/*.ts', 'demo/app/backend/**/*.ts'], rules: { 'max-lines': ['error', 250] } },
  // The import rules. If several blocks match a file, the last one counts.
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
    files: ['src/authkit/open-with-own-globals.ts', 'src/authkit/options.ts'],
    rules: forbidden(
      ...[outside, litPackage, lazy, laterSurfaces, importsEntry],
      onlyFrom(['authkit', ...everywhere]),
    ),
  },
  // These files contain the later parts, or load them.
  {
    files: ['src/script-tag/chunks/*.ts', 'src/script-tag/{lazy,later}.ts'],
    rules: forbidden(authkitPackage, outside),
  },
);
