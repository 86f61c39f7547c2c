/** Sets up i18next. Import once for its effect before anything is drawn. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { isolate } from '../lib/isolate';
import { en } from './en';

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  // React escapes; names in another direction of writing keep it to themselves.
  interpolation: { escape: isolate },
  initAsync: false,
});
