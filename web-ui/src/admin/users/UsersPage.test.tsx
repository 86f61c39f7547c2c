// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { ADMIN, fakeBox, page, showPage, type Call } from '../../testing/page';
import { UsersPage } from './UsersPage';

const ann = { userId: 'ann_s', name: 'Ann', role: 'user', registrationDate: 0, online: true };
const root = { ...ADMIN, online: true };

function show(me: object = ADMIN): Call[] {
  const changes = fakeBox(({ method, path }) => {
    if (method === 'GET' && path.startsWith('/users?')) return page('users', [root, ann]);
    if (method === 'POST') return Response.json(ann, { status: 201 });
    if (method === 'DELETE') return { message: '', deleted: ['ann_s'], failed: [] };
    return ann;
  }, me);
  showPage({ path: '/users', Component: UsersPage });
  return changes;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('the users', () => {
  it('are made with a first password, which is shown to be passed on', async () => {
    const changes = show();
    fireEvent.click(await screen.findByRole('button', { name: 'New user' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: ' Ann ' } });
    fireEvent.change(screen.getByRole('textbox', { name: /^User name/ }), { target: { value: 'Ann!' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await waitFor(() => expect(screen.getAllByText('5–20 small letters, digits or _')).toHaveLength(2));
    expect(changes).toEqual([]);
    fireEvent.change(screen.getByRole('textbox', { name: /^User name/ }), { target: { value: 'ann_s' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await screen.findByRole('button', { name: 'Copy password' });
    const { password } = changes[0]?.body as { password: string };
    expect(changes[0]?.body).toMatchObject({ userId: 'ann_s', name: 'Ann', role: 'user' });
    expect(screen.getByText(password)).toBeTruthy();
  });

  it('are renamed', async () => {
    const changes = show();
    fireEvent.click(await screen.findByRole('button', { name: 'Rename Ann' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: 'Anne ' } });
    fireEvent.click(screen.getByRole('button', { name: 'Rename' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ method: 'PATCH', path: '/users/ann_s', body: { name: 'Anne' } }]),
    );
  });

  it('are deleted after it was said what becomes of their rooms', async () => {
    const changes = show();
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('pass to the root administrator');
    fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect(changes).toMatchObject([{ method: 'DELETE', path: '/users?userIds=ann_s' }]));
  });

  it('include nobody one may not touch: neither oneself nor the root administrator', async () => {
    show({ ...ann, role: 'admin' });
    await screen.findByRole('row', { name: /^Administrator/ });
    await screen.findByRole('button', { name: 'New user' });
    expect(screen.queryByRole('button', { name: /^Delete/ })).toBeNull();
    expect(screen.queryByRole('checkbox')).toBeNull();
  });

  it('are only shown to a security admin', async () => {
    show({ ...ADMIN, userId: 'audit', role: 'security_admin' });
    await screen.findByRole('row', { name: /Ann/ });
    expect(screen.queryByRole('button', { name: 'New user' })).toBeNull();
    expect(screen.queryByRole('button', { name: /Ann/ })).toBeNull();
  });
});
