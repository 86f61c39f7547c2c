/**
 * Opens every page against the mock backend (`npm run dev:mock`), takes pictures of it and runs axe.
 * Usage: node scripts/look.mjs OUT_DIR [name-pattern [look-pattern]], for example `pictures '^join' phone`.
 * Environment: URL, CHROMIUM.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright';

const out = process.argv[2] ?? 'pictures';
const wanted = new RegExp(process.argv[3] ?? '');
const wantedLook = new RegExp(process.argv[4] ?? '');
const base = process.env['URL'] ?? 'http://localhost:5173';
const ROOM = '/room/board_room-k3f9a27hq0x41zt';
const signedIn = true;

const name = (page) => page.getByRole('textbox', { name: 'Your name' });
const join = async (page) => {
  await name(page).fill('Robin Doe');
  await page.getByRole('button', { name: 'Join meeting' }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  await page.waitForTimeout(1500);
};
const mock = (page, call) => page.evaluate(call);

const pages = [
  { name: 'login', path: '/login' },
  {
    name: 'login-wrong',
    path: '/login',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'User' }).fill('admin');
      await page.getByLabel('Password').fill('nope');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    },
  },
  { name: 'overview', path: '/', signedIn },
  {
    name: 'overview-recording',
    path: '/',
    signedIn,
    act: async (page) => {
      await page.getByRole('button', { name: 'Start recording' }).click();
      await page.getByRole('button', { name: 'Stop recording' }).waitFor();
      await page.waitForTimeout(1200);
    },
  },
  { name: 'recordings', path: '/recordings', signedIn },
  {
    name: 'recordings-selected',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      const boxes = page.locator('tbody label');
      await boxes.nth(0).click();
      await boxes.nth(2).click();
    },
  },
  {
    name: 'recordings-delete',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Delete recording/ })
        .first()
        .click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'recordings-none',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      await page.getByRole('searchbox').fill('zzz');
      await page.getByText('No recording matches').waitFor();
    },
  },
  { name: 'recording', path: '/recordings/board_room-k3f9a27hq0x41zt--EG_mock0--1000', signedIn },
  { name: 'profile', path: '/profile', signedIn },
  { name: 'panel', path: '/panel' },
  {
    name: 'panel-recording',
    path: '/panel',
    act: async (page) => {
      await page.getByRole('button', { name: 'Record', exact: true }).click();
      await page.getByRole('button', { name: 'Mute' }).click();
      await page.waitForTimeout(1500);
    },
  },
  { name: 'notfound', path: '/nowhere' },
  { name: 'join', path: `${ROOM}?secret=spk0123456` },
  {
    name: 'join-off',
    path: `${ROOM}?secret=mod0123456`,
    act: async (page) => {
      await page.getByRole('button', { name: 'Turn camera off' }).click();
      await page.getByRole('button', { name: 'Join meeting' }).click();
      await page.getByText('Please enter your name').waitFor();
    },
  },
  { name: 'join-denied', path: `${ROOM}?secret=spk0123456`, denied: true },
  { name: 'join-gone', path: '/room/gone?secret=x' },
  { name: 'join-secret', path: `${ROOM}?secret=wrong` },
  { name: 'join-closed', path: '/room/closed?secret=closed' },
  {
    name: 'join-full',
    path: `${ROOM}?secret=full`,
    act: async (page) => {
      await name(page).fill('Robin');
      await page.getByRole('button', { name: 'Join meeting' }).click();
      await page.getByText('This meeting is full').waitFor();
    },
  },
  { name: 'room-recordings', path: `${ROOM}/recordings?secret=spk0123456` },
  { name: 'meeting-grid', path: `${ROOM}?secret=mod0123456&people=5`, act: join },
  { name: 'meeting-two', path: `${ROOM}?secret=mod0123456&people=1`, act: join },
  { name: 'meeting-alone', path: `${ROOM}?secret=mod0123456&people=0`, act: join },
  { name: 'meeting-many', path: `${ROOM}?secret=mod0123456&people=30`, act: join },
  {
    name: 'meeting-speaker',
    path: `${ROOM}?secret=mod0123456&people=6`,
    act: async (page) => {
      await join(page);
      await page.keyboard.press('l');
      await mock(page, () => globalThis.mockMeeting.speak(1));
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'meeting-chat',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'Chat', exact: true }).click();
      await page.getByRole('textbox', { name: 'Message to everyone' }).fill('Hello, see https://example.org/agenda.');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'meeting-people',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'Participants' }).click();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'meeting-recording',
    path: `${ROOM}?secret=spk0123456&people=4`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockBox.setRecording('recording'));
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'meeting-reconnecting',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.reconnecting(true));
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'meeting-menu',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'meeting-invite',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Invite people' }).click();
      await page.getByRole('img', { name: /QR/ }).waitFor();
    },
  },
  {
    name: 'left',
    path: `${ROOM}?secret=mod0123456&people=1`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.end(4));
      await page.getByRole('button', { name: 'Rejoin' }).waitFor();
    },
  },
];

const sizes = { wide: { width: 1280, height: 800 }, phone: { width: 320, height: 640 } };
const looks = [
  ['wide', 'light'],
  ['wide', 'dark'],
  ['phone', 'light'],
  ['phone', 'dark'],
];

await mkdir(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-device-for-media-stream',
  ],
});
let found = 0;
for (const [size, scheme] of looks.filter((look) => wantedLook.test(look.join('-')))) {
  for (const one of pages.filter((entry) => wanted.test(entry.name))) {
    const context = await browser.newContext({
      viewport: sizes[size],
      colorScheme: scheme,
      permissions: one.denied ? [] : ['camera', 'microphone'],
      baseURL: base,
      hasTouch: size === 'phone',
    });
    if (one.signedIn) {
      await context.addInitScript(() =>
        localStorage.setItem('huddlebox.session', JSON.stringify({ accessToken: 'access', refreshToken: 'refresh' })),
      );
    }
    const page = await context.newPage();
    const label = `${one.name}-${size}-${scheme}`;
    page.on('pageerror', (error) => console.log(`${label}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/404|40\d|50\d/.test(message.text()))
        console.log(`${label}: ${message.text()}`);
    });
    try {
      await page.goto(one.path);
      await page.waitForLoadState('load');
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(700);
      await one.act?.(page);
      await page.screenshot({ path: `${out}/${label}.png` });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) console.log(`${label}: ${overflow} px too wide`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
        found += 1;
        for (const node of nodes.slice(0, 4))
          console.log(`${label}: axe ${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`);
      }
    } catch (error) {
      found += 1;
      await page.screenshot({ path: `${out}/${label}-failed.png` }).catch(() => undefined);
      console.log(`${label}: ${String(error).split('\n')[0]}`);
    }
    await context.close();
  }
}
await browser.close();
console.log(found === 0 ? 'Nothing found.' : `${found} problems.`);
process.exitCode = found === 0 ? 0 : 1;
