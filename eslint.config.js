import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

// Node runs our TypeScript by stripping the types, so only syntax that vanishes is allowed.
const erasableOnly = ["TSEnumDeclaration", "TSModuleDeclaration[declare!=true]", "TSParameterProperty"].map(
  (selector) => ({
    selector,
    message: "Node cannot strip this syntax.",
  }),
);
const entryPoints = [
  "workers/cli/**",
  "circuits/toolchain/snarkjs-process.ts",
  "workers/daemon/execution/executor/executor-process.ts",
  "scripts/**",
  "examples/*/*.ts",
  "test/**",
];

export default defineConfig(
  { ignores: ["node_modules", "dist", "cache", "artifacts", "types", "coverage", "workers/sdk/abi"] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // Functions that return void inside short arrow functions read better without braces.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        ...erasableOnly,
        {
          selector: "MemberExpression[object.name='process'][property.name=/^(env|argv|exit|exitCode|on|once)$/]",
          message: "Only the command line's entry files read the process's environment, arguments and signals.",
        },
      ],
      eqeqeq: "error",
      complexity: ["error", 15],
      "max-depth": ["error", 3],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: entryPoints, rules: { "no-restricted-syntax": ["error", ...erasableOnly], "no-console": "off" } },
  {
    files: ["test/**"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "max-lines": "off" },
  },
);
