// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { ADMIN, fakeBox, page, showPage, stale, tagged, type Answer, type Call } from '../../testing/page';
import { UsersPage } from './UsersPage';

const ann = { userId: 'ann_s', name: 'Ann', role: 'user', registrationDate: 0, online: true };
const root = { ...ADMIN, online: true };

function show(me: object = ADMIN, answer: Answer = () => undefined): Call[] {
  const changes = fakeBox((call) => {
    const { method, path } = call;
    const own = answer(call);
    if (own !== undefined) return own;
    if (method === 'GET' && path.startsWith('/users?')) return page('users', [root, ann]);
    if (method === 'POST') return Response.json(ann, { status: 201 });
    return tagged(ann, 3);
  }, me);
  showPage({ path: '/users', Component: UsersPage });
  return changes;
}

async function confirmDeletion(): Promise<void> {
  const button = screen.getByRole('button', { name: 'Delete' });
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  fireEvent.click(button);
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
    fireEvent.change(await screen.findByRole('textbox', { name: 'Name' }), { target: { value: 'Anne ' } });
    fireEvent.click(screen.getByRole('button', { name: 'Rename' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ method: 'PATCH', path: '/users/ann_s', body: { name: 'Anne' } }]),
    );
    expect(changes[0]?.headers.get('If-Match')).toBe('"3"');
  });

  it('keep what was typed when somebody else was faster, and show what they made of it', async () => {
    let now = tagged(ann, 3);
    const changes = show(ADMIN, ({ method, path, headers }) => {
      if (method === 'GET' && path === '/users/ann_s') return now.clone();
      if (method !== 'PATCH' || headers.get('If-Match') === '"4"') return undefined;
      now = tagged({ ...ann, name: 'Anna' }, 4);
      return stale();
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Rename Ann' }));
    const name = await screen.findByRole('textbox', { name: 'Name' });
    fireEvent.change(name, { target: { value: 'Anne' } });
    fireEvent.click(screen.getByRole('button', { name: 'Rename' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Somebody else has changed this meanwhile');
    await screen.findByText('Somebody else chose the name “Anna”.');
    expect(name).toHaveProperty('value', 'Anne');
    fireEvent.click(screen.getByRole('button', { name: 'Rename' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(changes.map((call) => call.headers.get('If-Match'))).toEqual(['"3"', '"4"']);
  });

  it('get another role in the version that was shown', async () => {
    const changes = show(ADMIN, ({ method }) => (method === 'PUT' ? stale() : undefined));
    fireEvent.click(await screen.findByRole('button', { name: 'Change role of Ann' }));
    await screen.findByText('The role is now: User');
    expect(screen.getByRole('button', { name: 'Change role' })).toHaveProperty('disabled', true);
    expect(changes).toEqual([]);
  });

  it('cannot be made twice by one name: the field says so, and has the focus', async () => {
    const taken = { error: 'Conflict', code: 'user_exists', message: 'x' };
    show(ADMIN, ({ method }) => (method === 'POST' ? Response.json(taken, { status: 409 }) : undefined));
    fireEvent.click(await screen.findByRole('button', { name: 'New user' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: 'Ann' } });
    const userId = screen.getByRole('textbox', { name: /^User name/ });
    fireEvent.change(userId, { target: { value: 'ann_s' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    await screen.findByText('There is a user with this name already.');
    await waitFor(() => expect(document.activeElement).toBe(userId));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('are made whatever is pressed meanwhile, and the password is shown until it is passed on', async () => {
    let finish = () => {};
    const made = new Promise<void>((resolve) => (finish = resolve));
    show(ADMIN, ({ method }) => (method === 'POST' ? made.then(() => Response.json(ann, { status: 201 })) : undefined));
    fireEvent.click(await screen.findByRole('button', { name: 'New user' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: 'Ann' } });
    fireEvent.change(screen.getByRole('textbox', { name: /^User name/ }), { target: { value: 'ann_s' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    const escape = () => fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    await waitFor(() => expect(screen.getByRole('button', { name: 'Create' }).ariaDisabled).toBe('true'));
    escape();
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    finish();
    await screen.findByRole('button', { name: 'Copy password' });
    escape();
    expect(screen.getByRole('button', { name: 'Copy password' })).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('are deleted after it was said what becomes of their rooms', async () => {
    const changes = show();
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    expect(screen.getByRole('alertdialog').textContent).toContain('pass to the root administrator');
    await confirmDeletion();
    await waitFor(() => expect(changes).toMatchObject([{ method: 'DELETE', path: '/users/ann_s' }]));
    expect(changes[0]?.headers.get('If-Match')).toBe('"3"');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });

  it('are not deleted when somebody else has changed them, but shown as they are now', async () => {
    let now = tagged(ann, 3);
    const changes = show(ADMIN, ({ method, path, headers }) => {
      if (method === 'GET' && path === '/users/ann_s') return now.clone();
      if (method !== 'DELETE' || headers.get('If-Match') === '"4"') return undefined;
      now = tagged({ ...ann, name: 'Anna', role: 'admin' }, 4);
      return stale();
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    await confirmDeletion();
    expect((await screen.findByRole('alert')).textContent).toContain('nothing is deleted yet');
    expect(await screen.findByText('Anna (Administrator)')).toBeTruthy();
    await confirmDeletion();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(changes.map((call) => call.headers.get('If-Match'))).toEqual(['"3"', '"4"']);
  });

  it('are not deleted while it is not known what they are now', async () => {
    let isBusy = true;
    const changes = show(ADMIN, ({ method, path }) =>
      isBusy && method === 'GET' && path === '/users/ann_s' ? new Response(null, { status: 503 }) : undefined,
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The box does not answer');
    expect(screen.getByRole('button', { name: 'Delete' })).toHaveProperty('disabled', true);
    isBusy = false;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await confirmDeletion();
    await waitFor(() => expect(changes).toHaveLength(1));
    expect(changes[0]?.headers.get('If-Match')).toBe('"3"');
  });

  it('that are gone already are no reason to wait', async () => {
    const gone = () => Response.json({ error: 'x', message: 'x' }, { status: 404 });
    show(ADMIN, ({ path }) => (path === '/users/ann_s' ? gone() : undefined));
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    await confirmDeletion();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });

  it('are asked about by the name they have now', async () => {
    show(ADMIN, ({ method, path }) =>
      method === 'GET' && path === '/users/ann_s' ? tagged({ ...ann, name: 'Anna' }, 4) : undefined,
    );
    fireEvent.click(await screen.findByRole('button', { name: 'Delete Ann' }));
    await screen.findByRole('alertdialog', { name: /Anna/ });
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
