import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import './locales/i18n';

// Dialogs ask for it; jsdom has none.
if (typeof window !== 'undefined') Object.assign(globalThis, { CSS: { escape: (text: string) => text } });

afterEach(cleanup);
