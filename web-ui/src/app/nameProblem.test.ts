import i18next from 'i18next';
import { expect, it } from 'vitest';
import '../locales/i18n';
import { nameProblem } from './nameProblem';

it.each([
  ['Anna', undefined],
  ['  ', 'missing'],
  ['x'.repeat(50), undefined],
  ['🦊'.repeat(50), undefined],
  [` ${'x'.repeat(51)} `, 'At most 50 characters; these are 51.'],
])('%j: %s', (name, problem) => expect(nameProblem(name, 'missing', i18next.t)).toBe(problem));
