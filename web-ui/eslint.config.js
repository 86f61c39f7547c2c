import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const livekit = { group: ['livekit-client', '@livekit/*'], message: 'Only src/meeting talks to LiveKit.' };
const aria = { group: ['react-aria-components'], message: 'Use the wrappers in src/ui.' };
const noDefault = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only.',
};
const edges = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['dist', 'dist-mock', 'mock/public', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  reactHooks.configs.flat['recommended-latest'],
  jsxA11y.flatConfigs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-restricted-syntax': ['error', noDefault],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      // The room and its recordings have no caption tracks to offer.
      'jsx-a11y/media-has-caption': 'off',
      // React Aria manages focus on purpose where this is used.
      'jsx-a11y/no-autofocus': 'off',
    },
  },
  { files: ['src/**/*.{ts,tsx}'], rules: edges(livekit, aria) },
  { files: ['src/meeting/**/*.{ts,tsx}'], rules: edges(aria) },
  {
    files: ['src/ui/**/*.{ts,tsx}'],
    rules: edges(livekit, {
      group: ['react-router', '@tanstack/*', '**/api/*', '**/admin/*', '**/meeting/*'],
      message: 'src/ui knows neither routes nor server state.',
    }),
  },
  {
    files: ['src/lib/**/*.ts'],
    rules: edges(livekit, aria, {
      group: ['react', 'react-*', '@tanstack/*', '**/ui/*', '**/admin/*', '**/meeting/*'],
      message: 'src/lib holds pure functions.',
    }),
  },
  { files: ['*.config.{ts,js}'], rules: { 'no-restricted-syntax': 'off' }, languageOptions: { globals: globals.node } },
  { files: ['scripts/**'], rules: { 'no-console': 'off' }, languageOptions: { globals: globals.node } },
);
