import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';
import './locales/i18n';

// jsdom has neither: dialogs ask for the one, pages for the other.
if (typeof window !== 'undefined')
  Object.assign(globalThis, { CSS: { escape: (text: string) => text }, matchMedia: () => ({ matches: false }) });

configure({ asyncUtilTimeout: 6000 });

afterEach(cleanup);
