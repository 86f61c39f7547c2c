// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { showPage } from '../testing/page';
import { ProblemBanner } from './ProblemBanner';

it('has the way to sign in where a login is missing, and back from there', () => {
  const problem = { kind: 'login' as const, message: '' };
  const Banner = () => <ProblemBanner problem={problem} onForce={() => undefined} />;
  showPage({ path: '/room/a', Component: Banner }, '/room/a?secret=s');
  const signIn = screen.getByRole('link', { name: 'Sign in' });
  expect(signIn.getAttribute('href')).toBe(`/login?next=${encodeURIComponent('/room/a?secret=s')}`);
});
